"""What changed between two versions of a playbook, in words that an editor shows."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, time

from playbooks import law, phrases
from playbooks.facts import FACTS
from playbooks.model import WARN, Deadline, Gate, Playbook, Step
from playbooks.phrases import Words
from playbooks.vocabulary import ANCHORS, APPROVALS, EVIDENCE_GATES, PHASES, SELECTORS, UNITS, Labels

_NONE: Words = ("không", "none")
_YES: Words = ("có", "yes")
PLAYBOOK_FIELDS: Labels = {
    "key": ("khóa", "key"),
    "code": ("mã", "code"),
    "version": ("phiên bản", "version"),
    "name": ("tên", "name"),
    "name_en": ("tên tiếng Anh", "English name"),
    "summary": ("tóm tắt", "summary"),
    "summary_en": ("tóm tắt tiếng Anh", "English summary"),
    "valid_from": ("có hiệu lực từ", "valid from"),
    "valid_to": ("có hiệu lực đến", "valid to"),
    "main": ("là kịch bản chính", "is a main playbook"),
    "fits": ("điều kiện chọn", "chosen when"),
    "order": ("thứ tự chọn", "order of choice"),
    "beside": ("chạy song song khi", "runs beside when"),
}
STEP_FIELDS: Labels = {
    "key": ("khóa", "key"),
    "name": ("tên", "name"),
    "name_en": ("tên tiếng Anh", "English name"),
    "phase": ("giai đoạn", "phase"),
    "roles": ("vai trò thực hiện", "roles"),
    "agencies": ("cơ quan thực hiện", "agencies"),
    "how": ("cách làm", "how"),
    "how_en": ("cách làm, tiếng Anh", "how, in English"),
    "deadlines": ("thời hạn", "deadlines"),
    "bases": ("căn cứ", "legal bases"),
    "evidence": ("chứng cứ", "evidence"),
    "gate": ("điều kiện để hoàn thành", "needed to complete"),
    "approval": ("phê duyệt", "approval"),
    "after": ("sau bước", "after"),
    "after_any": ("chỉ cần xong một bước trước", "one earlier step is enough"),
    "when": ("áp dụng khi", "applies when"),
    "sets": ("ghi mốc", "records"),
    "repeat_every_minutes": ("lặp lại sau số phút", "repeated after minutes"),
    "repeat_at": ("lặp lại lúc", "repeated at"),
    "repeat_until": ("lặp lại đến", "repeated until"),
    "police_only": ("chỉ Công an thực hiện", "police only"),
    "mandatory": ("bắt buộc", "mandatory"),
}
KINDS: Labels = {
    "added": ("thêm bước", "step added"),
    "removed": ("bỏ bước", "step removed"),
    "moved": ("đổi thứ tự", "moved"),
    "changed": ("sửa bước", "step changed"),
    "playbook": ("sửa kịch bản", "playbook changed"),
}


@dataclass(frozen=True)
class Change:
    """One difference. `kind`: a key of KINDS. `step`: the step's key, empty for the playbook itself.

    `name`: the name of the step (as it is now) or of the playbook; `field`, `old`, `new` in words. A moved step has its
    places (from 1) as old and new.
    """

    kind: str
    step: str
    name: Words
    field: Words = ("", "")
    old: Words = ("", "")
    new: Words = ("", "")


def changes(old: Playbook, new: Playbook, catalogue: law.Catalogue | None = None) -> tuple[Change, ...]:
    """Everything that differs: the playbook's own fields, then its steps in the new order, then the removed ones.

    Legal bases are quoted from `catalogue`; from the shipped one when not given.
    """
    before, after = {step.key: step for step in old.steps}, {step.key: step for step in new.steps}
    found = list(_fields("playbook", "", old, new, catalogue))
    kept = [step.key for step in new.steps if step.key in before]
    moved = _moved([step.key for step in old.steps if step.key in after], kept)
    places = [{key: (str(n), str(n)) for n, key in enumerate(keys, 1)} for keys in (before, after)]
    for step in new.steps:
        if step.key not in before:
            found += [Change("added", step.key, _name(step)), *_whole(step, catalogue)]
            continue
        if step.key in moved:
            where: Words = ("vị trí", "place")
            found.append(Change("moved", step.key, _name(step), where, places[0][step.key], places[1][step.key]))
        found += _fields("changed", step.key, before[step.key], step, catalogue)
    found += [Change("removed", step.key, _name(step)) for step in old.steps if step.key not in after]
    return tuple(found)


def _name(thing: Playbook | Step) -> Words:
    return thing.name, thing.name_en


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The fewest keys to take out so that the others keep their order."""
    place = {key: number for number, key in enumerate(old)}
    tails: list[int] = []
    chains: list[list[str]] = []
    for key in new:
        at = bisect_left(tails, place[key])
        chain = [*(chains[at - 1] if at else []), key]
        tails[at : at + 1], chains[at : at + 1] = [place[key]], [chain]
    return set(new) - set(chains[-1] if chains else [])


