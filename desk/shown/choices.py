"""What forms offer to choose from, in the reader's language: ``(key, label)`` each."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from desk.language import _, current
from incidents.cases import triage
from incidents.cases.models import Incident
from incidents.planning import shelf
from incidents.vocabulary import (
    CATEGORIES,
    KINDS,
    NEUTRAL_TITLES,
    SEVERITIES,
    SEVERITY_CRITERIA,
    STATUSES,
    Label,
    label,
)
from playbooks.facts import FACTS

Choices = list[tuple[str, str]]


def of(table: Mapping[str, Label], empty: str | None = None) -> Choices:
    """Every row of a table of the vocabulary; ``empty``: the words of choosing none."""
    lang = current()
    rows = [(str(key), label(table, key, lang)) for key in table]
    return rows if empty is None else [("", empty), *rows]


def levels() -> list[tuple[int, str, str]]:
    """(level, word, criteria)."""
    lang = current()
    return [(n, label(SEVERITIES, n, lang), label(SEVERITY_CRITERIA, n, lang)) for n in SEVERITIES]


def level(severity: int) -> str:
    """ "Cấp 3 Nghiêm trọng"."""
    return f"{_('Cấp')} {severity} {label(SEVERITIES, severity, current())}"


def kinds() -> Choices:
    return of(KINDS)


def categories(empty: str) -> Choices:
    return of(CATEGORIES, empty)


def status(key: str) -> str:
    return label(STATUSES, key, current())


def title(incident: Incident) -> str:
    """The neutral title in the reader's language; it is stored in Vietnamese."""
    if current() == "vi":
        return incident.title
    for words, english in NEUTRAL_TITLES.values():
        if incident.title.startswith(words):
            return english + incident.title[len(words) :]
    return incident.title


def playbook(row: Mapping[str, Any]) -> str:
    """The name of a running playbook; the incident keeps it in Vietnamese, the library knows the other one."""
    name = str(row.get("name", ""))
    if current() == "en":
        with suppress(KeyError):
            name = shelf.get(row["key"], row["version"]).name_en
    return name


def fact(name: str) -> str:
    """A fact that playbooks ask for, in words."""
    known = FACTS[name]
    return known.en if current() == "en" else known.vi


def fact_value(name: str, value: object) -> str:
    """A fact's value in words."""
    if isinstance(value, bool):
        return _("có") if value else _("không")
    words = FACTS[name].choices.get(value)
    return words[current() == "en"] if words else str(value)


def flags() -> dict[str, str]:
    """What is known of an incident besides its kind, in words; the keys are those of ``triage.FLAGS``."""
    return {
        name: _("Đã kiểm tra loại trừ (NĐ 328 Đ.5.5)") if name == "exclusion_checked" else _capital(fact(name))
        for name in triage.FLAGS
    }


def fact_choices() -> dict[str, Choices]:
    """Facts with more than yes and no that only playbooks ask for."""
    names = ("accuracy", "press_kind")
    return {name: [("", _("Chưa rõ")), *((str(k), fact_value(name, k)) for k in FACTS[name].choices)] for name in names}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
