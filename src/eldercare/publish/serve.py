"""Serve: pages on this machine only, for browsers that refuse files, for a look after a run, and for the desk."""

import os
import socket
import webbrowser
from contextlib import AbstractContextManager
from hmac import compare_digest
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eldercare.inputs.problems import InputError, Problem, _, reason

LOOPBACK = "127.0.0.1"
# Nothing but the site's own files; pictures of matplotlib carry their styles with them.
HEADERS = {
    "Server": "eldercare",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # a page is fresh after another run
}


class Files(StaticFiles):
    """Files of a folder, which may come later, without hidden ones; a link is not followed out of it."""

    def __init__(self, folder: Path):
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or raise what becomes 404."""
        if any(part.startswith(".") for part in Path(path).parts):
            raise HTTPException(404)
        return await super().get_response(path, scope)


class Guard:
    """An application for this machine by its own name and for its own pages; with a token, for those who have it.

    The token stands in the address or in a cookie; whoever is not meant gets 403.
    """

    def __init__(self, app: ASGIApp, token: str = ""):
        self.app, self.token = app, token

    def admits(self, request: Request) -> bool:
        """Say whether a request may be answered."""
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        # A browser leaves the port out where it is 80.
        is_near = host.partition(":")[0] in (LOOPBACK, "localhost") and origin in (None, f"http://{host}")
        given = request.query_params.get("token") or request.cookies.get(cookie(request), "")
        return is_near and (not self.token or compare_digest(given.encode(), self.token.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers that keep a page to these files."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        admitted = scope["type"] == "http" and self.admits(Request(scope))
        await (self.app if admitted else PlainTextResponse("403 Forbidden", 403))(scope, receive, headed)


def cookie(request: Request) -> str:
    """Return the name of the cookie with the token: cookies know no ports, and each desk has its own."""
    return f"desk-{request.scope['server'][1]}"


class Server(AbstractContextManager["Server"]):
    """A server of an application, bound to loopback; InputError if the port cannot be used."""

    def __init__(self, app: ASGIApp, port: int):
        self._socket = socket.socket()
        try:
            if os.name == "posix":  # elsewhere it would let two listen at the same port
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((LOOPBACK, port))
            self._socket.listen()
        except OSError as error:
            self._socket.close()
            message = _("cannot be used ({reason})", reason=reason(error))
            raise InputError(Problem("--port", "", port, message, _("give another one"))) from error
        self.server_address = self._socket.getsockname()
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def serve_forever(self) -> None:
        """Answer until it is shut down or interrupted."""
        self._server.run(sockets=[self._socket])

    def shutdown(self) -> None:
        """End soon."""
        self._server.should_exit = True

    def show(self, query: str, browser: bool) -> None:
        """Print the address, open it in the browser when asked to, and serve until the user interrupts."""
        address = f"http://{LOOPBACK}:{self.server_address[1]}/{query}"
        print(f"{address}   (this machine only; end with Ctrl+C)", flush=True)
        if browser:
            webbrowser.open(address)
        try:
            self.serve_forever()
        except KeyboardInterrupt:
            print()


def server(site: Path, port: int) -> Server:
    """Return a server of the site; InputError if there is no site or the port cannot be used."""
    if not (site / "index.html").is_file():
        message, hint = _("no site is published there"), _("run: {command}", command="eldercare run")
        raise InputError(Problem(str(site), message=message, hint=hint))
    return Server(Guard(Starlette(routes=[Mount("/", Files(site))])), port)
