"""deftable - reads the project's .def tables: rows of MACRO (value, "text", ...).

`rows (path, "CODE")` gives the arguments of each CODE row, texts without their quotes.
Nested rows (forms.def) come as (macro, [arguments]).
"""
import re

_token = re.compile (r'\s+|//[^\n]*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z0-9_|+*. -]*[A-Za-z0-9_.])|(?P<mark>[(),])')


def _tokens (text):
    at = 0
    while at < len (text):
        match = _token.match (text, at)
        if not match:
            raise ValueError (f"cannot read: {text[at:at + 40]!r}")
        at = match.end ()
        if match.lastgroup:
            yield match.lastgroup, match.group (match.lastgroup).strip ()


def _parse (tokens, ends):
    """Arguments up to the mark `ends`; a macro's call is a pair, everything else a text."""
    found = []
    for kind, text in tokens:
        if text == ends and kind == "mark":
            return found
        if kind == "mark" and text == "(":
            found.append ((found.pop (), _parse (tokens, ")")))
        elif kind == "text":
            found.append (text[1:-1].replace ('\\"', '"'))
        elif kind == "word":
            found.append (text)
    return found


def rows (path, macro):
    with open (path, encoding="utf-8") as file:
        table = _parse (_tokens (file.read ()), None)
    return [row[1] for row in table if isinstance (row, tuple) and row[0] == macro]
