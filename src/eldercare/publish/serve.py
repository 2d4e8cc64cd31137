"""Serve: the published site on this machine only, for browsers that refuse files and for a look after a run."""

import webbrowser
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eldercare.inputs.problems import InputError, Problem, _, reason

LOOPBACK = "127.0.0.1"
# Nothing but the site's own files; pictures of matplotlib carry their styles with them.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # a page is fresh after another run
}


class Handler(SimpleHTTPRequestHandler):
    """Files of the site, to this machine by its own name: no listings, no hidden files, nothing a link leads out to."""

    server_version, sys_version = "eldercare", ""

    def send_head(self) -> Any:
        """Answer with a file of the site, with 403 to a foreign host name, or with 404."""
        root, file = Path(self.directory), Path(self.translate_path(self.path))
        is_hidden = any(part.startswith(".") for part in file.parts[len(root.parts) :])
        # A browser leaves the port out where it is 80.
        if self.headers.get("Host", "").partition(":")[0] not in (LOOPBACK, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)
        elif is_hidden or "\0" in str(file) or not file.resolve().is_relative_to(root.resolve()):
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            return super().send_head()
        return None

    def list_directory(self, path: Any) -> None:
        """Show no folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what keeps a page to the site's own files."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *words: object) -> None:
        """Keep the terminal quiet."""


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the site, bound to loopback; InputError if there is no site or the port cannot be used."""
    if not (site / "index.html").is_file():
        message, hint = _("no site is published there"), _("run: {command}", command="eldercare run")
        raise InputError(Problem(str(site), message=message, hint=hint))
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(site)))
    except OverflowError as error:
        message = _("a whole number from {low:g} to {high:g} is allowed", low=0, high=65535)
        raise InputError(Problem("--port", "", port, message)) from error
    except OSError as error:
        message = _("cannot be used ({reason})", reason=reason(error))
        raise InputError(Problem("--port", "", port, message, _("give another one"))) from error


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
