"""The playbooks that ship: complete, true to the guard rules, and the matrix kept."""

from datetime import date

import pytest

from playbooks import condition, law, shelf
from playbooks.vocabulary import ANCHORS

EVERY_STEP = [(book, step) for book in shelf.all_playbooks() for step in book.steps]
CITED = pytest.mark.parametrize(
    ("book", "step"), EVERY_STEP, ids=[f"{book.code}-{step.key}" for book, step in EVERY_STEP]
)

STEPS = {
    "pb01_false_info_social": "capture_evidence triage_classify assign_verification identify_source first_statement "
    "conclude_verdict apply_label publish_conclusion issue_caution request_takedown second_notice consider_sanction "
    "send_results_archive",
    "pb02_rumour_disaster": "fast_intake confirm_on_site short_warning first_statement conclude_verdict apply_label "
    "publish_conclusion issue_caution request_takedown periodic_update sanction_and_review send_results_archive",
    "pb08_crisis_activation": "propose_crisis activate_task_force quick_meeting one_message first_statement "
    "press_conference summary_rhythm escalate_central stand_down final_review",
}


@pytest.mark.parametrize("key", STEPS)
def test_every_step_of_the_domain_book_is_in_its_playbook(key):
    assert [step.key for step in shelf.get(key).steps] == STEPS[key].split()


@CITED
def test_every_step_refers_to_things_that_exist(book, step):
    for key in step.bases + tuple(deadline.law for deadline in step.deadlines if deadline.law):
        assert law.basis(key).requires
    for anchor in (deadline.anchor for deadline in step.deadlines if not deadline.law):
        assert anchor in ANCHORS
    assert book.step(book.full_key(step)) is step


@CITED
def test_a_legal_deadline_is_also_named_among_the_bases_of_its_step(book, step):
    assert {deadline.law for deadline in step.deadlines if deadline.law} <= set(step.bases)


@CITED
def test_a_step_guides_in_both_languages_in_one_or_two_sentences(book, step):
    for text in (step.how, step.how_en):
        assert text.endswith(".")
        assert "!" not in text
        assert len(text) <= 260
    assert " bạn " not in f" {step.how.lower()} "


def test_only_the_police_record_a_demand_to_a_platform():
    demanding = [step for _, step in EVERY_STEP if step.sets == "demanded_at"]
    assert demanding
    assert all(step.police_only for step in demanding)


def applying(key: str, verdict: str, access_class: str) -> set[str]:
    facts = {"verdict": verdict, "access_class": access_class, "police_demand": False}
    measures = ("apply_label", "publish_conclusion", "issue_caution", "request_takedown")
    return {step for step in measures if condition.holds(shelf.get(key).step(step).when, facts)}


@pytest.mark.parametrize("key", ["pb01_false_info_social", "pb02_rumour_disaster"])
@pytest.mark.parametrize(
    ("verdict", "access_class", "measures"),
    [
        ("false", "c", {"apply_label", "publish_conclusion", "request_takedown"}),
        ("false", "b", {"apply_label", "issue_caution", "request_takedown"}),
        ("false", "a", {"request_takedown"}),
        ("unverifiable", "a", set()),
        ("unverifiable", "b", {"issue_caution"}),
        ("unverifiable", "c", {"issue_caution"}),
        ("not_false", "c", set()),
        ("unconcluded", "c", set()),
    ],
)
def test_the_decision_matrix_chooses_the_measures(key, verdict, access_class, measures):
    assert applying(key, verdict, access_class) == measures


def test_a_measure_is_unknown_until_the_verdict_is_known():
    label = shelf.get("pb01_false_info_social").step("apply_label").when
    assert condition.holds(label, {"verdict": None, "access_class": "c"}) is None
    assert condition.holds(label, {"verdict": "false"}) is None
    assert condition.holds(label, {"verdict": "not_false"}) is False


def test_a_police_demand_opens_removal_in_a_disaster_before_any_verdict():
    takedown = shelf.get("pb02_rumour_disaster").step("request_takedown").when
    assert condition.holds(takedown, {"verdict": "unconcluded", "police_demand": True}) is True


def test_the_same_duty_has_the_same_key_and_records_the_same_anchor_in_every_playbook():
    seen: dict[str, str] = {}
    for _, step in EVERY_STEP:
        assert seen.setdefault(step.key, step.sets) == step.sets, step.key


@pytest.mark.parametrize(
    ("facts", "main"),
    [
        ({"kind": "harmful_content", "category": "security"}, None),
        ({"kind": "suspected_false", "category": "data_leak"}, None),
        ({"kind": "suspected_false", "category": "economy", "ai_generated": True}, None),
        ({"kind": "suspected_false", "category": "disaster", "safety": True, "impersonates_agency": True}, None),
        ({"kind": "impersonation", "category": "fake_account"}, None),
        ({"kind": "suspected_false", "category": "disaster", "safety": True}, "PB-02"),
        ({"kind": "suspected_false", "category": "epidemic", "safety": True}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster", "safety": None}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster"}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster", "safety": False}, "PB-01"),
        ({"kind": "suspected_false", "category": "economy", "safety": True}, "PB-01"),
        ({"kind": "suspected_false"}, "PB-01"),
        ({"kind": "press_coverage", "category": "land"}, None),
        ({"kind": "public_feedback", "category": "land"}, None),
        ({"kind": "communication_incident", "category": "tourism"}, None),
        ({"kind": "watch", "category": "tourism"}, None),
        ({}, None),
    ],
)
def test_each_row_of_the_choosing_table_gives_its_playbook_or_none(facts, main):
    fit = shelf.fitting(facts)
    assert (fit.main.code if fit.main else None) == main
    assert fit.parallel == ()


@pytest.mark.parametrize(
    ("facts", "parallel"),
    [
        ({"kind": "suspected_false", "severity": 4}, ["PB-08"]),
        ({"kind": "suspected_false", "severity": 3}, []),
        ({"kind": "suspected_false", "severity": 3, "crisis_flagged": True}, ["PB-08"]),
        ({"kind": "harmful_content", "severity": 4}, ["PB-08"]),
    ],
)
def test_severity_four_or_a_flagged_crisis_adds_the_activation_beside(facts, parallel):
    assert [book.code for book in shelf.fitting(facts).parallel] == parallel


def test_a_playbook_is_offered_only_on_days_it_is_valid():
    facts = {"kind": "suspected_false"}
    assert shelf.fitting(facts, on=date(2026, 10, 16)).main is shelf.get("pb01_false_info_social")
    assert shelf.fitting(facts, on=date(2022, 12, 31)).main is None


def test_an_unknown_playbook_or_version_is_named():
    with pytest.raises(shelf.UnknownPlaybook, match="pb99"):
        shelf.get("pb99")
    with pytest.raises(shelf.UnknownPlaybook, match="version 9"):
        shelf.get("pb01_false_info_social", version=9)
    with pytest.raises(KeyError, match="no_such_step"):
        shelf.get("pb01_false_info_social").step("no_such_step")
