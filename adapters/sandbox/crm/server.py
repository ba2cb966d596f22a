"""
server - the CRM on HTTP: connections, faults on command, pages for people, webhooks going out.

A thread for each connection with a case book of its own.  The port is chosen by the
system, written to DIR/port, and taken again after a restart while it is free.
"""
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from common import files

from . import api, pages, webhooks
from .answers import Request
from .system import CrmSystem

MAX_BODY_BYTES = 10 * 1024 * 1024


class Handler (BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "AdviserCRM/2.4"
    sys_version = ""
    timeout = 60

    def setup (self):
        super ().setup ()
        self.system = CrmSystem (self.server.state_dir)

    def finish (self):
        self.system.book.close ()
        super ().finish ()

    def log_message (self, text, *values):
        """The stand-in is silent; a test that fails looks at its state."""

    def handle_one (self):
        book = self.system.book
        data = self.read_body ()
        if data is None:
            return
        if book.setting ("fault-away"):
            self.close_connection = True
            return
        url = urlsplit (self.path)
        if self.command == "GET" and pages.is_page (url.path):
            self.reply (*pages.page (self.system, url.path))
            return
        time.sleep ((book.setting ("fault-slow", 0) or 0) / 1000)
        if book.spend ("fault-throttle"):
            self.reply (429, {"error": "too_many_requests"}, {"Retry-After": "1"})
        elif book.spend ("fault-fail"):
            self.reply (500, {"error": "internal"}, {})
        else:
            self.carry_out (url, data)

    def carry_out (self, url, data):
        body = {}
        if data and url.path != "/uploads" and self.headers.get ("Content-Type", "").startswith ("application/json"):
            try:
                body = json.loads (data)
            except ValueError:
                body = None
            if not isinstance (body, dict):
                self.reply (400, {"error": "not_json", "message": "the body must be one JSON object"}, {})
                return
        request = Request (self.system, self.command, url.path, dict (parse_qsl (url.query)), self.headers, data, body)
        answer = api.answer (request)
        if self.command != "GET" and self.system.book.spend ("fault-lose-answer"):
            self.close_connection = True
            return
        self.reply (*answer)

    def read_body (self):
        """The request's bytes; None where it was answered already."""
        try:
            size = int (self.headers.get ("Content-Length", 0))
        except ValueError:
            size = -1
        if self.headers.get ("Transfer-Encoding") or size < 0:
            self.close_connection = True
            self.reply (411, {"error": "length_required"}, {})
            return None
        if size > MAX_BODY_BYTES:
            self.close_connection = True
            self.reply (413, {"error": "too_large", "limit_bytes": MAX_BODY_BYTES}, {})
            return None
        return self.rfile.read (size)

    def reply (self, status, body, headers):
        data = b"" if body is None else body if isinstance (body, bytes) else json.dumps (body, ensure_ascii=False).encode ()
        self.send_response (status)
        for name, value in ({"Content-Type": "application/json; charset=utf-8"} | headers).items ():
            self.send_header (name, value)
        self.send_header ("Content-Length", str (len (data)))
        if self.close_connection:
            self.send_header ("Connection", "close")
        self.end_headers ()
        self.wfile.write (data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one


class Server (ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__ (self, address, state_dir):
        super ().__init__ (address, Handler)
        self.state_dir = state_dir

    def handle_error (self, request, client_address):
        """A client that hung up is its own affair; anything else must be seen."""
        if not isinstance (sys.exc_info ()[1], OSError):
            super ().handle_error (request, client_address)


def listen (state_dir, port):
    """The old port again where nothing was asked and it is free."""
    wanted = [port]
    if port == 0:
        try:
            with open (f"{state_dir}/port", encoding="ascii") as file:
                wanted.insert (0, int (file.read ()))
        except (OSError, ValueError):
            pass
    for number in wanted:
        try:
            return Server (("127.0.0.1", number), state_dir)
        except OSError:
            if number == wanted[-1]:
                raise
    raise AssertionError


def serve (system, args, stop):
    """Run until stop is set."""
    book = system.book
    if args.token_seconds:
        book.set_setting ("token-seconds", args.token_seconds)
    server = listen (system.state_dir, args.port)
    threading.Thread (target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start ()
    files.write_whole (system.path ("port"), f"{server.server_port}\n")
    print (f"crm: http://127.0.0.1:{server.server_port}/", flush=True)
    webhooks.send_until (stop, system)
    server.shutdown ()
