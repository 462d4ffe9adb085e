"""A playbook file with a fault is refused, naming the file, the place and what to do."""

from datetime import date

import pytest

from playbooks import loader, shelf
from playbooks.model import BadPlaybook

HEAD = """
key = "pb90_trial"
code = "PB-90"
version = 1
name = "Thử"
name_en = "Trial"
summary = "Thử."
summary_en = "Trial."
valid_from = 2026-07-01
main = true
order = 90
fits = "kind == 'watch'"
"""
STEP = """
[[steps]]
key = "first"
name = "Bước"
name_en = "Step"
phase = "intake"
roles = ["duty"]
agencies = ["@standing", "pa05"]
how = "Làm."
how_en = "Do."
"""
SECOND = STEP.replace("first", "second")


def refusal(tmp_path, text):
    path = tmp_path / "trial.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadPlaybook) as caught:
        loader.read(path)
    assert caught.value.file == "trial.toml"
    assert caught.value.what
    assert str(caught.value).startswith("trial.toml: ")
    return caught.value.where


def test_the_trial_file_itself_is_good(tmp_path):
    (tmp_path / "trial.toml").write_text(HEAD + STEP, encoding="utf-8")
    book = loader.read(tmp_path / "trial.toml")
    assert (book.code, book.valid_from, book.steps[0].agencies) == ("PB-90", date(2026, 7, 1), ("@standing", "pa05"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('code = "PB-90"', 'code = "90"', "key, code, version"),
        ("version = 1", "version = 0", "key, code, version"),
        ("version = 1", 'version = "1"', "kịch bản.version"),
        ("order = 90", "order = true", "kịch bản.order"),
        ('name = "Thử"', 'name = " "', "kịch bản.name"),
        ('summary = "Thử."\n', "", "kịch bản.summary"),
        ("valid_from = 2026-07-01", 'valid_from = "hôm nay"', "kịch bản.valid_from"),
        ("order = 90", "order = 90\nvalid_to = 2026-06-30", "valid_to"),
        ("order = 90", "order = 90\nparalel = true", "kịch bản.paralel"),
        ("fits = \"kind == 'watch'\"", 'fits = ""', "fits"),
        ("kind == 'watch'", "kind == watch", "fits"),
        ("kind == 'watch'", "kind ==", "fits"),
        ("[[steps]]", "[steps]", "steps"),
        ("[[steps]]", "[[steps", "cú pháp TOML"),
    ],
)
def test_a_fault_in_the_head_is_refused_with_its_place(tmp_path, old, new, where):
    assert old in HEAD + STEP
    assert refusal(tmp_path, (HEAD + STEP).replace(old, new, 1)) == where


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('key = "First"', "First.key"),
        ('phase = "later"', "first.phase"),
        ('roles = ["boss"]', "first.roles"),
        ("roles = []", "first.roles, agencies"),
        ('roles = "duty"', "first.roles"),
        ("roles = [3]", "first.roles"),
        ('agencies = ["@nobody"]', "first.agencies"),
        ('how = ""', "first.how"),
        ('how_en = " "', "first.how_en"),
        ('approval = "boss"', "first.approval"),
        ('bases = ["nd999"]', "first.bases"),
        ('when = "severity >"', "first.when"),
        ('when = "mood == 3"', "first.when"),
        ('sets = "someday"', "first.sets, repeat_until"),
        ('sets = "demanded_at"', "first.police_only"),
        ("repeat_every_minutes = 60", "first.repeat_until"),
        ("repeat_every_minutes = -60", "first.repeat_every_minutes"),
        ('repeat_until = "stood_down_at"', "first.repeat_until"),
        ('repeat_at = ["08:00"]', "first.repeat_at"),
        ('after = ["missing"]', "first.after"),
        ('after = ["first"]', "after"),
        ('colour = "red"', "first.colour"),
        ("deadlines = [3]", "first.deadlines"),
        ('deadlines = [{ anchor = "someday", amount = 1, unit = "hour" }]', "first.deadlines[1].anchor"),
        ('deadlines = [{ anchor = "received_at", amount = 1, unit = "week" }]', "first.deadlines[1].unit"),
        ('deadlines = [{ anchor = "received_at", unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = -1, unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = 1, unit = "at_once" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ law = "nd244_7_3" }, { law = "nd999" }]', "first.deadlines[2].law"),
        ('deadlines = [{ law = "nd328_12" }]', "first.deadlines[1].law"),
        ('deadlines = [{ law = "nd244_10" }]', "first.deadlines[1].law"),
        ('deadlines = [{ law = "nd244_7_3", amount = 2 }]', "first.deadlines[1]"),
        ('deadlines = [{ law = "nd244_7_3", when = "(" }]', "first.deadlines[1].when"),
    ],
)
def test_a_fault_in_a_step_is_refused_with_its_place(tmp_path, line, where):
    kept = [old for old in STEP.splitlines() if old.split(" =")[0] != line.split(" =")[0]]
    assert refusal(tmp_path, "\n".join([HEAD, *kept, line])) == where


def test_a_playbook_without_steps_is_refused(tmp_path):
    assert refusal(tmp_path, HEAD) == "steps"


def test_two_steps_with_one_key_are_refused(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + STEP) == "first.key"


def test_steps_that_wait_for_each_other_are_refused(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + 'after = ["second"]\n' + SECOND + 'after = ["first"]\n') == "after"


def test_a_step_without_a_key_is_named_by_its_number(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + SECOND.replace('key = "second"\n', "")) == "steps[2].key"


def test_one_version_twice_is_refused_and_two_versions_live_side_by_side(tmp_path):
    (tmp_path / "a.toml").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "b.toml").write_text((HEAD + STEP).replace("version = 1", "version = 2"), encoding="utf-8")
    assert [book.version for book in shelf.read(tmp_path)] == [1, 2]
    (tmp_path / "c.toml").write_text(HEAD + STEP, encoding="utf-8")
    with pytest.raises(BadPlaybook, match=r"c\.toml: key, version: .*phiên bản 1"):
        shelf.read(tmp_path)
