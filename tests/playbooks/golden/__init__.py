"""The deadline table of every shipped playbook for three starts, as a text that people read and tests compare."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

from playbooks import shelf, worktime
from playbooks.model import Playbook
from playbooks.tryrun import Bar, try_run
from playbooks.vocabulary import ANCHORS, UNITS

FILE = Path(__file__).parent / "deadlines.txt"
CALENDAR = worktime.vietnam(range(2026, 2029))
TET = date(2027, 2, 6)  # mồng Một

FACTS: Mapping[str, object] = {
    "kind": "suspected_false",
    "severity": 3,
    "verdict": "false",
    "harm_class": "a",
    "access_class": "c",
    "accuracy": "partly",
    "press_kind": "online",
    "source_known": False,
} | dict.fromkeys(
    [
        "safety",
        "urgent",
        "large_impact",
        "opinion_divided",
        "ai_generated",
        "impersonates_agency",
        "cross_province",
        "crime_suspected",
        "people_affected",
        "personal_data",
        "location_or_biometric_data",
        "system_breached",
        "serious_system_incident",
        "secret_suspected",
        "impact_determined",
        "press_asked",
        "request_expired",
        "refused_twice",
        "responding_after_24h",
        "police_demand",
    ],
    True,
)
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "": {},
    "độ nguy hại b": {"harm_class": "b"},
    "không có điều kiện xác thực": {"verdict": "unverifiable"},
    "nhóm tiếp cận a": {"access_class": "a"},
    "báo ngày, phát thanh, truyền hình": {"press_kind": "daily"},
    "báo tuần": {"press_kind": "weekly"},
    "tạp chí in": {"press_kind": "magazine"},
}


def eve_of_tet() -> date:
    """The last working day before Tết 2027."""
    day = TET - timedelta(days=1)
    while not CALENDAR.is_working_day(day):
        day -= timedelta(days=1)
    return day


STARTS = (
    datetime(2026, 10, 13, 9, 0, tzinfo=worktime.ZONE),
    datetime(2026, 10, 16, 16, 50, tzinfo=worktime.ZONE),
    datetime.combine(eve_of_tet(), time(16, 30), worktime.ZONE),
)
_COLUMNS = "{:<52}{:<6}{:<24}{:<20}{:<20}{:<20}{}"


def table() -> str:
    """The whole text of the golden file."""
    lines = [
        "Thời hạn của mọi kịch bản, tính thử cho ba giờ bắt đầu, Cấp 3. Giờ Việt Nam. Cứng: do luật hoặc Kế hoạch đặt ra;",
        "mềm: thời hạn nội bộ. (bên ngoài thực hiện): nền tảng hoặc tòa soạn phải làm. Mốc do một bước ghi được coi là ghi đúng lúc",
        "bước ấy đến hạn sớm nhất; mốc khác ở giờ bắt đầu, hoặc khi các bước trước đã xong.",
    ]
    for playbook in sorted(shelf.all_playbooks(), key=lambda one: one.code):
        lines += ["", "", f"{playbook.code} {playbook.key}, phiên bản {playbook.version}: {playbook.name}", ""]
        lines.append(_COLUMNS.format("", "", "căn cứ", *(f"{at:%d/%m/%Y %H:%M}" for at in STARTS), "").rstrip())
        lines += _lines(playbook)
    return "\n".join(lines) + "\n"


def _lines(playbook: Playbook) -> Iterator[str]:
    found: dict[str, dict[tuple[object, ...], tuple[str, list[Bar]]]] = {step.key: {} for step in playbook.steps}
    for label, differing in VARIANTS.items():
        runs = [try_run(playbook, at, {**FACTS, **differing}, CALENDAR, at.date()) for at in STARTS]
        for bars in zip(*runs, strict=True):
            bar = bars[0]
            clocks = found[bar.key]
            if bar.anchor or not clocks:
                clocks.setdefault((bar.anchor, bar.amount, bar.unit, bar.basis), (label, list(bars)))
    for step in playbook.steps:
        yield f"{step.key}: {step.name}"
        for label, bars in found[step.key].values():
            yield _line(bars, label)


def _line(bars: list[Bar], label: str) -> str:
    bar = bars[0]
    if not bar.anchor:
        return "    không có thời hạn"
    amount = f"{bar.amount} {UNITS[bar.unit][0]}" if bar.amount else UNITS[bar.unit][0]
    times = [f"{one.due.astimezone(worktime.ZONE):%d/%m/%Y %H:%M}" for one in bars]
    owner = "(bên ngoài thực hiện)" if bar.owner == "external" else ""
    remarks = "; ".join(word for word in (label, owner, bar.note) if word)
    force = "cứng" if bar.hard else "mềm"
    return _COLUMNS.format(
        f"    {amount} từ {ANCHORS[bar.anchor][0]}", force, bar.basis or "–", *times, remarks
    ).rstrip()
