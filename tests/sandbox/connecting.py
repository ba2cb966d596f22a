"""connecting - a connector of ours, driven request by request."""
import json
import os
import subprocess

import tap

BUILD = os.environ.get ("KASK_BUILD", os.path.join (os.path.dirname (os.path.abspath (__file__)), "..", "..", "build-test"))


class Connector:
    """The program tests/connect with a configuration in `folder`."""

    def __init__ (self, kind, folder, config):
        self.kind, self.path = kind, os.path.join (folder, "connect.conf")
        with open (self.path, "w", encoding="utf-8") as file:
            file.write (config)
        self.start ()

    def start (self):
        self.process = subprocess.Popen ([os.path.join (BUILD, "connect"), self.kind, self.path], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def kill (self):
        self.process.kill ()
        self.process.wait ()

    def end (self):
        """True: it ended in order, which a sanitizer's finding would not let it."""
        self.process.stdin.close ()
        return self.process.wait (tap.DEADLINE_S) == 0

    def ask (self, **line):
        self.process.stdin.write (json.dumps (line) + "\n")
        self.process.stdin.flush ()
        answer = self.process.stdout.readline ()
        if not answer:
            raise AssertionError (f"the connector ended at {line}")
        return json.loads (answer)

    def request (self, attachments=(), **request):
        return self.ask (request=request, attachments=list (attachments))

    def done (self, **request):
        """The response of a request that must succeed."""
        answer = self.request (**request)
        if answer["result"] != "OK":
            raise AssertionError (f"{request}: {answer}")
        return answer["response"]

    def next (self, source):
        """The next file of a source, waiting for it."""
        def found ():
            response = self.ask (next=source)["response"]
            if response is None:
                self.ask (wait=500)
            return response
        return tap.wait_for (found, f"a file of {source}")
