"""Quick reports, alerts, updates."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label


class QuickReportState(StrEnum):
    asked = "asked"  # stored, the sender is still being asked for level and kind
    told = "told"  # duty has been told, waits for sorting
    opened = "opened"
    linked = "linked"
    answered = "answered"
    ignored = "ignored"
    withdrawn = "withdrawn"


QUICK_REPORT_STATES: Mapping[str, Label] = {
    QuickReportState.asked: ("Đang hỏi thêm", "Being asked"),
    QuickReportState.told: ("Chờ phân loại", "Waiting for sorting"),
    QuickReportState.opened: ("Đã mở sự việc", "Incident opened"),
    QuickReportState.linked: ("Đã gộp vào sự việc", "Joined to an incident"),
    QuickReportState.answered: ("Đã trả lời", "Answered"),
    QuickReportState.ignored: ("Bỏ qua", "Ignored"),
    QuickReportState.withdrawn: ("Đã rút", "Withdrawn"),
}
QUICK_REPORT_WAITING = (QuickReportState.asked, QuickReportState.told)


class AlertKind(StrEnum):
    incident_new = "incident_new"  # a card
    assigned = "assigned"  # a card with the agency's task
    card = "card"  # edit of a card already sent
    severity_raised = "severity_raised"
    step_soon = "step_soon"
    step_overdue = "step_overdue"
    quick_report_new = "quick_report_new"  # to duty, with buttons
    quick_report_answer = "quick_report_answer"  # to the sender, answer of the dialogue
    reply = "reply"  # any other answer of the bot to its own listener
    undelivered = "undelivered"  # somebody could not be reached
    test = "test"
    escalation = "escalation"  # nobody has answered: the next rung of the ladder
    ladder_test = "ladder_test"  # "Gọi thử": marked, through a whole ladder
    still = "still"  # asks the holder whether he still holds it
    approval_wanted = "approval_wanted"  # a step waits for another person's approval
    clock_moved = "clock_moved"  # an anchor or the calendar was corrected: the due time is another
    notice = "notice"  # one sentence without a card; ``facts["key"]`` is its key in the bot's wording


class AlertState(StrEnum):
    queued = "queued"
    leased = "leased"
    retry = "retry"
    sent = "sent"
    failed = "failed"
    superseded = "superseded"
    expired = "expired"
    held = "held"


ALERT_STATES: Mapping[str, Label] = {
    AlertState.queued: ("xếp hàng", "queued"),
    AlertState.leased: ("đang gửi", "being sent"),
    AlertState.retry: ("đang thử lại", "retrying"),
    AlertState.sent: ("đã gửi", "sent"),
    AlertState.failed: ("lỗi", "failed"),
    AlertState.superseded: ("không còn cần", "no longer needed"),
    AlertState.expired: ("đã hết hạn", "expired"),
    AlertState.held: ("đang giữ", "held"),
}
ALERT_OPEN = (AlertState.queued, AlertState.leased, AlertState.retry)


class InboxState(StrEnum):
    new = "new"
    done = "done"
    parked = "parked"
    ignored = "ignored"
