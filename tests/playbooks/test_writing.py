"""A playbook written as TOML reads back as the same playbook."""

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks import loader, shelf
from playbooks.model import Deadline, Gate
from playbooks.writing import as_toml

BOOKS = shelf.all_playbooks()
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    str.strip
)


@pytest.mark.parametrize("book", BOOKS, ids=[book.code for book in BOOKS])
def test_a_shipped_playbook_reads_back_the_same(book):
    assert loader.read_text(as_toml(book), "copy.toml") == book


@given(
    st.sampled_from(BOOKS),
    WORDS,
    WORDS,
    st.lists(st.integers(1, 99), unique=True, max_size=4).map(lambda found: tuple(sorted(found))),
    st.sampled_from(["", "words", "link", "file", "any"]),
    st.integers(0, 99),
    st.lists(st.times().map(lambda at: at.replace(microsecond=0)), max_size=3).map(tuple),
)
def test_an_edited_playbook_reads_back_the_same(book, name, how, warn, evidence, agencies, hours):
    deadline = Deadline("received_at", 3, "working_hour", note="đôn đốc", warn=warn)
    gate = Gate(evidence, document=True, acknowledgements=agencies, settles=("verdict", "accuracy"))
    rhythm = {"repeat_at": hours, "repeat_until": "closed_at" if hours else "", "repeat_every_minutes": 0}
    first = replace(book.steps[0], name=name, how=how, deadlines=(deadline,), gate=gate, mandatory=False, **rhythm)
    edited = replace(book, version=2, name=name, valid_to=date(2030, 1, 1), steps=(first, *book.steps[1:]))
    assert loader.read_text(as_toml(edited), "edited.toml") == edited


def test_what_has_its_usual_value_is_left_out_and_short_lists_stand_on_one_line():
    text = as_toml(shelf.get("pb06_harmful_incitement"))
    assert 'agencies = ["pa05", "a05"]\n' in text
    assert "repeat_at = [17:00:00]\n" in text
    for unused in ("mandatory", "after_any", "warn =", 'note = ""', "valid_to", "acknowledgements"):
        assert unused not in text
    assert text.startswith('key = "pb06_harmful_incitement"\ncode = "PB-06"\nversion = 1\nname = "Thông tin xấu, độc;')


def test_a_text_that_looks_like_a_list_is_left_as_it_is():
    book = shelf.get("pb06_harmful_incitement")
    sly = replace(
        book.steps[0], evidence=("how = [", 'a", "b', "]", "x" * 130), repeat_at=(time(8),), repeat_until="closed_at"
    )
    edited = replace(book, steps=(sly, *book.steps[1:]))
    assert loader.read_text(as_toml(edited), "sly.toml") == edited
