"""What a step cannot be ticked without: proof, a document, acceptances, settled facts, approval by another, earlier steps.

The same for web, bot, command line and API, because the verb asks here. What is missing is said field by field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import func, select

from incidents.cases import approving, clocks
from incidents.cases.models import Assignment, Entry, EntryFile, Incident, Step
from incidents.db import db
from incidents.errors import BadInput, Refusal
from incidents.text import first_link
from incidents.vocabulary import StepState
from playbooks import condition
from playbooks.facts import FACTS

_PROOF = {
    "words": ("một dòng nói đã làm gì", "one line saying what was done"),
    "link": ("đường dẫn", "a link"),
    "file": ("ảnh hoặc tệp", "a picture or file"),
    "any": ("ảnh, tệp hoặc đường dẫn", "a picture, a file or a link"),
}


class Lack(NamedTuple):
    """One thing that is missing. ``field``: applies, waits, result, document, agencies, settled:<fact>, approval."""

    field: str
    vi: str
    en: str


@dataclass(frozen=True)
class Given:
    """What somebody gives with the tick. ``settled``: fact → value; ``files``: how many pictures come along."""

    result: str = ""
    document: str = ""
    settled: Mapping[str, str] = field(default_factory=dict)
    files: int = 0


class GateNotMet(Refusal):
    """A step cannot be ticked yet; ``lacks`` says field by field what is missing."""

    vi = "Chưa xong được bước {position}, còn thiếu: {missing}."
    en = "Step {position} cannot be done yet, missing: {missing_en}."

    def __init__(self, step: Step, lacks: Sequence[Lack]) -> None:
        self.lacks = tuple(lacks)
        super().__init__(
            position=step.position,
            missing="; ".join(lack.vi for lack in lacks),
            missing_en="; ".join(lack.en for lack in lacks),
        )


def lacking(incident: Incident, step: Step, given: Given, steps: Sequence[Step]) -> list[Lack]:
    """Everything but the approval that is still missing, in the order in which a person would mend it."""
    gate: Mapping[str, Any] = step.plan.get("gate") or {}
    lacks = [_applies_not(incident, step)] if step.applies is not True else []
    lacks += [_waits(one) for one in waiting_for(step, steps)]
    kind = str(gate.get("evidence", ""))
    if kind and not _is_proven(incident, step, kind, given):
        lacks.append(Lack("result", *_proof_words(step, kind)))
    if gate.get("document") and not (given.document or step.document).strip():
        lacks.append(Lack("document", "số, ngày văn bản", "number and date of the document"))
    wanted = int(gate.get("acknowledgements", 0))
    if wanted and (accepted := _acceptances(incident)) < wanted:
        lacks.append(
            Lack("agencies", f"{accepted}/{wanted} cơ quan đã nhận việc", f"{accepted} of {wanted} agencies accepted")
        )
    return lacks + [_unsettled(name) for name in gate.get("settles", ()) if not _is_settled(step, name, given)]


def _applies_not(incident: Incident, step: Step) -> Lack:
    """A step that does not apply is never done: a label needs its verdict, criticism has none at all (G1, G2, G3)."""
    if step.applies is False:
        return Lack("applies", "bước này không áp dụng với sự việc hiện tại", "this step does not apply as things are")
    facts = clocks.facts_of(incident, clocks.anchors_of(incident))
    unknown = [FACTS[name] for name in condition.names(step.plan.get("when", "")) if facts.get(name) is None]
    vi = "thông tin để biết bước có áp dụng không"
    en = "what tells whether the step applies"
    if unknown:
        vi = f"cho biết trước: {', '.join(sorted(fact.vi for fact in unknown))}"
        en = f"tell first: {', '.join(sorted(fact.en for fact in unknown))}"
    return Lack("applies", vi, en)


def is_hard(incident: Incident, step: Step) -> bool:
    """Whether the law of the incident's day sets our own time for the step, its clock running or not yet (G15)."""
    if any(clock.hard and clock.owner == "own" for clock in step.clocks):
        return True
    known, day = clocks.catalogue(incident), clocks.regime_day(incident)
    cited = [deadline.get("law") for deadline in step.plan.get("deadlines", ()) if deadline.get("law")]
    rows = [known.in_force(key, day) for key in cited]
    return any(row is not None and row.force == "hard" and row.owner == "own" for row in rows)


def asks(step: Step) -> list[str]:
    """The fields a form or a chat has to ask for: result, document, settled:<fact>."""
    gate: Mapping[str, Any] = step.plan.get("gate") or {}
    fields = ["result"] if gate.get("evidence") else []
    fields += ["document"] if gate.get("document") else []
    return fields + [f"settled:{name}" for name in gate.get("settles", ())]


