"""Conditions: a small language, three-valued, and nothing beyond it."""

import itertools

import pytest

from playbooks.condition import BadCondition, holds, names

THREE = (True, False, None)


def kleene_and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return True if one and other else None


@pytest.mark.parametrize(("one", "other"), list(itertools.product(THREE, THREE)))
def test_and_or_not_follow_the_three_valued_table(one, other):
    facts = {"one": one, "other": other}
    negated = {True: False, False: True, None: None}
    assert holds("one and other", facts) is kleene_and(one, other)
    assert holds("one or other", facts) is negated[kleene_and(negated[one], negated[other])]
    assert holds("not one", facts) is negated[one]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("   ", True),
        ("True", True),
        ("severity >= 3", True),
        ("severity > 3", False),
        ("severity < 3", False),
        ("severity <= 3", True),
        ("kind == 'suspected_false'", True),
        ("kind != 'suspected_false'", False),
        ("category in ('disaster', 'epidemic')", True),
        ("category not in ('disaster', 'epidemic')", False),
        ("category in ()", False),
        ("not (severity == 3 and safety)", False),
        ("missing", None),
        ("missing == 'a'", None),
        ("missing in ('a', 'b')", None),
        ("missing not in ('a', 'b')", None),
        ("missing or severity == 3", True),
        ("missing and severity == 4", False),
        ("missing and severity == 3", None),
        ("not missing", None),
        ("unsaid == 1", None),
    ],
)
def test_a_condition_is_true_false_or_unknown(text, expected):
    facts = {"severity": 3, "kind": "suspected_false", "category": "disaster", "safety": True, "unsaid": None}
    assert holds(text, facts) is expected


@pytest.mark.parametrize(
    "text",
    [
        "severity >=",
        "severity + 1 > 3",
        "-1 < severity",
        "1 < severity < 3",
        "len(kind)",
        "kind.upper() == 'A'",
        "kind[0] == 'a'",
        "'disaster'",
        "3",
        "verdict == None",
        "kind == 2.5",
        "category in 'disaster'",
        "category in ('disaster')",
        "category in ['disaster']",
        "category in (kind, 'a')",
        "category in (None,)",
        "kind is True",
        "(a := 1)",
        "lambda: True",
        "kind == ('a', 'b')",
        "__import__('os')",
        "a; b",
        "\x00",
        "(" * 400,
        "a or " * 200 + "a",
    ],
)
def test_anything_beyond_the_language_is_refused_and_named(text):
    with pytest.raises(BadCondition) as refusal:
        holds(text, {})
    assert refusal.value.text == text
    assert text[:100] in str(refusal.value)


def test_a_fact_of_the_wrong_type_is_refused_with_the_text():
    with pytest.raises(BadCondition, match="severity >= 3"):
        holds("severity >= 3", {"severity": "cao"})


def test_the_names_of_a_condition_are_the_facts_it_asks_for():
    assert names("kind == 'a' and not (safety or severity in (1, 2))") == {"kind", "safety", "severity"}
    assert names("") == frozenset()


@pytest.mark.parametrize(
    ("facts", "is_protected"),
    [
        ({}, False),
        ({"kind": "suspected_false"}, False),
        ({"kind": "suspected_false", "accuracy": None}, False),
        ({"kind": "suspected_false", "accuracy": "opinion"}, True),
        ({"kind": "public_feedback"}, True),
        ({"kind": "press_coverage", "accuracy": "inaccurate"}, True),
        ({"kind": "press_coverage", "protected": False}, True),
        ({"kind": "suspected_false", "protected": True}, True),
    ],
)
def test_whether_opinion_is_protected_is_never_unknown_and_cannot_be_talked_away(facts, is_protected):
    assert holds("protected", facts) is is_protected
    assert holds("not protected", facts) is not is_protected
