"""Serve: the published site on this machine only, for browsers that refuse files and for a look after a run."""

from __future__ import annotations

import webbrowser
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from eldercare.inputs import InputError
from eldercare.inputs.errors import Problem

LOOPBACK = "127.0.0.1"
# Nothing but the site's own files; matplotlib's pictures carry their styles with them.
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


class Handler(SimpleHTTPRequestHandler):
    """Files of the site: no listings, no hidden files, nothing that a link leads out to, no foreign host name."""

    server_version, sys_version = "eldercare", ""

    def send_head(self):
        """Answer with a file of the site, or with 403 or 404."""
        root = Path(self.directory).resolve()
        file = Path(self.translate_path(self.path))
        if self.headers.get("Host", "").rpartition(":")[0] not in (LOOPBACK, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)
        elif not file.resolve().is_relative_to(root) or any(p.startswith(".") for p in file.parts[len(root.parts) :]):
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            return super().send_head()
        return None

    def list_directory(self, path):
        """Show no folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what keeps a page to the site's own files, and fresh after another run."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal quiet."""


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the site that is bound to loopback; port 0 takes any free one.

    Raises
    ------
    InputError
        If there is no site, or the port cannot be used.
    """
    if not (site / "index.html").is_file():
        raise InputError(Problem(str(site), message="no site is published there", hint="run: eldercare run"))
    if not 0 <= port <= 65535:
        raise InputError(Problem("--port", "", port, "a whole number from 0 to 65535 is allowed"))
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(site)))
    except OSError as error:
        reason = error.strerror or "not available"
        raise InputError(Problem("--port", "", port, f"cannot be used ({reason})", "give another one")) from error


def serve(site: Path, port: int, *, browser: bool) -> None:
    """Serve the site until the user interrupts, and open the browser when asked to."""
    with server(site, port) as running:
        address = f"http://{LOOPBACK}:{running.server_port}/"
        print(f"{address}   (this machine only; end with Ctrl+C)", flush=True)
        if browser:
            webbrowser.open(address)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print()
