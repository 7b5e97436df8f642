"""A part for tests: serves GET /, 503 while the file SICK exists, and with CHILD keeps a child process."""

import http.server
import os
import pathlib
import signal
import subprocess
import sys

SICK = pathlib.Path("sick")


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if SICK.exists() else 200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        sys.stderr.write("x" * int(os.environ.get("LINE", "0")) + "\n")


if "STUBBORN" in os.environ:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "CHILD" in os.environ:
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    pathlib.Path("child").write_text(str(child.pid), encoding="utf-8")
sys.stdout.write(f"listening on {sys.argv[1]}\n")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