def _whole(step: Step, catalogue: law.Catalogue | None) -> Iterable[Change]:
    """Everything a new step says: who approves it has to read it."""
    bare = Step(step.key, step.name, step.name_en, "", (), (), "", "")
    for name in (field.name for field in fields(step) if field.name in STEP_FIELDS):
        value = getattr(step, name)
        if value != getattr(bare, name):
            yield Change("added", step.key, _name(step), STEP_FIELDS[name], ("", ""), in_words(name, value, catalogue))


def _fields(
    kind: str, key: str, old: Playbook | Step, new: Playbook | Step, catalogue: law.Catalogue | None
) -> Iterable[Change]:
    labels = STEP_FIELDS if isinstance(new, Step) else PLAYBOOK_FIELDS
    for name in (field.name for field in fields(new) if field.name in labels):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            words = in_words(name, before, catalogue), in_words(name, after, catalogue)
            yield Change(kind, key, _name(new), labels[name], *words)


def in_words(name: str, value: object, catalogue: law.Catalogue | None = None) -> Words:
    """The value of a field of a playbook or step as people read it."""
    if isinstance(value, bool):
        return _YES if value else ("không", "no")
    if isinstance(value, Gate):
        return gate_words(value)
    if isinstance(value, tuple):
        return _joined(in_words(name, one, catalogue) for one in value) if value else _NONE
    if isinstance(value, Deadline):
        return deadline_words(value, catalogue)
    if isinstance(value, time):
        return value.strftime("%H:%M"), value.strftime("%H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y"), value.isoformat()
    return _word(name, value, catalogue)


def _word(name: str, value: object, catalogue: law.Catalogue | None) -> Words:
    tables = {"phase": PHASES, "approval": APPROVALS, "sets": ANCHORS, "repeat_until": ANCHORS, "agencies": SELECTORS}
    text = "" if value is None else str(value)
    if name == "bases" and text:
        return (_cited(text, catalogue),) * 2
    if name in ("when", "fits", "beside") and text:
        return phrases.in_words(text)
    if text in tables.get(name, {}):
        return tables[name][text]
    return (text, text) if text.strip() else _NONE


def deadline_words(deadline: Deadline, catalogue: law.Catalogue | None = None) -> Words:
    """ "24 giờ từ tiếp nhận, khi khẩn cấp", or the time that a law of the catalogue sets, with its citation."""
    rule = (catalogue or law.shipped()).rows.get(deadline.law) if deadline.law else deadline
    vi, en = _span(rule) if rule else ("thời hạn", "the time")
    if deadline.law:
        cited = _cited(deadline.law, catalogue)
        vi, en = f"{vi} ({cited})", f"{en} ({cited})"
    if deadline.when:
        when = phrases.in_words(deadline.when)
        vi, en = f"{vi}, khi {when[0]}", f"{en}, when {when[1]}"
    if deadline.warn != WARN:
        percent = ", ".join(f"{one} %" for one in deadline.warn)
        vi, en = f"{vi}, nhắc ở {percent or 'không'}", f"{en}, warned at {percent or 'none'}"
    return f"{vi} [{deadline.note}]" if deadline.note else vi, f"{en} [{deadline.note}]" if deadline.note else en


def _span(rule: Deadline | law.LegalBasis) -> Words:
    amount = f"{rule.amount} " if rule.amount else ""
    unit, anchor = UNITS.get(rule.unit, (rule.unit,) * 2), ANCHORS.get(rule.anchor, (rule.anchor,) * 2)
    return f"{amount}{unit[0]} từ {anchor[0]}", f"{amount}{unit[1]} from {anchor[1]}"


def _cited(key: str, catalogue: law.Catalogue | None) -> str:
    """How the basis is quoted; its key where the catalogue has lost it."""
    row = (catalogue or law.shipped()).rows.get(key)
    return law.citation(row) if row else key


def gate_words(gate: Gate) -> Words:
    """What the gate asks for, in one phrase."""
    parts = [EVIDENCE_GATES[gate.evidence]] if gate.evidence else []
    if gate.document:
        parts.append(("số và ngày văn bản", "number and date of a document"))
    if gate.acknowledgements:
        parts.append((f"{gate.acknowledgements} cơ quan nhận việc", f"{gate.acknowledgements} agencies accepted"))
    parts += [FACTS[name].words for name in gate.settles]
    return _joined(parts) if parts else _NONE


def _joined(words: Iterable[Words]) -> Words:
    pairs = list(words)
    return "; ".join(vi for vi, _ in pairs), "; ".join(en for _, en in pairs)
