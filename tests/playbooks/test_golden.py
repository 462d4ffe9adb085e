"""The deadlines of all shipped playbooks, as people agreed on them."""

from difflib import unified_diff

import pytest

from playbooks import law, shelf
from tests.playbooks import golden

RENEW = "python -m tests.playbooks.golden > tests/playbooks/golden/deadlines.txt"


def test_the_deadlines_are_those_of_the_golden_file():
    kept, now = golden.FILE.read_text("utf-8").splitlines(), golden.table().splitlines()
    changed = "\n".join(unified_diff(kept, now, "golden/deadlines.txt", "now", lineterm="", n=1))
    if changed:
        pytest.fail(f"{changed}\n\nIf every line above is meant, renew the file: {RENEW}", pytrace=False)


def test_every_clock_of_the_law_that_a_playbook_cites_is_in_the_golden_file():
    text = golden.FILE.read_text("utf-8")
    cited = {deadline.law for book in shelf.all_playbooks() for step in book.steps for deadline in step.deadlines}
    for key in cited - {""}:
        assert law.in_force(key, golden.STARTS[0].date()).key in text


def test_the_three_starts_are_a_working_morning_a_friday_evening_and_the_eve_of_tet():
    morning, friday, eve = golden.STARTS
    assert [golden.CALENDAR.is_working_day(at.date()) for at in golden.STARTS] == [True, True, True]
    assert (morning.weekday(), friday.weekday()) == (1, 4)
    assert 0 < (golden.TET - eve.date()).days <= 4
