"""The words: complete in both languages, escaped by one function, split where a reader would."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots import parcels
from bots.rehearsal.entities import from_html, units
from bots.telegram.conversations import answering, quick_report, sorting
from bots.wording import SENTENCES, buttons, say, shape
from incidents.vocabulary import AlertKind, QuickReportState

NOW = datetime(2026, 11, 22, 19, 14, tzinfo=UTC)  # 02:14 on the 23rd in Lào Cai


def test_every_kind_of_alert_is_worded() -> None:
    assert set(parcels.WORDED) == set(AlertKind)


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_stands_in_both_languages_with_the_same_facts(key: str) -> None:
    vi, en = SENTENCES[key]
    assert vi
    assert en
    assert set(re.findall(r"\{(\w+)\}", vi)) == set(re.findall(r"\{(\w+)\}", en))
    assert "!" not in vi
    assert not re.search(r"\bbạn\b", vi.lower())
    assert key in ("refused", "id.short") or vi != en or "{" in vi


@pytest.mark.parametrize("state", [s for s in QuickReportState if s in ("opened", "linked", "answered", "ignored")])
def test_every_outcome_of_a_report_has_its_sentence(state: str) -> None:
    assert f"qr.{state}" in SENTENCES


def test_every_choice_has_a_label_in_both_languages_and_something_that_carries_it_out() -> None:
    for _, action, argument in (*quick_report._LEVELS, *quick_report._KINDS, *quick_report._TOLD):
        assert action in answering.ACTIONS
        assert buttons.label(action, argument, "vi") != buttons.label(action, argument, "en")
        assert buttons.means(buttons.label(action, argument, "vi"), action, argument)
    assert set(buttons.LABELS) <= set(answering.ACTIONS)
    assert sorting.__doc__


MARKUP = [
    "<b>x</b>",
    "a < b && c > d",
    "&amp; &lt;",
    "<script>alert(1)</script>",
    "\"quotes\" 'and' more",
    "}{ {0} {x}",
]


@pytest.mark.parametrize("text", MARKUP)
def test_outside_text_shows_exactly_as_it_is(text: str) -> None:
    shown, _ = from_html(say("refused", "vi", text=text))
    assert shown == text


@given(st.text(alphabet=st.sampled_from("aắ đ.\n<>&\"'😀👩‍🚒;,"), max_size=3000))
def test_long_text_goes_out_whole_in_parts_that_fit(text: str) -> None:
    parts = shape.split(shape.escape(text), 200)
    bare = [re.sub(r"^\(\d+/\d+\)\n", "", part) if len(parts) > 1 else part for part in parts]
    assert "".join(shape.plain(part) for part in bare) == text
    for part in parts:
        shown, _ = from_html(part)
        assert units(shown) <= 200


def test_a_part_ends_with_a_paragraph_or_a_sentence() -> None:
    text = ("Một câu dài vừa phải để thử. " * 5 + "\n") * 20
    assert all(part.endswith(("\n", ". ")) for part in shape.split(text, 400))


@pytest.mark.parametrize(
    ("minutes", "vi", "en"),
    [
        (120, "(còn 2 giờ)", "(2 h left)"),
        (-10, "(trễ 10 phút)", "(10 min late)"),
        (1500, "(còn 1 ngày 1 giờ)", "(1 d 1 h left)"),
    ],
)
def test_what_is_left_is_said_in_words(minutes: int, vi: str, en: str) -> None:
    due = NOW + timedelta(minutes=minutes)
    assert (shape.left(due, NOW, "vi"), shape.left(due, NOW, "en")) == (vi, en)


def test_times_are_local_and_carry_the_date_only_when_it_is_another_day() -> None:
    assert shape.day_and_time(NOW) == "02:14 · 23/11/2026"
    assert shape.due_time(NOW + timedelta(hours=2), NOW) == "04:14"
    assert shape.due_time(NOW + timedelta(days=1), NOW) == "02:14 24/11"


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("http://desk", False),
        ("http://[::1]:8000", False),
        ("https://desk.example.vn", True),
        ("http://10.0.0.5", True),
    ],
)
def test_a_button_needs_a_host_with_a_dot_that_is_not_this_machine(url: str, public: bool) -> None:
    assert shape.is_public(url) is public
