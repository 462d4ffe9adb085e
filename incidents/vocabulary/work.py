"""Parts, steps, phases, clocks, anchors, units."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label
from playbooks import vocabulary


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

PHASES: Mapping[str, Label] = vocabulary.PHASES


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

# The playbooks' anchors, and those that only a running incident has.
ANCHORS: Mapping[str, Label] = {
    **vocabulary.ANCHORS,
    "opened_at": ("mở sự việc", "opened"),
    "last_done_at": ("lần trước", "last time"),
    "last_update_at": ("cập nhật gần nhất", "last update"),
}

UNITS: Mapping[str, Label] = vocabulary.UNITS
