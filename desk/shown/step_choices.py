"""What the form of a playbook's step offers to choose from, and the names of its fields."""

from typing import Any

from desk.language import _, current
from desk.shown import agencies, choices
from desk.shown import playbooks as shown
from incidents.planning import bases
from incidents.vocabulary import PHASES, ROLES, UNITS
from playbooks import compare, law, vocabulary
from playbooks.facts import FACTS, SETTLED
from playbooks.worktime import UNITS as COUNTED


def all_of() -> dict[str, Any]:
    """Every list that ``playbook_step.html`` reads."""
    return {
        "phases": choices.of(PHASES),
        "all_roles": [(key, words) for key, words in choices.of(ROLES) if key in vocabulary.ROLES],
        "selectors": choices.of(vocabulary.SELECTORS),
        "agencies": [(agency.code, agency.label) for agency in agencies.known()],
        "bases": [(row.key, law.citation(row)) for row in bases.catalogue().all_bases()],
        "timed": [(row.key, law.citation(row)) for row in bases.catalogue().all_bases() if row.unit in COUNTED],
        "approvals": choices.of(vocabulary.APPROVALS),
        "evidence_gates": choices.of(vocabulary.EVIDENCE_GATES),
        "settled": [(name, shown.words(FACTS[name].words)) for name in FACTS if name in SETTLED],
        "anchors": choices.of(vocabulary.ANCHORS, _("không")),
        "units": [("", "–"), *((key, words) for key, words in choices.of(UNITS) if key in COUNTED)],
        "known_facts": shown.known_facts(),
    }


def field_name(name: str) -> str:
    """A field of the forms in words, for the table of two editors."""
    place = 1 if current() == "en" else 0
    if name.startswith("deadline_"):
        return _("Hạn") + f" ({_ROW[name.removeprefix('deadline_')][place]})"
    if name.startswith("gate_"):
        return compare.STEP_FIELDS["gate"][place]
    table = compare.STEP_FIELDS if name in compare.STEP_FIELDS else compare.PLAYBOOK_FIELDS
    return table[name][place] if name in table else name


_ROW = {
    "law": ("căn cứ", "basis"),
    "anchor": ("mốc", "anchor"),
    "amount": ("số lượng", "amount"),
    "unit": ("đơn vị", "unit"),
    "when": ("điều kiện", "condition"),
    "note": ("ghi chú", "note"),
    "warn": ("nhắc", "warnings"),
}
