"""What an entry of the timeline says: one sentence per kind, from its facts; free words of people follow it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from desk.forms import times
from desk.language import _, current
from desk.shown import choices, planned_sentences
from incidents.cases.models import Entry
from incidents.cases.severity import FLOORS
from incidents.vocabulary import (
    ACCESS_CLASSES,
    ANCHORS,
    CATEGORIES,
    HARM_CLASSES,
    KINDS,
    NOT_ACCEPTED_REASONS,
    PARTS,
    EntryKind,
    Status,
    label,
)

Facts = Mapping[str, Any]
_TABLES = {"kind": KINDS, "category": CATEGORIES, "harm_class": HARM_CLASSES, "access_class": ACCESS_CLASSES}


def sentence(kind: str, facts: Facts) -> str:
    """The sentence of an entry in the reader's language, "" for a plain note."""
    return _MADE[EntryKind(kind)](facts)


def text(entry: Entry) -> str:
    """The sentence and, below it, what people wrote."""
    words = entry.text
    if entry.kind == EntryKind.moved and entry.facts.get("to") == Status.not_accepted:
        words = label(NOT_ACCEPTED_REASONS, words, current())
    return "\n".join(filter(None, (sentence(entry.kind, entry.facts), words)))


def field_names() -> dict[str, str]:
    """The fields of an incident that may be edited, in words."""
    return {
        "kind": _("Loại"),
        "category": _("Lĩnh vực"),
        "place": _("Nơi"),
        "harm_class": _("Độ nguy hại"),
        "access_class": _("Nhóm tiếp cận"),
        "accuracy": _("Phản ánh đúng hay sai"),
        "press_kind": _("Loại hình báo chí"),
        **choices.flags(),
    }


def value_words(field: str, value: object) -> str:
    """A field's value as people read it."""
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if field in ("accuracy", "press_kind") and value:
        return choices.fact_value(field, value)
    return label(_TABLES[field], value, current()) if field in _TABLES and value else str(value or "–")


def _opened(facts: Facts) -> str:
    return _("Mở sự việc, {level}.").format(level=choices.level(int(facts.get("severity", 1))))


def _quick_report(facts: Facts) -> str:
    number = facts.get("report", "")
    if "from" not in facts:
        words = _("Tin báo nhanh {report}: đã sửa.") if facts.get("edited") else _("Tin báo nhanh {report}: thêm.")
        return words.format(report=number)
    who = " – ".join(filter(None, (facts["from"], facts.get("agency"))))
    return _("Tin báo nhanh {report} của {who}.").format(report=number, who=who)


def _correction(facts: Facts) -> str:
    return _("Đính chính diễn biến số {number}.").format(number=facts.get("corrects", ""))


def _edited(facts: Facts) -> str:
    names = field_names()
    lines = [
        f"{names.get(field, field)}: {value_words(field, before)} → {value_words(field, after)}"
        for field, (before, after) in facts.get("changed", {}).items()
    ]
    return _("Sửa thông tin. {changes}").format(changes="; ".join(lines))


def _severity(facts: Facts) -> str:
    old, new = int(facts["old"]), int(facts["new"])
    words = _("Xác nhận {new}.") if old == new else _("Đổi từ {old} sang {new}.")
    proposed = "" if facts.get("confirmed") else " " + _("Mức này là đề xuất, chờ người có quyền xác nhận.")
    return words.format(old=choices.level(old), new=choices.level(new)) + proposed + _assessed(facts.get("assessed"))


def _assessed(made: Mapping[str, Any] | None) -> str:
    """ "7 câu trả lời: 13 điểm, Cấp 3 …, tác hại đến an toàn: từ Cấp 3." """
    if not made:
        return ""
    words = _("7 câu trả lời: {score} điểm, {level}.").format(score=made["score"], level=choices.level(made["level"]))
    floors = "; ".join(label(FLOORS, key, current()) for key in made.get("floors", ()))
    return f" {words}" + (f" {floors[:1].upper()}{floors[1:]}." if floors else "")


def _moved(facts: Facts) -> str:
    made = _("Chuyển từ “{old}” sang “{new}”.").format(
        old=choices.status(facts.get("from", "")), new=choices.status(facts.get("to", ""))
    )
    if facts.get("into"):
        made += " " + _("Gộp vào {code}.").format(code=facts["into"])
    if facts.get("receiver"):
        made += " " + _("Nơi nhận: {receiver}, văn bản {document}.").format(
            receiver=facts["receiver"], document=facts.get("document", "")
        )
    return made


