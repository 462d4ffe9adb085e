"""Alerts in words: who was told by what channel, how far it came, and why it did not arrive."""

from collections.abc import Iterable
from typing import Any

from desk.language import _
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState

_TROUBLE = ("failed", "unroutable", "retry", "expired")
CHANNELS = {"telegram": "Telegram", "email": "e-mail"}


def shown(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """As ``ui.delivery`` reads them: of each person what arrived last, and everything that did not arrive."""
    rows = list(alerts)
    went_on = {alert.fallback_of: alert for alert in rows if alert.fallback_of is not None}
    told: set[int | None] = set()
    strip = []
    for alert in rows:
        arrives = state_of(alert) not in _TROUBLE
        if arrives and alert.member_id in told:
            continue
        if arrives:
            told.add(alert.member_id)
        strip.append(one(alert, went_on.get(alert.id)))
    return strip


def one(alert: Alert, went_on: Alert | None = None) -> dict[str, Any]:
    state = state_of(alert)
    moments = {"pressed": alert.pressed_at, "sent": alert.sent_at, "held": alert.due_at, "retry": alert.due_at}
    return {
        "person": alert.member.name if alert.member else _("mọi cấp") if alert.incident_id else _("Người ngoài"),
        "channel": channel(alert.channel),
        "state": state,
        "at": moments.get(state),
        "reason": _reason(alert, state),
        "moved_to": channel(went_on.channel) if went_on else "",
        "resent": max(alert.attempts - 1, 0),
    }


def _reason(alert: Alert, state: str) -> str:
    if state == "unroutable" and alert.member_id is not None:
        return _("chưa có địa chỉ nhận")
    return alert.reason if state in ("failed", "expired", "retry") else ""


def state_of(alert: Alert) -> str:
    """The alert's state; one that was pressed, or had nobody to go to, says so."""
    if alert.state == AlertState.sent and alert.pressed_at:
        return "pressed"
    if alert.address_id is None and not alert.chat and alert.state != AlertState.sent:
        return "unroutable"
    return alert.state


def channel(key: str) -> str:
    return CHANNELS.get(key, key)


def kinds() -> dict[str, str]:
    """What an alert is about."""
    return {
        AlertKind.incident_new: _("Sự việc mới"),
        AlertKind.assigned: _("Giao việc"),
        AlertKind.card: _("Cập nhật thẻ"),
        AlertKind.severity_raised: _("Nâng mức độ"),
        AlertKind.step_soon: _("Sắp hết hạn"),
        AlertKind.step_overdue: _("Quá hạn"),
        AlertKind.quick_report_new: _("Tin báo nhanh mới"),
        AlertKind.quick_report_answer: _("Trả lời tin báo nhanh"),
        AlertKind.reply: _("Trả lời"),
        AlertKind.undelivered: _("Không gửi được"),
        AlertKind.test: _("Gửi thử"),
        AlertKind.escalation: _("Báo lên cấp trên"),
        AlertKind.ladder_test: _("Gọi thử"),
        AlertKind.still: _("Hỏi còn giữ việc"),
        AlertKind.approval_wanted: _("Chờ duyệt"),
        AlertKind.clock_moved: _("Thời hạn đổi"),
        AlertKind.notice: _("Thông báo ngắn"),
    }
