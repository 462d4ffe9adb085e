"""One playbook file read and checked: everything it names must exist. Nothing is half-loaded."""

import re
from collections import Counter
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from playbooks import condition, law, worktime
from playbooks.facts import SETTLED
from playbooks.fields import Table, build, file_text, parse_toml, tables
from playbooks.model import BadPlaybook, Deadline, Gate, Playbook, Step
from playbooks.places import line_of
from playbooks.vocabulary import ANCHORS, APPROVALS, EVIDENCE_GATES, FACTS, PHASES, ROLES, SELECTORS

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_CODE = re.compile(r"PB-\d\d")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
MOST = 9999
"""The largest amount, version or order; of months, MOST_MONTHS. A chain of larger amounts would leave the calendar."""
MOST_MONTHS = 120
MOST_STEPS = 200
MOST_DEADLINES = 10
MOST_WORKING = 1000  # working days and hours are counted one by one
_LONGEST = {"name": 300, "name_en": 300, "note": 200}
_LONG = 2000


def read(path: Path) -> Playbook:
    """The playbook in the file. Raises BadPlaybook naming the file, the line, the place and what to do."""
    return read_text(file_text(path, BadPlaybook), path.name)


def read_text(text: str, name: str, catalogue: law.Catalogue | None = None) -> Playbook:
    """The playbook written in `text`; `name` stands for the file in refusals. Raises BadPlaybook.

    `catalogue`: the legal bases it may cite; those that ship when not given.
    """
    table = parse_toml(text, name, BadPlaybook)
    try:
        return _playbook(table, name, catalogue or law.shipped())
    except BadPlaybook as fault:
        raise BadPlaybook(fault.file, fault.where, fault.what, line_of(text, fault.where)) from fault


def _playbook(table: Table, file: str, rules: law.Catalogue) -> Playbook:
    rows = tables(table.pop("steps", []), (file, "steps"), BadPlaybook)
    _check_keys([row.get("key") for row in rows], file)
    steps = tuple(_step(row, file, f"steps[{number}]", rules) for number, row in enumerate(rows, 1))
    playbook = build(Playbook, table, (file, "kịch bản"), BadPlaybook, steps=steps)
    _check_playbook(playbook, file)
    _check_order(playbook, file)
    _check_anchors(playbook, file, rules)
    return playbook


def _step(row: Table, file: str, place: str, rules: law.Catalogue) -> Step:
    place = str(row.get("key") or place)
    given = tables(row.pop("deadlines", []), (file, f"{place}.deadlines"), BadPlaybook)
    if len(given) > MOST_DEADLINES:
        raise BadPlaybook(file, f"{place}.deadlines", f"một bước không quá {MOST_DEADLINES} thời hạn")
    deadlines = tuple(
        _deadline(one, file, f"{place}.deadlines[{number}]", rules) for number, one in enumerate(given, 1)
    )
    gate = _gate(row.pop("gate", {}), file, f"{place}.gate")
    step = build(Step, row, (file, place), BadPlaybook, deadlines=deadlines, gate=gate)
    _check_step(step, file, place)
    for key in step.bases:
        _basis(key, file, f"{place}.bases", rules)
    return step


def _gate(given: object, file: str, place: str) -> Gate:
    if not isinstance(given, dict):
        raise BadPlaybook(file, place, 'phải là một bảng, ví dụ { evidence = "any" }')
    gate = build(Gate, given, (file, place), BadPlaybook)
    _check_known([gate.evidence], EVIDENCE_GATES, file, f"{place}.evidence")
    _check_known(gate.settles, SETTLED, file, f"{place}.settles")
    if not 0 <= gate.acknowledgements <= 99:
        raise BadPlaybook(file, f"{place}.acknowledgements", "phải là số cơ quan, từ 0 đến 99")
    return gate


