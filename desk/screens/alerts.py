"""Giao nhận thông báo: what did not arrive first, then the last two hundred (screens.md 7.14)."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template
from werkzeug.wrappers import Response

from desk.guard import policy
from desk.language import _
from desk.screens.live import live
from desk.shown import deliveries
from incidents.permissions import may
from incidents.reading import deliveries as reading
from incidents.telling.models import Alert
from incidents.vocabulary import Role

bp = Blueprint("alerts", __name__)


@bp.get("/alerts")
@policy("see_deliveries")
@live
def show() -> str:
    failed, latest = reading.failed(g.actor), reading.latest(g.actor)
    went_on = {alert.fallback_of: alert for alert in latest if alert.fallback_of is not None}
    return render_template(
        "alerts.html",
        failed=[_row(alert, went_on.get(alert.id)) for alert in failed],
        latest=[_row(alert, went_on.get(alert.id)) for alert in latest],
    )


@bp.post("/alerts/<int:alert_id>/resend")
@policy("resend_alert")
def resend(alert_id: int) -> Response:
    reading.resend(g.actor, alert_id)
    flash(_("Đã xếp hàng gửi lại."), "success")
    return redirect("/alerts", 303)


def _row(alert: Alert, went_on: Alert | None) -> dict[str, Any]:
    """The administrator sees the way of an alert, not the incident it is about."""
    is_blind = g.actor.has(Role.admin)
    incident = None if is_blind else alert.incident
    return deliveries.one(alert, went_on) | {
        "id": alert.id,
        "about": deliveries.kinds().get(alert.kind, alert.kind),
        "code": incident.code if incident else "",
        "number": alert.quick_report.number if alert.quick_report and not is_blind else "",
        "created_at": alert.created_at,
        "resend_href": f"/alerts/{alert.id}/resend" if alert.address_id and may(g.actor, "resend_alert") else "",
    }
