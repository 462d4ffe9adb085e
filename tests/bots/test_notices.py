"""Sentences that come by themselves: every key a verb uses has words, and what is moot is not sent."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import incidents
from bots.wording import SENTENCES
from incidents.cases import activation, doing, swaps, triage
from incidents.cases.models import Clock, Incident
from incidents.db import db, transaction, utc_now
from incidents.people import members, roster
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState
from playbooks.worktime import ZONE
from tests.bots.conftest import Room
from tests.bots.test_step_story import log, step
from tests.cast import actor


def notice_keys() -> dict[str, set[str]]:
    """Every ``facts["key"]`` told as a notice: file → keys. A key made of parts is followed to the calls it comes from."""
    found: dict[str, set[str]] = {}
    for path in Path(incidents.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        if "AlertKind.notice" not in text or path.name == "telling.py":
            continue
        tree = ast.parse(text)
        keys = {key for function in _functions(tree) for key in _keys_of(function, tree)}
        found[path.name] = keys
    return found


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _keys_of(function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    if "AlertKind.notice" not in ast.unparse(function):
        return set()
    keys: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant) and name.value == "key":
                    keys |= _values_of(value, function, tree)
    return keys


def _values_of(value: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.JoinedStr):
        before, part = value.values
        assert isinstance(before, ast.Constant)
        assert isinstance(part, ast.FormattedValue)
        return {f"{before.value}{one}" for one in _values_of(part.value, function, tree)}
    assert isinstance(value, ast.Name), f"{ast.unparse(value)} cannot be followed"
    place = [arg.arg for arg in function.args.args].index(value.id)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == function.name]
    assert calls
    return {one for call in calls for one in _values_of(call.args[place], function, tree)}


def test_every_notice_a_verb_tells_has_its_sentence() -> None:
    keys = notice_keys()
    assert {"approvals.py", "swaps.py", "activation.py", "holding.py", "roster_reminders.py"} <= set(keys)
    assert all(keys.values()), f"nothing found in {[name for name, some in keys.items() if not some]}"
    told = set().union(*keys.values())
    assert {"step.sent_back", "swap.asked", "swap.declined", "activated", "stood_down", "hold_ended"} <= told
    assert told <= set(SENTENCES), f"no words for {sorted(told - set(SENTENCES))}"


SAMPLES = {
    "activated": {"decision": "QĐ 12", "head": "Lê Thị Hà", "part": "head", "round_the_clock": True},
    "activation_left": {"decision": "QĐ 12"},
    "stood_down": {"decision": "QĐ 13"},
    "hold_ended": {"agency": ""},
    "step.sent_back": {"position": 2, "reason": "chưa nêu nguồn.", "by": "Lò Văn Sơn"},
    "swap.asked": {"who": "An", "to": "Mai", "shift": "19:00–07:00"},
    "swap.accepted": {"who": "An", "to": "Mai", "shift": "19:00–07:00"},
    "swap.declined": {"who": "An", "to": "Mai", "shift": "19:00–07:00", "reason": ""},
    "shift.soon": {"shift": "19:00–07:00", "agency": "Sở VHTTDL", "late": False},
    "handover.wanted": {"who": "An", "to": "Mai"},
    "planning.proposed": {"subject": "lịch nghỉ", "subject_en": "the calendar"},
    "calendar.missing": {"year": 2027},
    "roster.gap": {"count": 2, "first": "19:00–07:00", "agency": "Sở VHTTDL"},
}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_notice_reads_as_a_sentence_in_both_languages(room: Room, lang: str) -> None:
    assert set(SAMPLES) == set().union(*notice_keys().values()), "a new notice needs a sample here"
    room.say("binh", f"/lang {lang}")
    code = log(room, by="mai")
    with room.app.app_context(), transaction():
        incident = db.session.query(Incident).one()
        for key, facts in SAMPLES.items():
            alerts.tell(
                AlertKind.notice,
                [members.by_username("binh")],
                f"t:{key}",
                incident=incident,
                facts={"key": key, **facts},
            )
    room.settle()
    assert room.count(Alert, Alert.kind == "notice", Alert.state == AlertState.sent) == len(SAMPLES)
    said = "\n".join(room.said("binh"))
    assert "{" not in said
    assert ("lịch nghỉ. Đọc" if lang == "vi" else "the calendar. Read") in said
    if lang == "vi":
        assert f"Tổ công tác được kích hoạt cho {code} theo QĐ 12. Tổ trưởng: Lê Thị Hà. " in said
        assert "Vai trò của anh/chị: Tổ trưởng. Anh/chị được quyền quyết định từ lúc này." in said
        assert "Mai không nhận trực thay 19:00–07:00. Lý do: không ghi. Ca vẫn là của anh/chị." in said
        assert "trả lại: chưa nêu nguồn. Những gì" in said


def test_a_notice_with_an_unknown_key_fails_loudly_and_stays_in_the_outbox(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    with room.app.app_context(), transaction():
        alerts.tell(AlertKind.notice, [members.by_username("binh")], "t:1", facts={"key": "no.such"})
    room.deliver()
    assert "could not be delivered" in caplog.text
    assert room.one(Alert).state == AlertState.retry


def test_a_swap_of_a_shift_is_asked_by_chat(room: Room) -> None:
    start = utc_now() + timedelta(days=1)
    with room.app.app_context():
        shift = roster.add_shift(actor("binh"), "so_vhttdl", "an", start, start + timedelta(hours=8))
        swaps.ask(actor("an"), shift.id, "mai")
    room.settle()
    assert room.last("mai").startswith("Nguyễn An nhờ anh/chị trực thay ")


def test_moved_due_times_are_told_old_and_new_and_why(each_room: Room) -> None:
    room = each_room
    code = log(room, by="an")
    with room.app.app_context():
        at = db.session.query(Incident).one().received_at - timedelta(minutes=10)
        before = step(room).clocks[0].due_at
        doing.set_anchor(actor("binh"), code, "received_at", at, "theo giờ gọi của xã")
    room.settle()
    lines = next(text for text in room.said("mai") if "thời hạn đã đổi" in text).split("\n")
    assert lines[0] == f"⏱ {code}: thời hạn đã đổi (Trần Văn Bình sửa mốc “tiếp nhận”: theo giờ gọi của xã)."
    old, new = (f"{one.astimezone(ZONE):%H:%M}" for one in (before, before - timedelta(minutes=10)))
    assert any(line.endswith(f": {old} → {new}") for line in lines), lines
    assert not any("thời hạn đã đổi" in text for text in room.said("binh")), "nobody is told of his own action"


def test_a_due_time_that_moved_on_is_not_told(room: Room) -> None:
    code = log(room, by="an")
    with room.app.app_context():
        at = db.session.query(Incident).one().received_at - timedelta(minutes=10)
        doing.set_anchor(actor("binh"), code, "received_at", at, "theo giờ gọi của xã")
    room.change(Clock, due_at=utc_now() + timedelta(hours=3))
    room.settle()
    assert room.count(Alert, Alert.kind == "clock_moved", Alert.state == AlertState.superseded) > 0
    assert not any("thời hạn đã đổi" in text for text in room.said("mai"))


@pytest.mark.parametrize("restricted", [False, True])
def test_whoever_leaves_the_task_force_hears_it_unless_the_incident_is_closed_to_him(
    room: Room, restricted: bool
) -> None:
    code = log(room, by="mai")
    with room.app.app_context():
        if restricted:
            triage.restrict(actor("binh"), code, [members.by_username("ha").id])
        activation.activate(
            actor("ha"), code, decision="QĐ 12", decided_on=members.today(), head="ha", members=["pao", "cuong"]
        )
        activation.change_members(actor("ha"), code, head="ha", deputies=[], members=["cuong"], reason="đổi phân công")
        activation.stand_down(actor("ha"), code, "QĐ 13", "48 giờ không bài mới")
    room.settle()
    left = [f"không còn trong Tổ công tác của {code}" in one for one in room.said("pao")]
    ended = [f"Tổ công tác cho {code} kết thúc" in one for one in room.said("cuong")]
    assert (any(left), any(ended)) == (not restricted, not restricted)
