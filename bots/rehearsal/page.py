"""The chat page: one person plays any persona, sees cards, presses buttons, sends, and plays faults and scenarios."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request, Response

from . import drawing, limits, scenario, shapes
from .entities import units
from .shapes import Json
from .state import State
from .words import words

HERE = Path(__file__).parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",  # "no-referrer" would turn the Origin of our own forms into "null"
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REGIONS = ("people", "messages", "faults", "calls", "play", "toast")
PRESETS: dict[str, dict[str, Any]] = {  # the buttons of the panel; those with "chat" strike the open conversation
    "flood": {"seconds": 30, "chat": True},
    "server_error": {"count": 5, "chat": True},
    "lost_answer": {"count": 1, "chat": True},
    "blocked": {"chat": True},
    "duplicate_update": {"count": 1, "chat": True},
    "blackhole": {"seconds": 60},
}
SCENARIO = "s1_suoi_man"
TOAST_SECONDS = 8
SLOW_MS_MAX = 5_000


class Unsent(Exception):  # noqa: N818 - exceptions state the fact
    """What was posted cannot be sent: the key of the sentence that says why, and the HTTP code."""

    def __init__(self, key: str, code: int = 400) -> None:
        super().__init__(key)
        self.key, self.code = key, code


class Page:
    """Answers everything below `/` that is not the Bot API."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.play: scenario.Play | None = None
        self.templates = Environment(
            loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.posts: dict[str, Callable[[Request, int], None]] = {
            "say": self._say,
            "press": self._press,
            "edit": self._edit,
            "fault": self._fault,
            "mend": self._mend,
            "play": self._start,
            "stop": self._stop,
        }

    def answer(self, request: Request, path: str) -> Response:
        """Answer one request for the page, its parts, or one of its forms; 404 for anything else."""
        if request.method == "POST" and path in self.posts:
            response = self._posted(request, self.posts[path])
        elif request.method not in ("GET", "HEAD"):
            raise NotFound
        elif path in ("chat.css", "chat.js"):
            kind = "text/css" if path.endswith("css") else "text/javascript"
            response = Response((HERE / path).read_bytes(), content_type=f"{kind}; charset=utf-8")
        elif path.startswith("photo/"):
            response = self._photo(path.removeprefix("photo/"))
        elif path in ("", "live"):
            response = self._live(request) if path else self._whole(request)
        else:
            raise NotFound
        response.headers.update(HEADERS)
        return response

    def _whole(self, request: Request, error: str = "", code: int = 200) -> Response:
        typed = request.form.get("text", "") if error else ""
        view = self._view(request) | {"error": error, "typed": typed}
        return Response(
            self.templates.get_template("page.html").render(view), code, content_type="text/html; charset=utf-8"
        )

    def _live(self, request: Request) -> Response:
        """Return the regions of the page as JSON, 304 when nothing changed since the given ETag."""
        view = self._view(request)
        drawn = self.templates.get_template("regions.html").module
        body = json.dumps({name: str(getattr(drawn, name)(view)) for name in REGIONS})
        response = Response(body, content_type="application/json")
        response.add_etag()
        return response.make_conditional(request)

    def _photo(self, file_id: str) -> Response:
        """Return a picture; only what really begins as a JPEG or PNG, so that nothing sent here can run."""
        file = self.state.files.find(file_id)
        kind = shapes.image_type(file.content) if file else None
        if file is None or kind is None:
            raise NotFound
        return Response(file.content, content_type=kind)

    def _posted(self, request: Request, act: Callable[[Request, int], None]) -> Response:
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            user_id = self._user(request)
            if user_id is None:
                raise Unsent("error_form")
            act(request, user_id)
        except Unsent as unsent:
            sentence = words(_lang(request))[unsent.key]
            if wants_json:
                return Response(json.dumps({"error": sentence}), unsent.code, content_type="application/json")
            return self._whole(request, sentence, unsent.code)
        if wants_json:
            return Response("{}", content_type="application/json")
        return Response(status=303, headers={"Location": "/?" + urlencode({"user": user_id, "lang": _lang(request)})})

    def _say(self, request: Request, user_id: int) -> None:
        text, upload = request.form.get("text", "").replace("\r\n", "\n").strip(), request.files.get("photo")
        origin = _origin(request.form.get("origin", ""))
        if upload is not None and upload.filename:
            self._send_file(user_id, upload, text, origin)
        elif not text:
            raise Unsent("error_empty")
        else:
            for part in limits.split(text):
                self.state.say(user_id, part, origin=origin)

    def _send_file(self, user_id: int, upload: FileStorage, caption: str, origin: Json | None) -> None:
        content = upload.stream.read(limits.UPLOAD_BYTES_MAX + 1)
        if len(content) > limits.UPLOAD_BYTES_MAX:
            raise Unsent("error_big", 413)
        if units(caption) > limits.CAPTION_MAX:
            raise Unsent("error_caption")
        name = upload.filename or ""
        if shapes.image_type(content) or name.lower().endswith((".jpg", ".jpeg", ".png")):
            self.state.photo(user_id, content, caption, origin=origin)
        else:
            self.state.document(user_id, content, name, caption)

    def _press(self, request: Request, user_id: int) -> None:
        data = request.form.get("data")
        if data is None:
            raise Unsent("error_form")
        try:
            self.state.press(user_id, _number(request, "message_id"), data)
        except LookupError:
            raise Unsent("error_gone", 409) from None

    def _edit(self, request: Request, user_id: int) -> None:
        text = request.form.get("text", "").replace("\r\n", "\n").strip()
        if not text:
            raise Unsent("error_empty")
        if units(text) > limits.TEXT_MAX:
            raise Unsent("error_long")
        try:
            self.state.edit(user_id, _number(request, "message_id"), text)
        except LookupError:
            raise Unsent("error_gone", 409) from None
        except ValueError:
            raise Unsent("error_caption") from None

    def _fault(self, request: Request, user_id: int) -> None:
        kind = request.form.get("kind", "")
        if kind == "slow":
            ms = min(max(_number(request, "ms"), 0), SLOW_MS_MAX)
            self.state.mend("slow")
            if ms:
                self.state.fault("slow", ms=ms)
        elif kind in PRESETS:
            preset = {**PRESETS[kind]}
            self.state.fault(kind, user_id if preset.pop("chat", False) else None, **preset)
        else:
            raise Unsent("error_form")

    def _mend(self, request: Request, user_id: int) -> None:
        self.state.mend(request.form.get("kind") or None, request.form.get("chat", type=int))

    def _start(self, request: Request, user_id: int) -> None:
        speed = _number(request, "speed")
        if speed not in scenario.SPEEDS:
            raise Unsent("error_form")
        self._stop(request, user_id)
        chosen = scenario.load(SCENARIO)
        self.play = scenario.play(self.state, chosen, speed, scenario.cast(chosen, list(self.state.people.values())))

    def _stop(self, request: Request, user_id: int) -> None:
        if self.play is not None:
            self.play.stop()

    def _user(self, request: Request) -> int | None:
        """Return whom the person plays: the one asked for, else the first, else nobody."""
        asked = request.args.get("user", type=int)
        return asked if asked in self.state.people else next(iter(self.state.people), None)

    def _view(self, request: Request) -> dict[str, Any]:
        """Return everything the templates show, read in one moment."""
        lang = _lang(request)
        w = words(lang)
        with self.state.lock:
            user_id = self._user(request)
            messages = self.state.chats.within(user_id or 0)[-drawing.BUBBLES_SHOWN :]
            if user_id is not None and messages:
                self.state.seen[user_id] = messages[-1]["message_id"]
            names = {one.user_id: one.name for one in self.state.people.values()}
            calls = self.state.calls
            first = max(0, len(calls) - drawing.CALLS_SHOWN)
            return {
                "w": w,
                "lang": lang,
                "here": urlencode({"user": user_id or "", "lang": lang}),
                "there": urlencode({"user": user_id or "", "lang": "vi" if lang == "en" else "en"}),
                "user": None if user_id is None else self.state.people[user_id],
                "people": self._people(user_id, lang),
                "messages": [drawing.bubble(self.state, one, w) for one in messages],
                "faults": [drawing.fault_line(n, one, names, w) for n, one in enumerate(self.state.faults.in_force())],
                "slow_ms": round(self.state.faults.delay("getMe", None, False) * 1000),
                "presets": list(PRESETS),
                "calls": [drawing.call_line(first + n, one, w) for n, one in enumerate(calls[first:])][::-1],
                "play": self.play,
                "speeds": scenario.SPEEDS,
                "toast": self._toast(user_id),
            }

    def _people(self, user_id: int | None, lang: str) -> list[dict[str, Any]]:
        return [
            {
                "persona": one,
                "is_active": one.user_id == user_id,
                "href": "/?" + urlencode({"user": one.user_id, "lang": lang}),
                "unread": self._unread(one.user_id),
            }
            for one in self.state.people.values()
        ]

    def _unread(self, user_id: int) -> int:
        seen, bot_id = self.state.seen.get(user_id, 0), self.state.bot["id"]
        within = self.state.chats.within(user_id)
        return sum(1 for one in within if one["message_id"] > seen and one["from"]["id"] == bot_id)

    def _toast(self, user_id: int | None) -> str:
        """Return what the bot answered to this person's latest press, for a few seconds."""
        answered = [one for one in self.state.presses.values() if one.user_id == user_id and one.answer]
        latest = max(answered, key=lambda one: one.at, default=None)
        return latest.answer or "" if latest and time.time() - latest.at < TOAST_SECONDS else ""


def _lang(request: Request) -> str:
    return "en" if request.args.get("lang") == "en" else "vi"


def _number(request: Request, name: str) -> int:
    try:
        return int(request.form[name])
    except (BadRequest, ValueError):
        raise Unsent("error_form") from None


def _origin(choice: str) -> Json | None:
    an_hour_ago = int(time.time()) - 3600
    if choice == "channel":
        return shapes.from_channel("Hóng Chuyện Phố Núi", "hongchuyenphonui", 881, an_hour_ago)
    return shapes.from_hidden_user("Người quen ở thôn 3", an_hour_ago) if choice == "hidden" else None
