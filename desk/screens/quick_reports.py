"""Tin báo nhanh: those that wait for sorting, and one with what can be done with it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request

from desk import drafts
from desk.forms import times, typed
from desk.guard import policy
from desk.language import _, current
from desk.screens.live import live
from desk.shown import choices
from incidents.cases import quick_reports, sorting, visibility
from incidents.cases.models import QuickReport, QuickReportPart
from incidents.errors import BadInput, NotFound, Refusal
from incidents.permissions import may
from incidents.reading import board
from incidents.text import shorten
from incidents.vocabulary import KINDS, QUICK_REPORT_STATES, QUICK_REPORT_WAITING, SOURCES, label

bp = Blueprint("quick_reports", __name__)
FORMS = {
    "open": ("what", "severity", "kind", "category", "place"),
    "link": ("code",),
    "answer": ("text",),
    "ignore": ("reason",),
}
Form = dict[str, Any]


@bp.get("/quick-reports")
@policy("quick_report")
@live
def show() -> str:
    found = board.waiting_reports(g.actor)
    return render_template("quick_reports.html", reports=[_row(report) for report in found])


@bp.get("/quick-reports/<int:report_id>")
@policy("quick_report")
@live
def show_one(report_id: int) -> str:
    return _page(quick_reports.get(g.actor, report_id))


@bp.post("/quick-reports/<int:report_id>/open")
@policy("quick_report")
def open_incident(report_id: int) -> Any:
    def do(form: Form) -> str:
        level = int(form["severity"]) if form["severity"] in {"1", "2", "3", "4"} else None
        if level is None:
            raise BadInput("severity", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")
        incident = sorting.open_incident(
            g.actor, report_id, severity=level, kind=form["kind"], category=form["category"], place=form["place"],
            what=form["what"],
        )  # fmt: skip
        flash(_("Đã mở {code}.").format(code=incident.code), "success")
        return f"/incidents/{incident.code}"

    return _attempt(report_id, "open", do)


@bp.post("/quick-reports/<int:report_id>/link")
@policy("quick_report")
def link(report_id: int) -> Any:
    def do(form: Form) -> str:
        try:
            visibility.find(g.actor, form["code"])
        except NotFound as refusal:
            raise BadInput("code", refusal.text("vi"), refusal.text("en")) from refusal
        incident = sorting.link(g.actor, report_id, form["code"])
        flash(_("Đã gộp vào {code}.").format(code=incident.code), "success")
        return f"/incidents/{incident.code}"

    return _attempt(report_id, "link", do)


@bp.post("/quick-reports/<int:report_id>/answer")
@policy("quick_report")
def answer(report_id: int) -> Any:
    def do(form: Form) -> str:
        report = sorting.answer(g.actor, report_id, form["text"])
        flash(_("Đã trả lời {number}.").format(number=report.number), "success")
        return "/quick-reports"

    return _attempt(report_id, "answer", do)


@bp.post("/quick-reports/<int:report_id>/ignore")
@policy("quick_report")
def ignore(report_id: int) -> Any:
    def do(form: Form) -> str:
        report = sorting.ignore(g.actor, report_id, form["reason"])
        flash(_("Đã bỏ qua {number}.").format(number=report.number), "success")
        return "/quick-reports"

    return _attempt(report_id, "ignore", do)


def _attempt(report_id: int, name: str, do: Callable[[Form], str]) -> Any:
    """Do it and go on; refused, the report's page says why and holds what was typed into this one of its forms."""
    quick_reports.get(g.actor, report_id)
    form, path = typed.sent(FORMS[name]), request.path
    try:
        target = do(form)
    except Refusal as refusal:
        refused = typed.refused(refusal, path, form)
        return _page(quick_reports.get(g.actor, report_id), {name: form}, refused, name), refused.status
    drafts.drop(g.actor.id, drafts.key_of(path))
    return redirect(target, 303)


def _page(
    report: QuickReport, forms: dict[str, Form] | None = None, refused: typed.Refused | None = None, used: str = ""
) -> str:
    blank = {name: dict.fromkeys(fields, "") for name, fields in FORMS.items()}
    known = {"what": report.text, "severity": str(report.severity or ""), "kind": report.kind, "place": report.place}
    blank["open"] |= known
    kept = _drafted(report) if request.args.get("draft") == "1" else {}
    return render_template(
        "quick_report.html",
        report=_row(report),
        text=report.text,
        details=_details(report),
        parts=[_part(part, n) for n, part in enumerate(report.parts, start=1)],
        sorts=report.state in QUICK_REPORT_WAITING and may(g.actor, "sort_quick_report"),
        opens=may(g.actor, "open_incident"),
        forms=blank | kept | (forms or {}),
        used=used or next(iter(kept), ""),
        form_errors=refused.errors if refused else {},
        levels=choices.levels(),
        kinds=choices.kinds(),
        categories=choices.categories(_("Chưa rõ")),
    )


def _drafted(report: QuickReport) -> dict[str, Form]:
    """What was being typed into one of the forms of this page."""
    prefix = f"/quick-reports/{report.id}/"
    kept = drafts.newest_under(g.actor.id, prefix)
    name = kept.key.removeprefix(prefix) if kept else ""
    if kept is None or name not in FORMS:
        return {}
    return {name: {field: str(kept.fields.get(field, "")) for field in FORMS[name]}}


def _row(report: QuickReport) -> dict[str, Any]:
    return {
        "id": report.id,
        "number": report.number,
        "href": f"/quick-reports/{report.id}",
        "severity": report.severity,
        "kind": label(KINDS, report.kind, current()) if report.kind else "",
        "text": shorten(report.text, 160) or _("Chỉ có ảnh"),
        "who": " – ".join(filter(None, (report.member.name, report.agency.label if report.agency else ""))),
        "arrived_at": report.arrived_at,
        "state": label(QUICK_REPORT_STATES, report.state, current()),
        "exercise": report.exercise,
    }


def _details(report: QuickReport) -> list[tuple[str, str]]:
    rows = [
        (_("Người gửi"), _row(report)["who"]),
        (_("Gửi qua"), label(SOURCES, report.source, current())),
        (_("Chuyển tiếp từ"), report.origin),
        (_("Nơi"), report.place),
        (_("Đường dẫn"), report.link),
        (_("Gửi lúc"), times.words(report.sent_at)),
        (_("Nhận lúc"), times.words(report.arrived_at)),
        (_("Sự việc"), _incident_code(report)),
        (_("Trả lời, lý do"), report.reason),
    ]
    return [(name, value) for name, value in rows if value]


def _incident_code(report: QuickReport) -> str:
    """Only for those who may see the incident it became part of."""
    if report.incident is None or not visibility.is_visible(g.actor, report.incident.id):
        return ""
    return report.incident.code


def _part(part: QuickReportPart, number: int) -> dict[str, Any]:
    words = {"text": _("Thêm"), "edit": _("Đã sửa thành"), "photo": _("Ảnh {n}").format(n=number)}
    return {
        "label": words.get(part.kind, part.kind),
        "text": part.text,
        "at": part.arrived_at,
        "href": f"/files/{part.file.sha256}" if part.file else "",
        "reason": part.reason,
        "waiting": part.fetch_state == "waiting",
    }
