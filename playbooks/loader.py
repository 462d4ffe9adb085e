"""One playbook file read and checked: everything it names must exist."""

import re
from collections import Counter
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from playbooks import condition, law, worktime
from playbooks.fields import Table, build, read_toml, tables
from playbooks.model import BadPlaybook, Deadline, Playbook, Step
from playbooks.vocabulary import ANCHORS, APPROVALS, FACTS, PHASES, ROLES, SELECTORS

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"PB-\d\d")


def read(path: Path) -> Playbook:
    """The playbook in the file. Raises BadPlaybook naming the file, the place and what to do."""
    table, file = read_toml(path, BadPlaybook), path.name
    rows = tables(table.pop("steps", []), (file, "steps"), BadPlaybook)
    steps = tuple(_step(row, file, f"steps[{number}]") for number, row in enumerate(rows, 1))
    playbook = build(Playbook, table, (file, "kịch bản"), BadPlaybook, steps=steps)
    _check_playbook(playbook, file)
    _check_order(playbook, file)
    return playbook


def _step(row: Table, file: str, place: str) -> Step:
    place = str(row.get("key") or place)
    given = tables(row.pop("deadlines", []), (file, f"{place}.deadlines"), BadPlaybook)
    deadlines = tuple(_deadline(one, file, f"{place}.deadlines[{number}]") for number, one in enumerate(given, 1))
    step = build(Step, row, (file, place), BadPlaybook, deadlines=deadlines)
    _check_step(step, file, place)
    return step


def _deadline(row: Table, file: str, place: str) -> Deadline:
    made = build(Deadline, row, (file, place), BadPlaybook)
    _check_condition(made.when, file, f"{place}.when")
    if made.law:
        _check_law(made, file, place)
    else:
        _check_known([made.anchor], ANCHORS, file, f"{place}.anchor")
        _check_known([made.unit], worktime.UNITS, file, f"{place}.unit")
        if (made.amount > 0) == (made.unit == "at_once"):
            raise BadPlaybook(file, f"{place}.amount", "phải là số dương; riêng at_once không có số lượng")
    return made


def _check_law(deadline: Deadline, file: str, place: str) -> None:
    if deadline.anchor or deadline.amount or deadline.unit:
        raise BadPlaybook(file, place, "đã ghi law thì bỏ anchor, amount, unit: căn cứ tự có thời hạn")
    row = _basis(deadline.law, file, f"{place}.law")
    if row.unit not in worktime.UNITS or row.anchor not in ANCHORS:
        raise BadPlaybook(file, f"{place}.law", f"căn cứ {row.key} không có thời hạn tính được, hãy để ở bases")


def _check_playbook(playbook: Playbook, file: str) -> None:
    if not _KEY.fullmatch(playbook.key) or not _CODE.fullmatch(playbook.code) or playbook.version < 1:
        raise BadPlaybook(file, "key, code, version", "khóa chữ thường không dấu, mã dạng PB-01, phiên bản từ 1")
    if playbook.valid_to and playbook.valid_to < playbook.valid_from:
        raise BadPlaybook(file, "valid_to", "phải từ valid_from trở đi")
    if not playbook.fits.strip():
        raise BadPlaybook(file, "fits", "phải có điều kiện chọn, nếu không kịch bản sẽ hợp với mọi sự việc")
    _check_condition(playbook.fits, file, "fits")
    _check_words(playbook, ("name", "name_en", "summary", "summary_en"), file, "kịch bản")
    if not playbook.steps:
        raise BadPlaybook(file, "steps", "kịch bản phải có ít nhất một bước")


def _check_step(step: Step, file: str, place: str) -> None:
    if not _KEY.fullmatch(step.key):
        raise BadPlaybook(file, f"{place}.key", "khóa gồm chữ thường không dấu, số và gạch dưới")
    _check_words(step, ("name", "name_en", "how", "how_en"), file, place)
    _check_known([step.phase], PHASES, file, f"{place}.phase")
    _check_known(step.roles, ROLES, file, f"{place}.roles")
    _check_known([step.approval], APPROVALS, file, f"{place}.approval")
    _check_known([step.sets, step.repeat_until], {*ANCHORS, ""}, file, f"{place}.sets, repeat_until")
    for key in step.bases:
        _basis(key, file, f"{place}.bases")
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
    if step.repeat_every_minutes < 0:
        raise BadPlaybook(file, f"{place}.repeat_every_minutes", "phải là số phút dương")
    if bool(step.repeat_every_minutes or step.repeat_at) != bool(step.repeat_until):
        raise BadPlaybook(file, f"{place}.repeat_until", "bước lặp lại phải có nhịp và mốc dừng, bước thường thì không")


def _check_order(playbook: Playbook, file: str) -> None:
    keys = [step.key for step in playbook.steps]
    if twice := [key for key, count in Counter(keys).items() if count > 1]:
        raise BadPlaybook(file, f"{twice[0]}.key", "hai bước trùng khóa, hãy đổi một trong hai")
    for step in playbook.steps:
        _check_known(step.after, keys, file, f"{step.key}.after")
    try:
        TopologicalSorter({step.key: step.after for step in playbook.steps}).prepare()
    except CycleError as fault:
        raise BadPlaybook(file, "after", f"các bước chờ nhau thành vòng: {' ← '.join(fault.args[1])}") from fault


def _check_words(thing: Playbook | Step, names: tuple[str, ...], file: str, place: str) -> None:
    for name in names:
        if not getattr(thing, name).strip():
            raise BadPlaybook(file, f"{place}.{name}", "không được để trống")


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


def _basis(key: str, file: str, where: str) -> law.LegalBasis:
    try:
        return law.basis(key)
    except law.UnknownBasis as fault:
        raise BadPlaybook(file, where, f"không có căn cứ “{key}”, hãy thêm vào law/ hoặc sửa khóa") from fault
