"""Agencies by their code, kept for a minute: a page that names some must not ask the database each time."""

from dataclasses import dataclass

from flask import current_app

from desk.language import _, current
from incidents.db import utc_now
from incidents.people.agencies import choosable, verifying
from incidents.people.members import today
from incidents.vocabulary import ROLES, label
from playbooks.vocabulary import SELECTORS

_KEPT_SECONDS = 60


@dataclass(frozen=True)
class Known:
    code: str
    label: str
    name: str
    type: str
    is_member: bool


def known() -> tuple[Known, ...]:
    """Agencies that can be given a part today, members of the task force first."""
    until, rows = current_app.extensions.get("agencies_shown", (0, ()))
    now = utc_now().timestamp()
    if now > until:
        rows = tuple(Known(a.code, a.label, a.name, a.type, a.default_member) for a in choosable(today()))
        current_app.extensions["agencies_shown"] = (now + _KEPT_SECONDS, rows)
    return tuple(rows)


def grouped(category: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """(words of the group, (code, name) …) for a choice in groups; those that verify in ``category`` first."""
    field = {agency.code for agency in verifying(category, today())} if category else set()
    groups: dict[str, list[tuple[str, str]]] = {
        _("Kiểm chứng trong lĩnh vực này"): [],
        _("Thành viên Tổ công tác"): [],
        _("Xã, phường"): [],
        _("Khác"): [],
    }
    verifiers, members, communes, others = groups.values()
    for agency in known():
        if agency.code in field:
            verifiers.append((agency.code, agency.name))
            continue
        target = members if agency.is_member else communes if agency.type == "commune" else others
        target.append((agency.code, agency.name))
    return [(words, rows) for words, rows in groups.items() if rows]


def doers(roles: list[str], codes: list[str]) -> str:
    """Who does a step: "Cán bộ trực, Đầu mối cơ quan – UBND cấp xã nơi xảy ra, Sở Công Thương"."""
    lang = current()
    names = {agency.code: agency.label for agency in known()}
    who = ", ".join(label(ROLES, role, lang) for role in roles if role in ROLES)
    where = ", ".join(label(SELECTORS, code, lang) if code in SELECTORS else names.get(code, code) for code in codes)
    return " – ".join(filter(None, (who, where)))
