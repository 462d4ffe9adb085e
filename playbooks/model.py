"""A playbook, its steps and their deadlines: frozen, and checked when read (loader.py)."""

from dataclasses import dataclass
from datetime import date, time

from playbooks.fields import BadFile

WARN = (50, 80)
"""Percent of a clock's time at which people are warned unless the deadline says otherwise (domain 9.2)."""


class BadPlaybook(BadFile):
    """A playbook file cannot be used."""


@dataclass(frozen=True)
class Deadline:
    """When a step is due: a legal basis (`law`), or `amount` `unit` after `anchor` as a soft internal clock.

    With `law`, the amount, anchor, force and owner are those of the basis in force on the incident's day; the other
    fields stay empty. `when` limits the deadline; unless it is known to hold, no clock is planned. `warn`: percent of
    the time (1 to 99, rising) at which people are warned.
    """

    anchor: str = ""
    amount: int = 0
    unit: str = ""
    law: str = ""
    when: str = ""
    note: str = ""
    warn: tuple[int, ...] = WARN


@dataclass(frozen=True)
class Gate:
    """What a step needs before it can be ticked; an empty gate needs nothing. A gate by another person: Step.approval.

    `evidence`: a key of vocabulary.EVIDENCE_GATES. `document`: number and date of a document. `acknowledgements`: how
    many agencies must have accepted their part. `settles`: facts with choices that are settled together with the tick.
    """

    evidence: str = ""
    document: bool = False
    acknowledgements: int = 0
    settles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing to do. Who: `roles` of the `agencies` (codes, or selectors such as "@standing").

    `after`: step keys that come first, all of them, or one when `after_any`; a step that does not apply holds nobody
    up. `when`: the step applies only while this holds. `sets`: the anchor that the doing of the step records.
    `evidence` says in words what proves the doing, `gate` what the tick is refused without. `approval`: a key of
    vocabulary.APPROVALS. `police_only`: only an agency of type police may do it.
    `repeat_every_minutes`, `repeat_at` (local times), `repeat_until` (anchor): see schedule.next_repeat.
    """

    key: str
    name: str
    name_en: str
    phase: str
    roles: tuple[str, ...]
    agencies: tuple[str, ...]
    how: str
    how_en: str
    deadlines: tuple[Deadline, ...] = ()
    bases: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    gate: Gate = Gate()
    approval: str = ""
    after: tuple[str, ...] = ()
    after_any: bool = False
    when: str = ""
    sets: str = ""
    repeat_every_minutes: int = 0
    repeat_at: tuple[time, ...] = ()
    repeat_until: str = ""
    police_only: bool = False
    mandatory: bool = True


@dataclass(frozen=True)
class Playbook:
    """One version of a playbook. `fits` and `order` are its row of the choosing table; `main` is False for one that
    runs beside the main playbook. `beside`: a main playbook also runs beside another one while this holds."""

    key: str
    code: str
    version: int
    name: str
    name_en: str
    summary: str
    summary_en: str
    valid_from: date
    main: bool
    fits: str
    order: int
    beside: str = ""
    valid_to: date | None = None
    steps: tuple[Step, ...] = ()

    def step(self, key: str) -> Step:
        """The step with this key (short, or full with the playbook's key). Raises KeyError."""
        short = key.removeprefix(f"{self.key}.")
        for step in self.steps:
            if step.key == short:
                return step
        raise KeyError(f"{self.key} has no step {short}")

    def full_key(self, step: Step) -> str:
        """`playbook.step`: the name of the step outside its playbook."""
        return f"{self.key}.{step.key}"

    def is_valid_on(self, day: date) -> bool:
        """Whether this version may be started on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
