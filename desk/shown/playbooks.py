"""Playbooks in words: the list, the steps of a version, its bases with what is wrong with them, what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from desk.language import _, current
from desk.shown import agencies
from incidents.people.members import today
from incidents.planning import bases
from incidents.planning.models import PlaybookVersion
from incidents.planning.shelf import Held
from incidents.reading.figures.late_steps import Counts, StepTimes
from incidents.vocabulary import PHASES, label
from playbooks import compare, condition, law, phrases
from playbooks.facts import FACTS
from playbooks.model import Playbook, Step

_HOUR, _DAY = 3600, 86400


def name(thing: Playbook | Step) -> str:
    return thing.name_en if current() == "en" else thing.name


def words(pair: tuple[str, str]) -> str:
    """Of a Vietnamese and an English text the reader's."""
    return pair[1 if current() == "en" else 0]


def title(playbook: Playbook) -> str:
    """ "PB-01 Xử lý thông tin …"."""
    return f"{playbook.code} {name(playbook)}"


def steps(playbook: Playbook) -> list[dict[str, Any]]:
    """One row per step: who, deadlines, bases, evidence, approval, after, when, how."""
    numbers = {step.key: f"{number}. {name(step)}" for number, step in enumerate(playbook.steps, 1)}
    return [
        {
            "number": number,
            "key": step.key,
            "name": name(step),
            "phase": label(PHASES, step.phase, current()),
            "who": agencies.doers(list(step.roles), list(step.agencies)),
            "due": [words(compare.deadline_words(deadline, bases.catalogue())) for deadline in step.deadlines],
            "repeats": _repeats(step),
            "bases": [basis(key) for key in dict.fromkeys((*_timed_by(step), *step.bases))],
            "evidence": "; ".join(step.evidence),
            "gate": words(compare.gate_words(step.gate)) if step.gate != type(step.gate)() else "",
            "approval": words(compare.in_words("approval", step.approval)) if step.approval else "",
            "after": [numbers[key] for key in step.after],
            "after_any": step.after_any,
            "when": words(phrases.in_words(step.when)) if step.when else "",
            "when_code": step.when,
            "how": step.how_en if current() == "en" else step.how,
        }
        for number, step in enumerate(playbook.steps, 1)
    ]


def _repeats(step: Step) -> str:
    if not step.repeat_until:
        return ""
    parts = [_("mỗi {minutes} phút").format(minutes=step.repeat_every_minutes)] if step.repeat_every_minutes else []
    parts += [f"{hour:%H:%M}" for hour in step.repeat_at]
    until = words(compare.in_words("repeat_until", step.repeat_until))
    return _("lặp lại {rhythm} đến khi {until}").format(rhythm=", ".join(parts), until=until)


def _timed_by(step: Step) -> list[str]:
    return [deadline.law for deadline in step.deadlines if deadline.law]


def basis(key: str) -> dict[str, Any]:
    """A legal basis by its key: citation, and what is wrong with it today, "" when nothing is."""
    try:
        row = bases.catalogue().basis(key)
    except law.UnknownBasis:
        return {"key": key, "citation": key, "wrong": _("không có trong danh mục")}
    return {"key": key, "citation": law.citation(row), "wrong": _wrong(row, today())}


def _wrong(row: law.LegalBasis, day: date) -> str:
    if row.valid_to is not None and row.valid_to < day:
        return _("hết hiệu lực sau {day}").format(day=f"{row.valid_to:%d/%m/%Y}")
    return _("(cần kiểm tra)") if row.confidence == "check" else ""


def wrong_bases(playbook: Playbook) -> list[dict[str, Any]]:
    """Bases of the playbook that are past their validity or still to be checked, each once."""
    keys = dict.fromkeys(key for step in playbook.steps for key in (*_timed_by(step), *step.bases))
    return [one for key in keys if (one := basis(key))["wrong"]]


