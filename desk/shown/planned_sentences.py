"""What an entry says of steps, clocks, escalation and the task force, from its facts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from desk.forms import times
from desk.language import _, current
from desk.shown import choices
from incidents.cases.ladder import TARGETS
from incidents.vocabulary import EntryKind, label

Facts = Mapping[str, Any]


def _step_done(facts: Facts) -> str:
    made = _("Xong bước: {step}.").format(step=_step(facts))
    if facts.get("approved_of"):
        made += " " + _("Người thực hiện: {who}.").format(who=facts["approved_of"])
    if facts.get("document"):
        made += " " + _("Văn bản {document}.").format(document=facts["document"])
    settled = "; ".join(f"{choices.fact(name)}: {choices.fact_value(name, to)}" for name, to in _settled(facts))
    made += f" {settled}." if settled else ""
    if facts.get("unlocked"):
        made += " " + _("Tiếp theo làm được: {steps}.").format(steps=", ".join(map(str, facts["unlocked"])))
    return made + (f" {facts['reason']}" if facts.get("reason") else "")


def _settled(facts: Facts) -> list[tuple[str, object]]:
    return list(dict(facts.get("settled") or {}).items())


def _step_skipped(facts: Facts) -> str:
    return _("Bước không áp dụng: {step}.").format(step=_step(facts))


def _step_reopened(facts: Facts) -> str:
    return _("Mở lại bước: {step}.").format(step=_step(facts))


def _step_submitted(facts: Facts) -> str:
    made = _("Trình duyệt bước: {step}.").format(step=_step(facts))
    return made + (" " + _("Văn bản {document}.").format(document=facts["document"]) if facts.get("document") else "")


def _step_returned(facts: Facts) -> str:
    return _("Trả lại bước: {step}.").format(step=_step(facts))


def _steps_changed(facts: Facts) -> str:
    """Steps come and go with the facts; said by their numbers and names."""
    parts = []
    if facts.get("appeared"):
        parts.append(_("Bước nay áp dụng: {steps}.").format(steps=", ".join(map(str, facts["appeared"]))))
    if facts.get("hidden"):
        parts.append(_("Bước nay không áp dụng: {steps}.").format(steps=", ".join(map(str, facts["hidden"]))))
    return " ".join(parts) or _("Các bước áp dụng đã đổi.")


def _clock_waived(facts: Facts) -> str:
    made = _("Miễn thời hạn: {clock}, hạn {at}.").format(clock=_clock(facts), at=_time(facts.get("due_at")))
    return made + (" " + _("Vẫn tính là trễ.") if facts.get("late") else "")


def _clocks_moved(facts: Facts) -> str:
    moved = "; ".join(f"{name}: {_time(old)} → {_time(new)}" for name, old, new in facts.get("moved", []))
    return _("Thời hạn tính lại. {moved}").format(moved=moved)


def _update_due(facts: Facts) -> str:
    return _("Đến giờ cập nhật tình hình, hạn {at}.").format(at=_time(facts.get("due_at")))


def _escalated(facts: Facts) -> str:
    subject = facts.get("agency") or _("sự việc")
    skipped = "".join(
        " " + _("{level}: không có ai, bỏ qua.").format(level=label(TARGETS, one, current()))
        for one in facts.get("skipped", [])
    )
    if not facts.get("told"):
        return _("Chưa ai nhận: {subject}. Hết các cấp, không có người nhận.").format(subject=subject) + skipped
    skipped += " " + _("Báo muộn.") if facts.get("told_late") else ""
    told = ", ".join(facts["told"])
    words = _("Sau {minutes} phút chưa ai nhận: {subject}. Báo tiếp {told}.")
    words = words if facts.get("minutes") else _("Báo ngay {told}: {subject}.")
    return words.format(minutes=facts.get("minutes", ""), subject=subject, told=told) + skipped


def _given_back(facts: Facts) -> str:
    who = facts.get("agency") or facts.get("who") or ""
    words = _("{who} trả lại việc.") if facts.get("by_hand") else _("Hết hiệu lực nhận việc của {who}, báo lại từ đầu.")
    return words.format(who=who)


def _playbook_rebased(facts: Facts) -> str:
    words = _("Chuyển kịch bản {code} từ bản {old} sang bản {version}.")
    made = words.format(code=facts.get("code", ""), old=facts.get("old", ""), version=facts.get("version", ""))
    for kind, said in (("added", _("Thêm: {steps}.")), ("changed", _("Sửa: {steps}.")), ("removed", _("Ẩn: {steps}."))):
        names = facts.get(f"{kind}_en" if current() == "en" else kind) or ()
        made += " " + said.format(steps="; ".join(map(str, names))) if names else ""
    return made


def _activated(facts: Facts) -> str:
    if facts.get("changed"):
        words = _("Đổi thành viên Tổ công tác theo {decision}. Tổ trưởng: {head}.")
    else:
        words = _("Kích hoạt Tổ công tác theo {decision}. Tổ trưởng: {head}.")
    return words.format(decision=facts.get("decision", ""), head=facts.get("head", ""))


def _stood_down(facts: Facts) -> str:
    return _("Kết thúc hoạt động Tổ công tác theo {decision}.").format(decision=facts.get("decision", ""))


def _lesson(facts: Facts) -> str:
    made = _("Bài học.")
    if facts.get("owner"):
        made += " " + _("Người thực hiện: {who}.").format(who=facts["owner"])
    return made + (" " + _("Hạn {at}.").format(at=facts["due_on"]) if facts.get("due_on") else "")


def _step(facts: Facts) -> str:
    return str((current() == "en" and facts.get("step_en")) or facts.get("step", ""))


def _clock(facts: Facts) -> str:
    return str((current() == "en" and facts.get("clock_en")) or facts.get("clock", ""))


def _time(at: str | None) -> str:
    return times.words(datetime.fromisoformat(at)) if at else "–"


MADE: Mapping[EntryKind, Callable[[Facts], str]] = {
    EntryKind.step_done: _step_done,
    EntryKind.step_skipped: _step_skipped,
    EntryKind.step_reopened: _step_reopened,
    EntryKind.step_submitted: _step_submitted,
    EntryKind.step_returned: _step_returned,
    EntryKind.steps_changed: _steps_changed,
    EntryKind.clock_waived: _clock_waived,
    EntryKind.clocks_moved: _clocks_moved,
    EntryKind.update_due: _update_due,
    EntryKind.escalated: _escalated,
    EntryKind.given_back: _given_back,
    EntryKind.playbook_rebased: _playbook_rebased,
    EntryKind.activated: _activated,
    EntryKind.stood_down: _stood_down,
    EntryKind.lesson: _lesson,
}
