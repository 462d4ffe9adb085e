"""The stand-in over HTTP: `/bot<token>/<method>`, `/file/bot<token>/<path>` and the chat page, on loopback only."""

import json
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from .faults import Fault
from .limits import Refusal, too_many
from .methods import NAMES, Params, call
from .page import Page
from .shapes import Json, Persona
from .state import State

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOOPBACK = ("127.0.0.1", "localhost")
NO_ANSWER = 0
GARBAGE = b'{"ok":true,"result":{"message_id":4\xff\xfe'


class Dropped(ConnectionError):  # noqa: N818 - exceptions state the fact
    """The connection ends without an answer; the server closes the socket and says nothing."""


class Incoming(Request):
    """A request whose body is bounded: the largest upload of the page, and some air for the sentence about it."""

    max_content_length = 40 * 1024 * 1024


class Handler(WSGIRequestHandler):
    """Writes no access log: the API log is on the page."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent."""

    def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:
        """Close at once; a connection kept alive would leave the caller waiting for its own timeout."""
        self.close_connection = True


class Door:
    """The WSGI application: checks who calls, then hands over to the API or to the page."""

    def __init__(self, state: State, page: bool) -> None:
        self.state = state
        self.page = Page(state) if page else None
        rules = [Rule("/bot<token>/<method>", endpoint="api"), Rule("/file/bot<token>/<path:path>", endpoint="file")]
        self.routes = Map(rules + [Rule("/", endpoint="page"), Rule("/<path:path>", endpoint="page")])

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; `Dropped` passes through to the server, which closes the connection."""
        request = Incoming(environ)
        try:
            refuse_strangers(request)
            endpoint, values = self.routes.bind_to_environ(environ).match()
            answers: dict[str, Callable[..., Response]] = {"api": self._api, "file": self._file, "page": self._page}
            response = answers[endpoint](request, **values)
        except HTTPException as refused:
            response = Response(refused.description, refused.code, content_type="text/plain; charset=utf-8")
        finally:
            request.close()  # uploads lie in temporary files
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response(environ, start_response)

    def _page(self, request: Request, path: str = "") -> Response:
        if self.page is None:
            raise NotFound
        return self.page.answer(request, path)

    def _file(self, request: Request, token: str, path: str) -> Response:
        params: Json = {"file_path": path}
        try:
            self._check_token(token)
            self._suffer(request, "download", Params(params))
            file = self.state.files.at(path)
            if file is None:
                raise Refusal(404, "Not Found")
        except Refusal as refusal:
            return self._refused("download", params, refusal)
        self.state.record("download", params, 200)
        return Response(file.content, content_type="application/octet-stream")

    def _api(self, request: Request, token: str, method: str) -> Response:
        params = Params(read(request))
        name = NAMES.get(method.lower(), method)
        try:
            self._check_token(token)
            fault = self._suffer(request, name, params)
            if name not in NAMES.values():
                raise Refusal(404, "Not Found")
            result = call(self.state, name, params)
        except Refusal as refusal:
            return self._refused(name, params.values, refusal)
        if fault is not None and fault.kind == "lost_answer":
            self._drop(name, params.values, "lost_answer")
        garbled = fault is not None and fault.kind == "garbage"
        self.state.record(name, params.values, 200, "garbage" if garbled else "")
        body = GARBAGE if garbled else json.dumps({"ok": True, "result": result}).encode()
        return Response(body, content_type="application/json")

    def _refused(self, name: str, params: Json, refusal: Refusal) -> Response:
        self.state.record(name, params, refusal.code, refusal.description)
        body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
        if refusal.retry_after is not None:
            body["parameters"] = {"retry_after": refusal.retry_after}
        return Response(json.dumps(body), refusal.code, content_type="application/json")

    def _check_token(self, token: str) -> None:
        """Refuse a foreign token: 404 when it cannot be one, 401 when it is simply not ours, as Telegram does."""
        if token != self.state.token:
            number, colon, secret = token.partition(":")
            raise Refusal(401, "Unauthorized") if colon and number.isdecimal() and secret else Refusal(404, "Not Found")

    def _suffer(self, request: Request, name: str, params: Params) -> Fault | None:
        """Let a fault that is in force strike; return the one that strikes only after the work is done."""
        chat = params.chat()
        scope = (name, chat, chat is not None or name == "answerCallbackQuery")
        with self.state.lock:
            delay, fault = self.state.faults.delay(*scope), self.state.faults.strike(*scope)
        if delay:
            self.state.pause(delay)
        if fault is None or fault.kind in ("lost_answer", "garbage"):
            return fault
        if fault.kind in ("timeout_before", "blackhole"):
            self.state.hold(fault)
            self._drop(name, params.values, fault.kind)
        if fault.kind == "reset":
            _reset(request.environ["werkzeug.socket"])
            self._drop(name, params.values, fault.kind)
        raise refusal_of(fault)

    def _drop(self, name: str, params: Json, why: str) -> None:
        self.state.record(name, params, NO_ANSWER, why)
        raise Dropped(why)


def refusal_of(fault: Fault) -> Refusal:
    """Return the answer Telegram gives under a fault that is answered at all."""
    if fault.kind == "flood":
        return too_many(fault.seconds_left())
    return {
        "server_error": Refusal(500, "Internal Server Error"),
        "blocked": Refusal(403, "Forbidden: bot was blocked by the user"),
        "deactivated": Refusal(403, "Forbidden: user is deactivated"),
        "token_revoked": Refusal(401, "Unauthorized"),
        "file_unavailable": Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
    }[fault.kind]


def read(request: Request) -> dict[str, Any]:
    """Return the parameters of a call from query, JSON, form or multipart body; later ones win."""
    values: dict[str, Any] = dict(request.args)
    if request.mimetype == "application/json":
        body = request.get_json(silent=True)
        return values | (body if isinstance(body, dict) else {})
    return values | dict(request.form)


def refuse_strangers(request: Request) -> None:
    """Refuse other host names (a foreign name that resolves to this machine) and calls made by other sites' pages."""
    port = request.environ["SERVER_PORT"]
    own = [f"{host}:{port}" for host in LOOPBACK] + (list(LOOPBACK) if port == "80" else [])
    if request.headers.get("Host", "") not in own:
        raise Forbidden("Chỉ dùng trên máy này: 127.0.0.1 hoặc localhost. / This machine only.")
    if request.method in ("GET", "HEAD") and not request.path.startswith(("/bot", "/file/")):
        return
    site, origin = request.headers.get("Sec-Fetch-Site", "none"), request.headers.get("Origin")
    if site not in ("same-origin", "none") or (origin is not None and origin != f"http://{request.host}"):
        raise Forbidden("Yêu cầu đến từ trang khác nên không nhận. / Refused: sent by another site.")


