"""Parts, steps, phases, clocks, anchors, units."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label


class Part(StrEnum):
    lead_agency = "lead_agency"
    support = "support"


PARTS: Mapping[str, Label] = {
    Part.lead_agency: ("Chủ trì", "Leads"),
    Part.support: ("Phối hợp", "Coordinates"),
}


class StepState(StrEnum):
    open = "open"
    done = "done"
    skipped = "skipped"


STEP_STATES: Mapping[str, Label] = {
    StepState.open: ("Chưa xong", "Open"),
    StepState.done: ("Xong", "Done"),
    StepState.skipped: ("Không áp dụng", "Skipped"),
}

PHASES: Mapping[str, Label] = {
    "intake": ("Tiếp nhận", "Intake"),
    "verify": ("Kiểm chứng", "Verify"),
    "respond": ("Ứng phó", "Respond"),
    "follow": ("Theo dõi", "Follow"),
    "close": ("Kết thúc", "Close"),
}


class ClockState(StrEnum):
    waiting = "waiting"
    running = "running"
    met = "met"
    met_late = "met_late"
    missed = "missed"
    waived = "waived"
    transferred = "transferred"
    cancelled = "cancelled"


CLOCK_STATES: Mapping[str, Label] = {
    ClockState.waiting: ("chờ mốc", "waiting for its anchor"),
    ClockState.running: ("đang chạy", "running"),
    ClockState.met: ("đạt", "met"),
    ClockState.met_late: ("đạt trễ", "met late"),
    ClockState.missed: ("lỡ", "missed"),
    ClockState.waived: ("miễn", "waived"),
    ClockState.transferred: ("đã chuyển", "transferred"),
    ClockState.cancelled: ("hủy", "cancelled"),
}

ANCHORS: Mapping[str, Label] = {
    "occurred_at": ("xảy ra", "occurred"),
    "detected_at": ("phát hiện", "detected"),
    "last_done_at": ("lần trước", "last time"),
    "received_at": ("tiếp nhận", "received"),
    "opened_at": ("mở sự việc", "opened"),
    "impact_determined_at": ("xác định có tác động dư luận", "impact determined"),
    "assigned_at": ("giao việc", "assigned"),
    "accepted_at": ("nhận việc", "accepted"),
    "concluded_at": ("kết luận", "concluded"),
    "labelled_at": ("gắn nhãn", "labelled"),
    "published_at": ("công bố", "published"),
    "first_statement_at": ("phát ngôn lần đầu", "first statement"),
    "proposed_at": ("đề nghị gỡ", "removal proposed"),
    "demanded_at": ("Công an yêu cầu gỡ", "removal demanded by the police"),
    "removed_at": ("đã gỡ", "removed"),
    "letter_sent_at": ("gửi văn bản", "letter sent"),
    "letter_received_at": ("tòa soạn nhận văn bản", "letter received"),
    "corrected_at": ("đã cải chính", "corrected"),
    "press_inquiry_at": ("báo chí yêu cầu trả lời", "press inquiry"),
    "petition_received_at": ("nhận kiến nghị báo chuyển đến", "petition received"),
    "breach_detected_at": ("phát hiện lộ dữ liệu", "breach detected"),
    "system_incident_at": ("sự cố hệ thống", "system incident"),
    "crisis_flagged_at": ("đề xuất Cấp 4", "crisis flagged"),
    "activated_at": ("kích hoạt Tổ công tác", "task force activated"),
    "stood_down_at": ("kết thúc kích hoạt", "stood down"),
    "conclusion_issued_at": ("có kết luận khiếu nại, tố cáo", "complaint concluded"),
    "ministry_notice_at": ("Bộ yêu cầu giải thích", "ministry notice"),
    "appointment_decided_at": ("quyết định giao người phát ngôn", "spokesperson appointed"),
    "label_error_found_at": ("phát hiện gắn nhãn sai", "label error found"),
    "measures_done_at": ("xong các biện pháp", "measures done"),
    "closed_at": ("kết thúc", "closed"),
    "reopened_at": ("mở lại", "reopened"),
}

UNITS: Mapping[str, Label] = {
    "minute": ("phút", "min"),
    "hour": ("giờ", "h"),
    "working_hour": ("giờ làm việc", "working hours"),
    "day": ("ngày", "days"),
    "working_day": ("ngày làm việc", "working days"),
    "month": ("tháng", "months"),
    "at_once": ("ngay", "at once"),
}