def waiting_for(step: Step, steps: Sequence[Step]) -> list[Step]:
    """The earlier steps that hold this one up. What does not apply, or is not known to apply, holds nobody up.

    Nor does an intake that the incident itself proves: a commune that has looked at the dam is never told to wait for
    somebody else's tick.
    """
    keys = set(step.plan.get("after", ()))
    before = [one for one in steps if one.key in keys and one.id != step.id]
    open_ones = [one for one in before if one.state == StepState.open and one.applies is True and not has_run(one)]
    open_ones = [one for one in open_ones if not brings_proof(one)]
    if step.plan.get("after_any") and any(one.state != StepState.open or has_run(one) for one in before):
        return []
    return open_ones


def brings_proof(step: Step) -> bool:
    """Whether the incident was opened with what the intake step asks for: one press is enough."""
    gate: Mapping[str, Any] = step.plan.get("gate") or {}
    kind = str(gate.get("evidence", ""))
    if step.phase != "intake" or gate.get("document") or gate.get("settles") or step.plan.get("approval"):
        return False
    return kind in ("", "words") or (kind in ("link", "any") and bool(step.incident.link))


def has_run(step: Step) -> bool:
    """A repeating step that was done at least once stays open, yet holds up nobody."""
    repeats = step.plan.get("repeat_every_minutes") or step.plan.get("repeat_at")
    return bool(repeats and step.done_at)


def checked_settled(step: Step, settled: Mapping[str, str]) -> dict[str, str]:
    """The facts given, as far as the step settles them. Raises ``BadInput`` for a value that is no choice, and for calling
    an opinion false: of opinion there is no verdict (domain 4.5, G1)."""
    names = (step.plan.get("gate") or {}).get("settles", ())
    chosen = {name: str(settled[name]) for name in names if settled.get(name)}
    for name, value in chosen.items():
        if value not in {str(choice) for choice in FACTS[name].choices}:
            raise BadInput(f"settled:{name}", "Giá trị này không có trong danh sách.", "This value is not in the list.")
    if chosen.get("verdict") == "false" and step.incident.flags.get("accuracy") == "opinion":
        words = "Ý kiến, nhận định không có kết luận đúng sai (NĐ 328 không áp dụng)."
        raise BadInput("settled:verdict", words, "An opinion is neither true nor false; no verdict is given.")
    return chosen


def _waits(step: Step) -> Lack:
    name_en = step.name_en or step.name
    return Lack("waits", f"xong bước {step.position} ({step.name}) trước", f"step {step.position} first ({name_en})")


def _proof_words(step: Step, kind: str) -> tuple[str, str]:
    vi, en = _PROOF[kind]
    named = ", ".join(step.plan.get("evidence", ()))
    return (f"{vi} ({named.lower()})" if named and kind != "words" else vi), en


def _is_proven(incident: Incident, step: Step, kind: str, given: Given) -> bool:
    words = given.result.strip() or step.result.strip()
    has_link, has_file = bool(first_link(words)), bool(given.files or step.file_count)
    if step.phase == "intake":  # what the incident was opened with is its first evidence
        words = words or incident.what
        has_link, has_file = has_link or bool(incident.link), has_file or _has_files(incident)
    return {"words": bool(words), "link": has_link, "file": has_file}.get(kind, has_link or has_file)


def _has_files(incident: Incident) -> bool:
    wanted = select(EntryFile.id).join(Entry, Entry.id == EntryFile.entry_id).where(Entry.incident_id == incident.id)
    return db.session.scalar(wanted.limit(1)) is not None


def _acceptances(incident: Incident) -> int:
    """Agencies that have accepted their part, each counted once."""
    accepted = (Assignment.incident_id == incident.id, Assignment.accepted_at.is_not(None))
    wanted = select(func.count(func.distinct(Assignment.agency_id))).where(*accepted, Assignment.ended_at.is_(None))
    return db.session.scalar(wanted) or 0


def _unsettled(name: str) -> Lack:
    return Lack(f"settled:{name}", FACTS[name].vi, FACTS[name].en)


def _is_settled(step: Step, name: str, given: Given) -> bool:
    return bool(given.settled.get(name) or step.settled.get(name))


def approval_lack(step: Step, severity: int) -> Lack:
    vi, en = approving.words(step.plan, severity)
    return Lack("approval", f"duyệt của {vi} (trình duyệt trước)", f"approval by {en} (submit it first)")