def _reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN: what a broken middlebox does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


@dataclass(frozen=True)
class StandIn:
    """A running stand-in: its address and its state."""

    url: str
    state: State
    _server: BaseWSGIServer
    _thread: threading.Thread

    def close(self) -> None:
        """End every waiting call, the server and its thread."""
        self.state.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def start(
    token: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    personas: Sequence[Persona] = (),
    page: bool = True,
    bot_username: str = "ban_truc_dien_tap_bot",
) -> StandIn:
    """Start a stand-in in a thread; port 0 takes any free one.

    Raises ValueError for a host other than loopback, OSError when the port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError(f"the stand-in listens on loopback only, not on {host}")
    state = State(token, personas, bot_username)
    server = _listen(state, host, port, page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return StandIn(f"http://{host}:{server.port}", state, server, thread)


def serve(token: str, *, port: int, personas: Sequence[Persona]) -> None:
    """Run a stand-in until SIGTERM or Ctrl+C, as a process of its own; returns (exit 0) once all is closed."""
    stand_in = start(token, port=port, personas=personas)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    stand_in.close()


def _listen(state: State, host: str, port: int, page: bool) -> BaseWSGIServer:
    """Open the port ourselves: werkzeug ends the whole process when the port is taken, a caller wants OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        door = Door(state, page)
        number = listener.getsockname()[1]
        return make_server(host, number, door, threaded=True, request_handler=Handler, fd=listener.detach())
    except BaseException:
        listener.close()
        raise
