"""A running incident takes a newer version of its playbook: the difference first, then the confirmation."""

from typing import Any

from flask import Blueprint, g, request

from desk.forms import typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.case_pages import attempt, page
from desk.shown import playbooks as shown
from incidents.cases import rebasing, visibility
from incidents.permissions import may, require

bp = Blueprint("rebasing", __name__)
FIELDS = ("version", "reason")


@bp.get("/incidents/<code>/playbooks/<key>/rebase")
@policy("signed_in")
def show(code: str, key: str) -> str:
    require(g.actor, "read_planning")
    incident = visibility.find(g.actor, code)
    version = rebasing.differences(incident, key).new.version
    return _page(code, key, typed.opened(request.path, {"version": str(version), "reason": ""}))


@bp.post("/incidents/<code>/playbooks/<key>/rebase")
@policy("signed_in")
def save(code: str, key: str) -> Any:
    form = typed.sent(FIELDS)

    def do() -> str:
        number = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 6 else 0
        rebasing.rebase(g.actor, code, key, number, form["reason"])
        return _("Đã chuyển sang bản {number} của kịch bản.").format(number=number)

    return attempt(code, form, do, lambda filled, refused: _page(code, key, filled, refused))


def _page(code: str, key: str, filled: typed.Filled, refused: typed.Refused | None = None) -> str:
    incident = visibility.find(g.actor, code)
    difference = rebasing.differences(incident, key)
    filled.values["version"] = str(difference.new.version)  # what is confirmed is what is shown
    english = current() == "en"
    groups = [
        (kind, words, [effect.name_en if english and effect.name_en else effect.name for effect in difference.of(kind)])
        for kind, words in _kinds().items()
    ]
    return page(
        "rebase", incident, filled, refused, title=shown.title(difference.new), old=difference.old.version,
        new=difference.new.version, groups=[group for group in groups if group[2]], key=key,
        changes=shown.changes(difference.old, difference.new), may_rebase=may(g.actor, "rebase_playbook"),
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    return {
        "added": _("Bước thêm mới, xếp cuối danh sách"),
        "changed": _("Bước chưa xong, theo bản mới"),
        "removed": _("Bước chưa xong, bản mới không còn, sẽ ẩn"),
        "same": _("Bước chưa xong, không đổi"),
        "kept": _("Bước đã xong hoặc bỏ qua, giữ nguyên"),
    }