def _deadline(row: Table, file: str, place: str, rules: law.Catalogue) -> Deadline:
    made = build(Deadline, row, (file, place), BadPlaybook)
    _check_condition(made.when, file, f"{place}.when")
    _check_words(made, (), file, place)
    if any(not 1 <= percent <= 99 for percent in made.warn) or list(made.warn) != sorted(set(made.warn)):
        raise BadPlaybook(file, f"{place}.warn", "phải là các số phần trăm tăng dần, từ 1 đến 99, ví dụ [50, 80]")
    if made.law:
        _check_law(made, file, place, rules)
    else:
        _check_known([made.anchor], ANCHORS, file, f"{place}.anchor")
        _check_known([made.unit], worktime.UNITS, file, f"{place}.unit")
        most = {"month": MOST_MONTHS, "working_day": MOST_WORKING, "working_hour": MOST_WORKING}.get(made.unit, MOST)
        if (made.amount > 0) == (made.unit == "at_once") or not 0 <= made.amount <= most:
            what = f"hạn không được trước mốc: phải là số dương đến {most}; riêng at_once không có số lượng"
            raise BadPlaybook(file, f"{place}.amount", what)
    return made


def _check_law(deadline: Deadline, file: str, place: str, rules: law.Catalogue) -> None:
    if deadline.anchor or deadline.amount or deadline.unit:
        raise BadPlaybook(file, place, "đã ghi law thì bỏ anchor, amount, unit: căn cứ tự có thời hạn")
    row = _basis(deadline.law, file, f"{place}.law", rules)
    if row.unit not in worktime.UNITS or row.anchor not in ANCHORS:
        raise BadPlaybook(file, f"{place}.law", f"căn cứ {row.key} không có thời hạn tính được, hãy để ở bases")


def _check_playbook(playbook: Playbook, file: str) -> None:
    if not _KEY.fullmatch(playbook.key):
        raise BadPlaybook(file, "key", "khóa gồm chữ thường không dấu, số và gạch dưới, dài không quá 60")
    if not _CODE.fullmatch(playbook.code):
        raise BadPlaybook(file, "code", "mã có dạng PB-01")
    for name in ("version", "order"):
        if not 1 <= getattr(playbook, name) <= MOST:
            raise BadPlaybook(file, name, f"phải là số từ 1 đến {MOST}")
    if playbook.valid_to and playbook.valid_to < playbook.valid_from:
        raise BadPlaybook(file, "valid_to", "phải từ valid_from trở đi")
    if not playbook.fits.strip():
        raise BadPlaybook(file, "fits", "phải có điều kiện chọn, nếu không kịch bản sẽ hợp với mọi sự việc")
    for name in ("fits", "beside"):
        _check_condition(getattr(playbook, name), file, name)
    _check_words(playbook, ("name", "name_en", "summary", "summary_en"), file, "kịch bản")
    if not 1 <= len(playbook.steps) <= MOST_STEPS:
        raise BadPlaybook(file, "steps", f"kịch bản phải có từ 1 đến {MOST_STEPS} bước")


def _check_step(step: Step, file: str, place: str) -> None:
    if not _KEY.fullmatch(step.key):
        raise BadPlaybook(file, f"{place}.key", "khóa gồm chữ thường không dấu, số và gạch dưới, dài không quá 60")
    _check_words(step, ("name", "name_en", "how", "how_en"), file, place)
    _check_known([step.phase], PHASES, file, f"{place}.phase")
    _check_known(step.roles, ROLES, file, f"{place}.roles")
    _check_known([step.approval], APPROVALS, file, f"{place}.approval")
    _check_known([step.sets, step.repeat_until], {*ANCHORS, ""}, file, f"{place}.sets, repeat_until")
    _check_condition(step.when, file, f"{place}.when")
    _check_agencies(step, file, place)
    _check_repeat(step, file, place)


def _check_agencies(step: Step, file: str, place: str) -> None:
    if not step.roles or not step.agencies:
        raise BadPlaybook(file, f"{place}.roles, agencies", "mỗi bước phải có vai trò và cơ quan thực hiện")
    selectors = [agency for agency in step.agencies if not _KEY.fullmatch(agency)]
    _check_known(selectors, SELECTORS, file, f"{place}.agencies")
    if step.sets == "demanded_at" and not step.police_only:
        # Guard rule G4: the desk proposes, only the police demand.
        raise BadPlaybook(file, f"{place}.police_only", "bước ghi mốc demanded_at phải là true: chỉ Công an yêu cầu gỡ")


def _check_repeat(step: Step, file: str, place: str) -> None:
    if not 0 <= step.repeat_every_minutes <= MOST:
        raise BadPlaybook(file, f"{place}.repeat_every_minutes", f"phải là số phút dương, đến {MOST}")
    if bool(step.repeat_every_minutes or step.repeat_at) != bool(step.repeat_until):
        raise BadPlaybook(file, f"{place}.repeat_until", "bước lặp lại phải có nhịp và mốc dừng, bước thường thì không")


