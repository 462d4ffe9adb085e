"""What every page shows around its content: the rail, who is on duty, banners, the time of the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import current_user

import desk
from desk import language
from desk.forms import times
from desk.language import _
from incidents.db import utc_now
from incidents.people.models import Shift
from incidents.permissions import Actor, may
from incidents.reading import frame, roster
from incidents.vocabulary import ROLES, Role, label
from playbooks.worktime import ZONE

_DUTY_SECONDS = 15  # how long the names of those on duty are kept, so that a page costs one statement less


@dataclass(frozen=True)
class Me:
    name: str
    initials: str
    roles: list[str]
    keys_off: bool


@dataclass(frozen=True)
class Item:
    """One entry of the rail; ``icon`` is also what the bottom bar looks for."""

    href: str
    label: str
    icon: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True)
class Band:
    kind: str
    text: str


@dataclass(frozen=True)
class OnDuty:
    """``until``: when the shift ends; None for a holder of the role while nobody is on shift."""

    name: str
    phone: str
    until: datetime | None = None


@dataclass(frozen=True)
class Duty:
    """Who is told of everything now, the ``next`` shift ("Mai 06:00"), and whether nobody is on shift."""

    people: list[OnDuty]
    next: str = ""
    gap: bool = False


def init_app(app: Flask) -> None:
    forget_duty(app)
    app.context_processor(context)


def forget_duty(app: Flask | None = None) -> None:
    """The roster was changed: who is on duty is read again for the next page of this process."""
    (app or current_app).extensions["on_duty"] = (0, Duty([]))


def context() -> dict[str, Any]:
    """The names base.html reads. Without an actor (sign-in, errors of the database) nothing is asked of the database."""
    now = utc_now()
    made: dict[str, Any] = {
        "lang": language.current(),
        "theme": "auto",
        "server_now": now.astimezone(ZONE),
        "version": desk.VERSION,
        "me": None,
        "nav": [],
        "on_duty": [],
        "duty": Duty([]),
        "banners": [Band("drill", _drill_text())] if current_app.config["REHEARSAL"] else [],
        "rehearsal_chat_url": _chat_url(),
    }
    actor: Actor | None = g.get("actor")
    if actor is None or g.get("bare_page"):
        return made
    state, duty = current_frame(), _duty(now)
    return made | {
        "me": _me(actor, current_user.keys_on),
        "theme": current_user.theme,
        "nav": _nav(actor, state),
        "on_duty": duty.people,
        "duty": duty,
        "banners": made["banners"] + _warnings(state, now),
    }


def current_frame() -> frame.Frame:
    """The counters, read once per request."""
    if "frame" not in g:
        g.frame = frame.read(g.actor)
    return g.frame  # type: ignore[no-any-return]


def _me(actor: Actor, keys_on: bool) -> Me:
    words = actor.name.split()
    initials = "".join(word[0] for word in (words[-1:] if len(words) < 2 else [words[0], words[-1]])).upper()
    return Me(actor.name, initials, [label(ROLES, role, actor.lang) for role in sorted(actor.roles)], not keys_on)


def _nav(actor: Actor, state: frame.Frame) -> list[Item]:
    wanted = [
        (actor.has(*_REPORTERS), "/incidents/new", _("Ghi nhanh"), "plus", 0),
        (bool(actor.roles - {Role.admin, Role.press}), "/incidents", _("Bảng trực"), "board", state.open),
        (may(actor, "do_step"), "/steps?mine", _("Việc của tôi"), "steps", 0),
        (may(actor, "quick_report"), "/quick-reports", _("Chờ phân loại"), "inbox", state.waiting),
        (may(actor, "read_planning"), "/shifts", _("Lịch trực"), "clock", 0),
        (may(actor, "read_planning"), "/playbooks", _("Kịch bản"), "now", 0),
        (may(actor, "see_deliveries"), "/alerts", _("Thông báo"), "fail", state.failed),
        (may(actor, "read_planning"), "/escalations", _("Báo lên cấp trên"), "send", 0),
        (may(actor, "read_planning"), "/law", _("Căn cứ pháp lý"), "pin", 0),
        (may(actor, "read_planning"), "/calendar", _("Lịch làm việc"), "clock", 0),
        (True, "/members/me", _("Tài khoản"), "address", 0),
        (may(actor, "manage_members"), "/members", _("Thành viên"), "admin", 0),
        (may(actor, "handle_parked"), "/updates", _("Tin treo"), "admin", 0),
    ]
    return [
        Item(href, text, icon, count, request.path == href.partition("?")[0])
        for shown, href, text, icon, count in wanted
        if shown
    ]


_REPORTERS = tuple(role for role in Role if role not in (Role.press, Role.auditor, Role.admin))


def _duty(now: datetime) -> Duty:
    until, duty = current_app.extensions["on_duty"]
    if now.timestamp() > until:
        duty = _read_duty(now)
        current_app.extensions["on_duty"] = (now.timestamp() + _DUTY_SECONDS, duty)
    return duty  # type: ignore[no-any-return]


def _read_duty(now: datetime) -> Duty:
    """Those on shift; while nobody is, the holders of the role, who are told instead."""
    present = roster.standing_now(now)
    shifts = [OnDuty(s.member.name, s.member.office_phone, s.ends_at) for s in present.shifts]
    holders = [OnDuty(m.name, m.office_phone) for m in present.holders]
    coming = _coming(present.next, now) if present.next else ""
    return Duty(shifts or holders, coming, present.has_gap)


def _coming(shift: Shift, now: datetime) -> str:
    """ "Mai 06:00": the name people are called by, and the day only when it is more than a day off."""
    at = times.words(shift.starts_at)
    return f"{shift.member.name.split()[-1]} {at[:5] if shift.starts_at - now < timedelta(days=1) else at[:11]}"


def _warnings(state: frame.Frame, now: datetime) -> list[Band]:
    bands = []
    if state.is_stopped(now):
        since = f" {_('từ')} {state.worker_at.astimezone(ZONE):%H:%M}" if state.worker_at else ""
        bands.append(Band("stopped", _("Tiến trình gửi đã dừng{since}. Thông báo chưa đi.").format(since=since)))
    if state.telegram_state in ("unreachable", "refused") and state.telegram_since:
        at = f"{state.telegram_since.astimezone(ZONE):%H:%M}"
        texts = {
            "unreachable": _("Telegram không kết nối được từ {at}."),
            "refused": _("Mã bot bị Telegram từ chối từ {at}. Quản trị cần đặt mã mới."),
        }
        bands.append(Band("telegram", texts[state.telegram_state].format(at=at)))
    return bands


def _drill_text() -> str:
    return _("DIỄN TẬP – dữ liệu mẫu, không gửi ra ngoài")


def _chat_url() -> str | None:
    chosen = current_app.config["SETTINGS"]
    return chosen.rehearsal_url if not chosen.telegram_token else None