def _assigned(facts: Facts) -> str:
    part = label(PARTS, facts.get("part", ""), current()).lower()
    made = _("Giao {agency} {part}.").format(agency=facts.get("agency", ""), part=part)
    return made + (" " + _("Hạn {at}.").format(at=_time(facts["due_at"])) if facts.get("due_at") else "")


def _assignment_ended(facts: Facts) -> str:
    return _("Kết thúc phần việc của {agency}.").format(agency=facts.get("agency", ""))


def _acknowledged(facts: Facts) -> str:
    if facts.get("still"):
        return _("Vẫn giữ việc.")
    words = _("Nhận việc, giữ sự việc.") if facts.get("holder") else _("Nhận việc.")
    words = _("Nói thêm sau khi nhận việc.") if facts.get("later") else words
    agencies = ", ".join(facts.get("agencies", []))
    words += " " + _("Phần của {agencies}.").format(agencies=agencies) if agencies else ""
    words += " " + _("Nhận ca từ {name}.").format(name=facts["from"]) if facts.get("from") else ""
    expected = facts.get("expected_at")
    return words + (" " + _("Dự kiến có kết quả lúc {at}.").format(at=_time(expected)) if expected else "")


def _playbook_started(facts: Facts) -> str:
    name = choices.playbook(facts)
    words = _("Áp dụng kịch bản {code} “{name}”, bản {version}.")
    words = words.format(code=facts.get("code", ""), name=name, version=facts.get("version", ""))
    stricter = ", ".join(map(str, facts.get("stricter", [])))
    return words + (
        " " + _("Từ nay cần duyệt hoặc chứng cứ chặt hơn: {steps}.").format(steps=stricter) if stricter else ""
    )


def _anchor(facts: Facts) -> str:
    words = _("Sửa mốc “{anchor}”: {old} → {new}.") if facts.get("old") else _("Mốc “{anchor}”: {new}.")
    name = label(ANCHORS, facts.get("anchor", ""), current())
    return words.format(anchor=name, old=_time(facts.get("old")), new=_time(facts.get("new")))


def _clock_soon(facts: Facts) -> str:
    return _("Sắp hết hạn: {clock}, hạn {at}.").format(clock=_clock(facts), at=_time(facts.get("due_at"))) + _late(
        facts
    )


def _clock_overdue(facts: Facts) -> str:
    return _("Quá hạn: {clock}, hạn {at}.").format(clock=_clock(facts), at=_time(facts.get("due_at"))) + _late(facts)


def _undelivered(facts: Facts) -> str:
    return _("Không gửi được cho {name}: {reason}.").format(name=facts.get("name", ""), reason=facts.get("reason", ""))


def _merged(facts: Facts) -> str:
    return _("Nhận gộp {code}: “{what}”.").format(code=facts.get("from", ""), what=facts.get("what", ""))


def _restricted(facts: Facts) -> str:
    if not facts.get("restricted"):
        return _("Bỏ hạn chế người xem.")
    return _("Hạn chế người xem: {count} người.").format(count=facts.get("readers", 0))


def _clock(facts: Facts) -> str:
    return str((current() == "en" and facts.get("clock_en")) or facts.get("clock", ""))


def _late(facts: Facts) -> str:
    return " " + _("Báo muộn.") if facts.get("told_late") else ""


def _time(at: str | None) -> str:
    return times.words(datetime.fromisoformat(at)) if at else "–"


_MADE: Mapping[EntryKind, Callable[[Facts], str]] = {
    EntryKind.opened: _opened,
    EntryKind.quick_report: _quick_report,
    EntryKind.note: lambda facts: "",
    EntryKind.correction: _correction,
    EntryKind.edited: _edited,
    EntryKind.severity: _severity,
    EntryKind.moved: _moved,
    EntryKind.assigned: _assigned,
    EntryKind.assignment_ended: _assignment_ended,
    EntryKind.acknowledged: _acknowledged,
    EntryKind.playbook_started: _playbook_started,
    EntryKind.anchor: _anchor,
    EntryKind.clock_soon: _clock_soon,
    EntryKind.clock_overdue: _clock_overdue,
    EntryKind.undelivered: _undelivered,
    EntryKind.merged: _merged,
    EntryKind.restricted: _restricted,
    **planned_sentences.MADE,
}