def _check_keys(keys: list[object], file: str) -> None:
    if twice := [key for key, count in Counter(key for key in keys if isinstance(key, str)).items() if count > 1]:
        raise BadPlaybook(file, f"{twice[0]}.key", "hai bước trùng khóa, hãy đổi một trong hai")


def _check_order(playbook: Playbook, file: str) -> None:
    keys = [step.key for step in playbook.steps]
    for step in playbook.steps:
        _check_known(step.after, keys, file, f"{step.key}.after")
    try:
        TopologicalSorter({step.key: step.after for step in playbook.steps}).prepare()
    except CycleError as fault:
        circle = fault.args[1]
        raise BadPlaybook(file, f"{circle[0]}.after", f"các bước chờ nhau thành vòng: {' ← '.join(circle)}") from fault


def _check_anchors(playbook: Playbook, file: str, rules: law.Catalogue) -> None:
    """A clock that runs from what only a later step records would never run in time."""
    later = _later(playbook)
    for step in playbook.steps:
        for number, deadline in enumerate(step.deadlines, 1):
            rule = rules.basis(deadline.law) if deadline.law else None
            anchor = rule.anchor if rule else deadline.anchor
            setters = {one.key for one in playbook.steps if one.sets == anchor}
            # What others owe does begin with our own deed: a platform's time with the demand.
            own = set() if rule and rule.owner == "external" else {step.key}
            if setters and setters <= later[step.key] | own:
                what = (
                    f"mốc {anchor} chỉ được ghi khi làm xong bước {', '.join(sorted(setters))}, hãy chọn mốc có trước"
                )
                raise BadPlaybook(file, f"{step.key}.deadlines[{number}].{'law' if rule else 'anchor'}", what)


def _later(playbook: Playbook) -> dict[str, set[str]]:
    """For each step, the steps that wait for it, directly or through others."""
    later: dict[str, set[str]] = {step.key: set() for step in playbook.steps}
    order = TopologicalSorter({step.key: step.after for step in playbook.steps}).static_order()
    for key in reversed(list(order)):
        for earlier in playbook.step(key).after:
            later[earlier] |= {key} | later[key]
    return later


def _check_words(thing: Playbook | Step | Deadline, names: tuple[str, ...], file: str, place: str) -> None:
    for name in names:
        if not getattr(thing, name).strip():
            raise BadPlaybook(file, f"{place}.{name}", "không được để trống")
    for name, value in vars(thing).items():
        for word in value if isinstance(value, tuple) else (value,):
            if not isinstance(word, str):
                continue
            if _CONTROL.search(word):
                raise BadPlaybook(file, f"{place}.{name}", "có ký tự điều khiển không nhìn thấy, hãy gõ lại")
            if len(word) > (most := _LONGEST.get(name, _LONG)):
                raise BadPlaybook(file, f"{place}.{name}", f"dài không quá {most} ký tự")


def _check_known(given: Iterable[str], known: Iterable[str], file: str, where: str) -> None:
    for word in given:
        if word not in known:
            raise BadPlaybook(file, where, f"“{word}” không có trong: {', '.join(sorted(known))}")


def _check_condition(text: str, file: str, where: str) -> None:
    try:
        asked = condition.names(text)
    except condition.BadCondition as fault:
        raise BadPlaybook(file, where, str(fault)) from fault
    _check_known(sorted(asked), FACTS, file, where)
    for name in condition.ordered(text):
        if not all(isinstance(value, int) for value in FACTS[name].choices or ("",)):
            raise BadPlaybook(file, where, f"{name} không phải số, hãy dùng == hoặc in")
    for name, value in condition.compared(text):
        if (known := FACTS[name].choices or (True, False)) and value not in known:
            values = ", ".join(repr(one) for one in known)
            raise BadPlaybook(file, where, f"{name} không có giá trị {value!r}, hãy dùng một trong: {values}")


def _basis(key: str, file: str, where: str, rules: law.Catalogue) -> law.LegalBasis:
    try:
        return rules.basis(key)
    except law.UnknownBasis as fault:
        raise BadPlaybook(file, where, f"không có căn cứ “{key}”, hãy thêm vào law/ hoặc sửa khóa") from fault
