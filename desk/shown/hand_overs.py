"""A hand-over note as its reader may see it: codes and titles of what is his to see, the rest only counted."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from desk.language import _, current
from desk.shown import choices
from incidents.cases.models import Incident
from incidents.people.models import HandOver

Rows = list[dict[str, Any]]


def row(note: HandOver) -> dict[str, Any]:
    """One note in the list."""
    return {
        "id": note.id,
        "from": note.from_member.name,
        "to": note.to_member.name,
        "agency": note.agency.label,
        "at": note.written_at,
        "signed_at": note.signed_to_at,
    }


def listed(found: Mapping[str, Any], seen: Collection[Incident], at: datetime) -> list[dict[str, Any]]:
    """The four lists as they stood ``at``: key, label, rows (code, title, words, at, late), more. What the reader may
    not see is not counted either (G21)."""
    titles = {incident.code: choices.title(incident) for incident in seen}
    more = found.get("more", {})
    made = (
        ("clocks", _("Thời hạn đang chạy"), _seen(found.get("clocks", []), titles, "due_at", _clock)),
        ("reports", _("Tin báo nhanh chờ phân loại"), _reports(found.get("reports", []))),
        ("parts", _("Phân công chưa ai nhận"), _seen(found.get("parts", []), titles, "at", _agency)),
        ("held", _("Sự việc người giao đang giữ"), _seen(found.get("held", []), titles, "", _nothing)),
    )
    for one in made[0][2]:
        one["late"] = one["at"] is not None and one["at"] < at
    lists = []
    for key, label, rows in made:
        lists.append({"key": key, "label": label, "rows": rows, "more": int(more.get(key, 0))})
    return lists


def codes(found: Mapping[str, Any]) -> set[str]:
    """Every incident the note names."""
    return {one["code"] for key in ("clocks", "parts", "held") for one in found.get(key, [])}


def _seen(rows: Rows, titles: Mapping[str, str], at: str, words: Any) -> Rows:
    return [
        {
            "href": f"/incidents/{one['code']}",
            "code": one["code"],
            "title": titles[one["code"]],
            "words": words(one),
            "at": datetime.fromisoformat(one[at]) if one.get(at) else None,
        }
        for one in rows
        if one["code"] in titles
    ]


def _reports(rows: Rows) -> Rows:
    return [
        {
            "href": f"/quick-reports/{one['id']}",
            "code": one["number"],
            "title": "",
            "words": _("nhận lúc"),
            "at": datetime.fromisoformat(one["at"]),
        }
        for one in rows
    ]


def _clock(one: Mapping[str, Any]) -> str:
    return str(one["name_en"] or one["name"] if current() == "en" else one["name"])


def _agency(one: Mapping[str, Any]) -> str:
    return str(one["agency"])


def _nothing(one: Mapping[str, Any]) -> str:
    return ""
