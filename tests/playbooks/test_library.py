"""The playbooks that ship: complete, true to the guard rules, and the matrix kept."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.people import packs
from incidents.vocabulary import CATEGORIES, KINDS, PROTECTED_KINDS
from playbooks import condition, law, shelf
from playbooks.facts import PROTECTED_KINDS as NEVER_LABELLED
from playbooks.model import Gate
from playbooks.vocabulary import ANCHORS, FACTS

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
    "pb03_false_press": "archive_and_mark collect_grounds talk_to_newsroom first_statement send_correction_letter "
    "track_newsroom check_republishers escalate_press",
    "pb04_founded_criticism": "record_and_notify agency_account first_statement independent_check remedy_and_apologise "
    "dialogue answer_press publish_result",
    "pb05_impersonation_ai_scam": "capture_evidence owner_denial image_check warn_public first_statement "
    "conclude_verdict apply_label publish_conclusion request_takedown receive_victims review_own_channels "
    "send_results_archive",
    "pb06_harmful_incitement": "alert_police police_take_lead request_takedown find_causes one_message first_statement "
    "class_a_check daily_summary",
    "pb07_data_leak": "contain_and_mask secret_stop notify_data_authority notify_people notify_system_incident "
    "request_takedown first_statement remedy_and_review",
    "pb08_crisis_activation": "propose_crisis activate_task_force quick_meeting one_message first_statement "
    "press_conference summary_rhythm escalate_central stand_down final_review",
}


def test_the_library_holds_exactly_the_eight_playbooks():
    assert sorted(book.key for book in shelf.all_playbooks()) == sorted(STEPS)
    assert [book.code for book in shelf.all_playbooks()] == [f"PB-0{n}" for n in (6, 7, 5, 2, 1, 3, 4, 8)]


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


MEASURES = {"apply_label", "publish_conclusion", "issue_caution", "request_takedown", "identify_source"}
MEASURES |= {"second_notice", "consider_sanction"}


def test_criticism_has_no_step_that_removes_labels_or_identifies():
    book = shelf.get("pb04_founded_criticism")
    assert not {step.key for step in book.steps} & (MEASURES | {"conclude_verdict"})
    for step in book.steps:
        assert step.sets not in {"labelled_at", "demanded_at", "proposed_at", "concluded_at"}
        assert not step.police_only
        assert step.approval != "police"
        assert not {
            key for key in step.bases if key.startswith(("nd328_10", "nd328_11", "nd328_12", "lanm25", "nd147"))
        }


def test_the_press_is_asked_for_a_correction_never_for_removal():
    assert not {step.key for step in shelf.get("pb03_false_press").steps} & MEASURES


@pytest.mark.parametrize(
    "spoken",
    [
        {"kind": "public_feedback"},
        {"kind": "press_coverage"},
        {"kind": "suspected_false", "accuracy": "opinion"},
        {"kind": "harmful_content", "accuracy": "opinion"},
    ],
)
@CITED
def test_opinion_and_criticism_are_never_labelled_or_taken_down_whatever_playbook_runs(book, step, spoken):
    everything = dict.fromkeys(FACTS, True) | {
        "verdict": "false",
        "access_class": "c",
        "severity": 4,
        "protected": False,
    }
    doing = condition.holds(step.when, everything | spoken | {"source_known": False})
    if step.key in MEASURES or step.sets in ("labelled_at", "demanded_at"):
        assert doing is False


def test_false_information_is_no_opinion_while_nobody_has_said_so():
    facts = {"kind": "suspected_false", "verdict": "false", "access_class": "c"}
    assert applying("pb01_false_info_social", "false", "c") == {"apply_label", "publish_conclusion", "request_takedown"}
    for key in ("pb01_false_info_social", "pb02_rumour_disaster", "pb05_impersonation_ai_scam"):
        assert condition.holds(shelf.get(key).step("apply_label").when, facts) is True


def test_incitement_is_led_by_the_police_and_its_steps_wait_for_them():
    book = shelf.get("pb06_harmful_incitement")
    lead = book.step("police_take_lead")
    assert (lead.police_only, lead.agencies, lead.after) == (True, ("cong_an_tinh",), ("alert_police",))
    assert book.step("request_takedown").after == ("police_take_lead",)


def test_a_suspected_secret_asks_for_nothing_to_be_stored():
    assert shelf.get("pb07_data_leak").step("secret_stop").gate == Gate()


def test_the_verdict_is_settled_with_the_tick_of_the_step_that_concludes():
    concluding = [step for _, step in EVERY_STEP if step.sets == "concluded_at"]
    assert len(concluding) == 3
    assert all(step.gate.settles == ("verdict",) for step in concluding)


@CITED
def test_what_proves_a_step_is_asked_for_and_what_needs_no_proof_asks_nothing(book, step):
    gated = bool(step.gate.evidence or step.gate.document)
    assert gated == bool(step.evidence) or step.key == "secret_stop"
    assert step.gate.acknowledgements == (3 if step.key == "quick_meeting" else 0)
    numbered = any(
        word in line for line in step.evidence for word in ("Số văn bản", "có số", "Công văn", "Văn bản kiến")
    )
    if numbered:
        assert step.gate.document


@CITED
def test_every_fact_of_a_condition_can_become_known(book, step):
    supplied = {"kind", "category", "severity", "crisis_flagged", "request_expired", "beyond_authority", "protected"}
    supplied |= {"responding_after_24h", "impact_determined", "press_asked", "refused_twice"}
    settled = {name for _, one in EVERY_STEP for name in one.gate.settles}
    asked = {name for name, fact in FACTS.items() if fact.asked}
    for text in (step.when, book.fits, book.beside, *(deadline.when for deadline in step.deadlines)):
        assert condition.names(text) <= supplied | settled | asked


@CITED
def test_a_step_names_agencies_that_the_province_has(book, step):
    known = {agency.code for agency in packs.read("2025").agencies}
    assert {code for code in step.agencies if not code.startswith("@")} <= known


def test_the_same_duty_has_the_same_key_and_records_the_same_anchor_in_every_playbook():
    seen: dict[str, str] = {}
    for _, step in EVERY_STEP:
        assert seen.setdefault(step.key, step.sets) == step.sets, step.key


PRESS: dict[str, object] = {"kind": "press_coverage", "category": "land"}


@pytest.mark.parametrize(
    ("facts", "main"),
    [
        ({"kind": "harmful_content", "category": "security"}, "PB-06"),
        ({"kind": "harmful_content", "category": "data_leak", "ai_generated": True}, "PB-06"),
        ({"kind": "suspected_false", "category": "data_leak"}, "PB-07"),
        ({"kind": "press_coverage", "category": "data_leak", "accuracy": "inaccurate"}, "PB-07"),
        ({"kind": "impersonation", "category": "data_leak", "impersonates_agency": True}, "PB-07"),
        ({"kind": "suspected_false", "category": "economy", "ai_generated": True}, "PB-05"),
        ({"kind": "suspected_false", "category": "disaster", "safety": True, "impersonates_agency": True}, "PB-05"),
        ({"kind": "impersonation", "category": "fake_account"}, "PB-05"),
        ({"kind": "press_coverage", "accuracy": "inaccurate", "ai_generated": True}, "PB-05"),
        ({"kind": "suspected_false", "category": "disaster", "safety": True}, "PB-02"),
        ({"kind": "suspected_false", "category": "epidemic", "safety": True}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster", "safety": None}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster"}, "PB-02"),
        ({"kind": "suspected_false", "category": "disaster", "safety": False}, "PB-01"),
        ({"kind": "suspected_false", "category": "economy", "safety": True}, "PB-01"),
        ({"kind": "suspected_false"}, "PB-01"),
        (PRESS | {"accuracy": "inaccurate"}, "PB-03"),
        (PRESS | {"accuracy": "partly"}, "PB-03"),
        (PRESS | {"accuracy": "accurate"}, "PB-04"),
        (PRESS | {"accuracy": "opinion"}, "PB-04"),
        (PRESS | {"accuracy": None}, "PB-04"),
        (PRESS, "PB-04"),
        ({"kind": "public_feedback", "category": "land", "accuracy": "inaccurate"}, "PB-04"),
        ({"kind": "public_feedback", "category": "land"}, "PB-04"),
        ({"kind": "communication_incident", "category": "tourism"}, "PB-04"),
        ({"kind": "watch", "category": "tourism"}, None),
        ({}, None),
    ],
)
def test_each_row_of_the_choosing_table_gives_its_playbook_or_none(facts, main):
    fit = shelf.fitting(facts)
    assert (fit.main.code if fit.main else None) == main
    beside = ["PB-04"] if main == "PB-03" and facts["accuracy"] == "partly" else []
    assert [book.code for book in fit.parallel] == beside


@given(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(sorted(KINDS)),
            "category": st.sampled_from(["data_leak", "disaster", "epidemic", "economy", None]),
            "accuracy": st.sampled_from([None, "accurate", "partly", "inaccurate", "opinion"]),
            "safety": st.sampled_from([True, False, None]),
            "ai_generated": st.sampled_from([True, False, None]),
            "impersonates_agency": st.sampled_from([True, False, None]),
        }
    )
)
def test_never_do_two_rows_of_the_choosing_table_answer_for_one_incident(facts):
    told = {**shelf.UNTOLD, **{name: value for name, value in facts.items() if value is not None}}
    rows = [book.code for book in shelf.all_playbooks() if book.main and condition.holds(book.fits, told)]
    assert len(rows) <= 1 or rows == ["PB-02", "PB-01"]  # row 4 comes before row 5 by its order
    main = shelf.fitting(facts).main
    assert (main.code if main else None) == by_hand(facts)


def by_hand(facts):
    """The choosing table of the domain book, row by row."""
    kind, category = facts["kind"], facts["category"]
    if kind == "harmful_content":
        return "PB-06"
    if category == "data_leak":
        return "PB-07"
    if facts["ai_generated"] or facts["impersonates_agency"] or kind == "impersonation":
        return "PB-05"
    if kind == "suspected_false":
        return "PB-02" if category in ("disaster", "epidemic") and facts["safety"] is not False else "PB-01"
    if kind == "press_coverage" and facts["accuracy"] in ("inaccurate", "partly"):
        return "PB-03"
    return None if kind == "watch" else "PB-04"


def test_a_playbook_can_be_chosen_among_another_set_than_the_files():
    own = replace(shelf.get("pb01_false_info_social"), version=2)
    assert shelf.fitting({"kind": "suspected_false"}, among=[own, shelf.get(own.key)]).main is own
    assert shelf.fitting({"kind": "suspected_false"}, among=[]) == shelf.Fit(None, ())
    later = replace(own, valid_from=date(2027, 1, 1))
    offered = shelf.fitting({"kind": "suspected_false"}, date(2026, 10, 16), [later, shelf.get(own.key)])
    assert offered.main == shelf.get(own.key)


@pytest.mark.parametrize(
    ("facts", "parallel"),
    [
        ({"kind": "suspected_false", "severity": 4}, ["PB-08"]),
        ({"kind": "suspected_false", "severity": 3}, []),
        ({"kind": "suspected_false", "severity": 3, "crisis_flagged": True}, ["PB-08"]),
        ({"kind": "harmful_content", "severity": 4}, ["PB-08"]),
        ({"kind": "press_coverage", "accuracy": "partly", "severity": 4}, ["PB-04", "PB-08"]),
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


def test_the_kinds_that_are_protected_are_the_same_for_conditions_and_for_screens():
    assert set(NEVER_LABELLED) == {str(kind) for kind in PROTECTED_KINDS}


def test_kinds_and_fields_have_the_same_words_for_conditions_and_for_screens():
    assert dict(FACTS["kind"].choices) == {str(key): words for key, words in KINDS.items()}
    assert dict(FACTS["category"].choices) == {str(key): words for key, words in CATEGORIES.items()}


def test_every_fact_has_words_in_both_languages_and_its_values_too():
    assert sorted(FACTS)[0] == "access_class"
    for fact in FACTS.values():
        assert all(fact.words)
        assert all(vi and en for vi, en in fact.choices.values())
