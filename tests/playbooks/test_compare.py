"""What changed between two versions, told in words."""

from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from playbooks import shelf
from playbooks.compare import KINDS, PLAYBOOK_FIELDS, STEP_FIELDS, Change, changes, in_words
from playbooks.model import Deadline, Gate, Playbook, Step

BOOK = shelf.get("pb01_false_info_social")
NAME = (BOOK.name, BOOK.name_en)


def edited(key, **new):
    return replace(BOOK, steps=tuple(replace(step, **new) if step.key == key else step for step in BOOK.steps))


def only(found):
    (change,) = found
    return change


def test_two_equal_playbooks_have_no_difference():
    assert changes(BOOK, BOOK) == ()


def test_a_changed_field_gives_its_old_and_new_words():
    change = only(changes(BOOK, edited("identify_source", approval="lead")))
    assert (change.kind, change.step, change.field) == ("changed", "identify_source", ("phê duyệt", "approval"))
    assert (change.old, change.new) == (("Công an", "police"), ("Tổ trưởng", "lead"))


def test_a_changed_deadline_is_told_as_a_person_says_it():
    own = Deadline("received_at", 45, "minute", when="severity >= 3", note="thử", warn=(25,))
    change = only(changes(BOOK, edited("capture_evidence", deadlines=(own,))))
    assert change.old == ("30 phút từ tiếp nhận", "30 min from received")
    assert change.new[0] == "45 phút từ tiếp nhận, khi cấp độ từ Cấp 3 – Nghiêm trọng trở lên, nhắc ở 25 % [thử]"
    law = only(changes(BOOK, edited("capture_evidence", deadlines=(Deadline(law="nd328_11_4a"),))))
    assert law.new[0] == "ngay từ gắn nhãn (NĐ 328/2026/NĐ-CP Đ.11.4.a)"
    assert only(changes(BOOK, edited("capture_evidence", deadlines=()))).new == ("không", "none")


def test_a_changed_gate_says_what_is_needed_now():
    gate = Gate("link", document=True, acknowledgements=3, settles=("verdict",))
    change = only(changes(BOOK, edited("capture_evidence", gate=gate)))
    assert change.old[0] == "tệp, ảnh hoặc đường dẫn"
    assert change.new[0] == "đường dẫn; số và ngày văn bản; 3 cơ quan nhận việc; kết luận kiểm chứng"


def test_a_changed_playbook_field_names_the_playbook():
    found = changes(BOOK, replace(BOOK, version=2, valid_to=date(2027, 1, 2)))
    assert [(one.kind, one.step, one.name) for one in found] == [("playbook", "", NAME)] * 2
    assert [(one.field[0], one.old[0], one.new[0]) for one in found] == [
        ("phiên bản", "1", "2"),
        ("có hiệu lực đến", "không", "02/01/2027"),
    ]


def test_added_and_removed_steps_are_named():
    fresh = replace(BOOK.steps[0], key="fresh", name="Bước mới", name_en="New step")
    found = changes(BOOK, replace(BOOK, steps=(fresh, *BOOK.steps[1:])))
    assert found[0] == Change("added", "fresh", ("Bước mới", "New step"))
    assert (found[-1].kind, found[-1].step) == ("removed", "capture_evidence")
    told = {change.field[0]: change.new[0] for change in found[1:-1]}
    assert all(change.kind == "added" and change.old == ("", "") for change in found[1:-1])
    assert any("chụp" in words.lower() for words in told.values()), "who approves a new step reads all of it"


@given(st.integers(0, len(BOOK.steps) - 1), st.integers(0, len(BOOK.steps) - 1))
def test_of_one_moved_step_nothing_else_is_said_to_have_moved(start, end):
    steps = list(BOOK.steps)
    step = steps.pop(start)
    steps.insert(end, step)
    found = changes(BOOK, replace(BOOK, steps=tuple(steps)))
    assert len(found) == (start != end)
    if abs(start - end) > 1:
        change = only(found)
        assert (change.kind, change.step) == ("moved", step.key)
        assert (change.old, change.new) == ((str(start + 1),) * 2, (str(end + 1),) * 2)


def test_every_field_of_a_playbook_and_of_a_step_has_its_words():
    assert set(PLAYBOOK_FIELDS) == {field.name for field in fields(Playbook)} - {"steps"}
    assert set(STEP_FIELDS) == {field.name for field in fields(Step)}
    assert set(KINDS) == {"added", "removed", "moved", "changed", "playbook"}


def test_every_value_of_the_shipped_playbooks_can_be_said_in_both_languages():
    for book in shelf.all_playbooks():
        for step in book.steps:
            assert all(all(in_words(name, getattr(step, name))) for name in STEP_FIELDS)
    assert in_words("police_only", True) == ("có", "yes")
    assert in_words("agencies", ("@standing", "pa05")) == ("cơ quan thường trực; pa05", "standing agency; pa05")