def rate(counts: Counts | None) -> str:
    """ "25 % (3/12)"; "–" while nothing can be said."""
    if counts is None or counts.late_share is None:
        return "–"
    return f"{round(counts.late_share * 100)} % ({counts.late}/{counts.late + counts.in_time})"


def span(length: timedelta | None) -> str:
    """ "2 giờ 10 phút", "1 ngày 3 giờ"; "–" for none."""
    if length is None:
        return "–"
    seconds = round(abs(length.total_seconds()))
    if seconds >= 2 * _DAY:
        parts = ((seconds // _DAY, _("ngày")), (seconds % _DAY // _HOUR, _("giờ")))
    else:
        parts = ((seconds // _HOUR, _("giờ")), (seconds % _HOUR // 60, _("phút")))
    said = [f"{amount} {unit}" for amount, unit in parts if amount]
    return " ".join(said) or _("dưới 1 phút")


def times(rows: Iterable[StepTimes]) -> list[dict[str, Any]]:
    """The figures of each step, the share late as 0 to 1 for the picture."""
    return [
        {
            "key": row.key,
            "name": row.name_en if current() == "en" and row.name_en else row.name,
            "counts": row.counts,
            "taken": span(row.taken),
            "allowed": span(row.allowed),
            "rate": rate(row.counts),
            "share": row.counts.late_share,
        }
        for row in rows
    ]


def changes(old: Playbook, new: Playbook) -> list[dict[str, str]]:
    """What differs between two versions, a row each: kind, step, field, old, new."""
    rows = (
        one
        for one in compare.changes(old, new, bases.catalogue())
        if words(one.field) != words(compare.PLAYBOOK_FIELDS["version"])
    )
    return [
        {
            "kind": words(compare.KINDS[one.kind]),
            "step": words(one.name) if one.step else "",
            "field": words(one.field),
            "old": words(one.old),
            "new": words(one.new),
        }
        for one in rows
    ]


def states() -> Mapping[str, str]:
    return {"draft": _("bản thảo"), "active": _("đang dùng"), "retired": _("ngừng dùng")}


def versions(held: Sequence[Held], rows: Sequence[PlaybookVersion], in_force: int | None) -> list[dict[str, Any]]:
    """Every version of one playbook, newest first: files and rows together."""
    made = {row.version: row for row in rows}
    numbers = sorted({one.version for one in held} | set(made), reverse=True)
    files = {one.version: one for one in held}
    return [_version(number, made.get(number), files.get(number), in_force) for number in numbers]


def _version(number: int, row: PlaybookVersion | None, held: Held | None, in_force: int | None) -> dict[str, Any]:
    state = row.state if row else "active"
    begins = held.in_force_from if held else None
    if number == in_force:
        said = _("đang dùng")
    elif state == "active" and begins and begins > today():
        said = _("dùng từ {day}").format(day=f"{begins:%d/%m/%Y}")
    else:
        said = _("bản trước") if state == "active" else states()[state]
    return {
        "number": number,
        "state": state,
        "said": said,
        "broken": held is not None and held.is_broken,
        "from": f"{begins:%d/%m/%Y}" if begins and begins.year < 9999 else "",
        "document": row.document if row else "",
        "shipped": held is not None and held.shipped,
        "approved_by": row.approved_by.name if row and row.approved_by else "",
        "reason": row.retire_reason if row else "",
    }


def facts_asked(playbook: Playbook) -> list[str]:
    """The facts that conditions of this playbook ask for, in the order of the vocabulary."""
    texts = [step.when for step in playbook.steps]
    texts += [deadline.when for step in playbook.steps for deadline in step.deadlines]
    asked = set().union(*(condition.names(text) for text in texts))
    return [key for key in FACTS if key in asked]


def known_facts() -> list[dict[str, str]]:
    """Every fact a condition may ask, with its words and how its values are written."""
    return [
        {
            "key": key,
            "words": words(fact.words),
            "values": ", ".join(repr(value) for value in fact.choices) if fact.choices else "True, False",
        }
        for key, fact in FACTS.items()
    ]
