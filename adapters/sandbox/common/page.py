"""page - the plain pages on which a person sees the cases; the same look for all systems."""
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

STYLE = """
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; margin: 0; color: #1b2733; background: #f4f6f8 }
header { background: %s; color: #fff; padding: 14px 32px } header a { color: #fff; margin-right: 20px } header b { margin-right: 28px }
main { max-width: 1280px; margin: 24px auto; padding: 0 32px } h1 { font-size: 24px; margin: 0 0 16px } h2 { font-size: 18px; margin: 28px 0 8px }
table { border-collapse: collapse; width: 100%%; background: #fff; box-shadow: 0 1px 2px #0002 }
th, td { text-align: left; padding: 9px 12px; border-bottom: 1px solid #e3e8ed; vertical-align: top } th { font-size: 13px; color: #5a6b7b; white-space: nowrap }
td.text { white-space: pre-line } td:first-child, td .whole { white-space: nowrap } td .key { font-size: 14px; color: #5a6b7b; overflow-wrap: anywhere }
ul.log { list-style: none; margin: 0; padding: 0; min-width: 400px } ul.log time { color: #5a6b7b; font-size: 14px; margin-right: 8px } .status { display: inline-block; border-radius: 10px; padding: 1px 10px; background: #e3ecf7; white-space: nowrap; font-size: 14px }
.ended { background: #e5e9ec } .stopped { background: #f9e1dd } .good { background: #dcf2e1 } .quiet { color: #5a6b7b } a { color: #14508c }
"""
TONE = {"completed": "good", "accepted": "good", "declined": "stopped", "failed": "stopped", "revoked": "ended",
        "withdrawn": "ended", "expired": "stopped", "in_error": "ended", "redirected": "ended"}


def local (text, zone="Europe/Copenhagen"):
    """A stored UTC time as people there read it."""
    return datetime.fromisoformat (text.replace ("Z", "+00:00")).astimezone (ZoneInfo (zone)).strftime ("%d.%m.%Y %H:%M")


def document (title, language, colour, menu, body):
    links = "".join (f'<a href="{href}">{escape (text)}</a>' for text, href in menu[1:])
    return (f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape (title)}</title>'
            f'<style>{STYLE % colour}</style></head>\n<body><header><b>{escape (menu[0])}</b>{links}</header>\n'
            f"<main><h1>{escape (title)}</h1>\n{body}</main></body></html>\n")


def table (headings, rows):
    """rows: lists of cells that are HTML already; without headings there is no head."""
    head = "".join (f"<th>{escape (text)}</th>" for text in headings)
    head = f"<tr>{head}</tr>\n" if head else ""
    lines = "\n".join ("<tr>" + "".join (f'<td class="text">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}{lines}</table>\n"


def status (phase, word):
    return f'<span class="status {TONE.get (phase, "")}">{escape (word)}</span>'


def facts (pairs):
    """A case's head: name and value, empty ones left out."""
    return table ((), [(f'<span class="quiet">{escape (name)}</span>', escape (value)) for name, value in pairs if value])


def whole (text):
    """A text that is not broken."""
    return f'<span class="whole">{escape (text)}</span>'


def log (lines):
    """What happened: (time, text) each."""
    return '<ul class="log">' + "".join (f"<li><time>{escape (time)}</time>{escape (text)}</li>" for time, text in lines) + "</ul>"


def joined (part, *names):
    values = [(part or {}).get (name) for name in names]
    return ", ".join (", ".join (value) if isinstance (value, list) else value for value in values if value)
