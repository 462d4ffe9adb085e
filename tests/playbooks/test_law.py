"""The catalogue of legal bases: complete, coherent, and right about which rule binds on which day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from playbooks import law, model, schedule, worktime
from playbooks.law import BadBasis, UnknownBasis, all_bases, basis, citation, in_force

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)

CATALOGUE = """
nd09_6_3a nd09_6_3c nd09_5_2b nd244_3_3 nd244_3_5 nd244_4_2 nd244_5 nd244_6_2a nd244_6_2b nd244_7_2 nd244_7_3 nd244_7_4
nd244_7_5 nd244_7_6 nd244_8 nd244_10 nd244_12 lbc16_39_1 lbc16_39_2 lbc16_42_5 lbc16_43_2 lbc25 nd237_18_1 nd237_18_2
nd237_18_3 nd237_18_6 nd237_19_1 nd237_19_3a nd237_19_3b nd237_19_3c nd237_20 nd237_21_1 nd237_22 nd119 nd328_3
nd328_4_1 nd328_4_2 nd328_5_1 nd328_5_5 nd328_8_1 nd328_9_1 nd328_9_2a nd328_9_2b nd328_9_2c nd328_9_3 nd328_10_2
nd328_10_4a nd328_10_4b nd328_10_4c nd328_10_5 nd328_11_2 nd328_11_3 nd328_11_4a nd328_11_4b nd328_12 nd328_14
nd328_17_10 nd328_21_10 nd328_22_2d lanm18_26_2b lanm25_25_2b lanm25_25_2b_urgent lanm25_25_2a lanm25_13 lanm25_14
nd147_23 nd147_lock nd147_48h tt38_5 nd13_23 l91_23_1 l91_23_2 l91_24 nd356_29 nd331_31_2d lbmnn tctt16 tctt26 ttdn_7d
nd30 nd30_30 kh23_ii3c kh23_ii9a kh23_ii9c kh23_v1l kh23_v2 ltcd camnang22 nd15_101 nd174_95_1 nd174_95_2c nd330_9_1c
nd330_9_2 nd330_11 nd330_8 nd330_77_78
"""


def test_every_key_of_the_catalogue_is_there():
    assert set(CATALOGUE.split()) <= {row.key for row in all_bases()}


def test_every_basis_names_its_document_and_says_what_it_asks():
    for row in all_bases():
        assert row.document, row.key
        assert row.requires.endswith("."), row.key


def test_every_computable_clock_of_the_law_can_be_counted():
    calendar = worktime.vietnam([2026, 2027])
    start = datetime(2026, 10, 16, 8, tzinfo=worktime.ZONE)
    for row in all_bases():
        if row.unit in worktime.UNITS:
            assert worktime.after(start, row.amount or 0, row.unit, calendar).tzinfo


@pytest.mark.parametrize(
    ("key", "clock"),
    [
        ("nd244_7_3", ("received_at", 24, "hour", "hard", "own")),
        ("nd244_7_4", ("impact_determined_at", 24, "hour", "hard", "own")),
        ("nd244_7_6", ("received_at", 2, "working_day", "soft", "own")),
        ("nd244_10", ("12-20", None, "yearly_date", "hard", "own")),
        ("nd237_18_3", ("petition_received_at", 15, "working_day", "hard", "own")),
        ("nd237_19_3b", ("letter_received_at", 2, "day", "hard", "external")),
        ("nd328_10_4a", ("concluded_at", 24, "hour", "hard", "own")),
        ("nd328_11_4a", ("labelled_at", 0, "at_once", "hard", "own")),
        ("nd328_11_4b", ("labelled_at", 12, "working_hour", "hard", "own")),
        ("nd328_14", ("measures_done_at", 3, "working_day", "soft", "own")),
        ("lanm25_25_2b", ("demanded_at", 24, "hour", "hard", "external")),
        ("lanm25_25_2b_urgent", ("demanded_at", 6, "hour", "hard", "external")),
        ("l91_23_1", ("breach_detected_at", 72, "hour", "hard", "own")),
        ("nd328_12", ("", None, "none", "none", "own")),
    ],
)
def test_the_clocks_the_desk_lives_by_are_the_laws(key, clock):
    row = basis(key)
    assert (row.anchor, row.amount, row.unit, row.force, row.owner) == clock


@pytest.mark.parametrize(
    ("cited", "on", "found"),
    [
        ("nd244_7_3", JUNE, "nd09_6_3a"),
        ("nd244_7_4", JUNE, "nd09_6_3a"),
        ("nd09_6_3a", JUNE, "nd09_6_3a"),
        ("nd09_6_3a", JULY, "nd244_7_3"),
        ("nd244_7_3", JULY, "nd244_7_3"),
        ("lanm25_25_2b", JUNE, "lanm18_26_2b"),
        ("nd237_19_3b", JUNE, "lbc16_42_5_daily"),
        ("l91_23_1", date(2025, 12, 31), "nd13_23"),
        ("nd328_10_4a", date(2026, 10, 4), None),
        ("nd328_10_4a", date(2026, 10, 5), "nd328_10_4a"),
        ("nd09_6_3a", date(2016, 1, 1), None),
        ("nd244_12", date(2026, 8, 16), None),
        ("tt38_5", JULY, None),
        ("ltcd", JULY, "ltcd"),
    ],
)
def test_a_cited_basis_leads_to_the_rule_of_the_day(cited, on, found):
    row = in_force(cited, on)
    assert (row.key if row else None) == found


def test_no_day_is_lost_between_a_rule_and_its_successor():
    for row in all_bases():
        if row.superseded_by and row.valid_to:
            assert in_force(row.key, row.valid_to) is row
            assert in_force(row.key, row.valid_to + timedelta(days=1)) is basis(row.superseded_by[0])


def test_an_unknown_basis_is_named():
    with pytest.raises(UnknownBasis, match="nd999"):
        basis("nd999")
    with pytest.raises(UnknownBasis, match="nd999"):
        in_force("nd999", JULY)


def test_a_citation_says_when_a_lawyer_must_still_look():
    assert citation(basis("nd244_7_3")) == "NĐ 244/2026/NĐ-CP Đ.7.3"
    assert citation(basis("nd147_23")) == "NĐ 147/2024/NĐ-CP Đ.23 (cần kiểm tra)"
    assert citation(basis("nd119")) == "NĐ 119/2020/NĐ-CP (cần kiểm tra)"


GOOD = 'document = "NĐ 1"\narticle = "Đ.1"\nrequires = "Làm."\n'
CLOCK = 'anchor = "received_at"\namount = 1\nunit = "hour"\nforce = "hard"\n'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[one\n", "cú pháp TOML"),
        ("one = 3\n", "one"),
        ('[one]\ndocument = "NĐ 1"\narticle = ""\n', "one.requires"),
        (f"[one]\n{GOOD}colour = 'red'\n", "one.colour"),
        (f"[one]\n{GOOD}key = 'two'\n", "one.key"),
        (f"[one]\n{GOOD}owner = 'nobody'\n", "one.owner"),
        (f"[one]\n{GOOD}owner = 3\n", "one.owner"),
        (f"[one]\n{GOOD}valid_from = '2026-07-01'\n", "one.valid_from"),
        (f"[one]\n{GOOD}valid_from = 2026-07-01T08:00:00\n", "one.valid_from"),
        (f"[one]\n{GOOD}{CLOCK}confidence = 'maybe'\n", "one.confidence"),
        (f"[one]\n{GOOD}{CLOCK.replace('hour', 'week')}", "one.unit"),
        (f"[one]\n{GOOD}{CLOCK.replace('hard', 'none')}", "one.force"),
        (f"[one]\n{GOOD}{CLOCK.replace('received_at', 'someday')}", "one.anchor"),
        (f"[one]\n{GOOD}{CLOCK.replace('amount = 1', 'amount = true')}", "one.amount"),
        (f"[one]\n{GOOD}{CLOCK.replace('amount = 1', '')}", "one.amount"),
        (f"[one]\n{GOOD}{CLOCK.replace('hour', 'next_issue')}", "one.amount"),
        (f"[one]\n{GOOD}anchor = 'received_at'\n", "one.anchor"),
        (f"[one]\n{GOOD}anchor = '20/12'\nunit = 'yearly_date'\nforce = 'hard'\n", "one.anchor"),
        (f"[one]\n{GOOD}valid_from = 2026-07-01\nvalid_to = 2026-06-30\n", "one.valid_to"),
        (f"[one]\n{GOOD}superseded_by = ['two']\n", "one.superseded_by"),
        (f"[one]\n{GOOD}superseded_by = ['one']\n", "one.superseded_by"),
        (
            f"[one]\n{GOOD}valid_from = 2026-07-01\nsuperseded_by = ['two']\n[two]\n{GOOD}valid_from = 2020-01-01\n",
            "one.superseded_by",
        ),
    ],
)
def test_a_bad_basis_is_refused_with_its_file_and_place(tmp_path, text, where):
    (tmp_path / "rows.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadBasis) as refusal:
        law.read(tmp_path)
    assert (refusal.value.file, refusal.value.where) == ("rows.toml", where)
    assert refusal.value.what
    line = f":{refusal.value.line}" if refusal.value.line else ""
    assert str(refusal.value).startswith(f"rows.toml{line}: {where}: ")


def test_the_same_key_in_two_files_is_refused_and_both_files_are_named(tmp_path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(f"[one]\n{GOOD}", encoding="utf-8")
    with pytest.raises(BadBasis, match=r"b\.toml: one: .*a\.toml"):
        law.read(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "rows.toml").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(BadBasis, match=r"rows\.toml"):
        law.read(tmp_path)


def test_rows_share_what_their_file_says_for_every_row(tmp_path):
    (tmp_path / "rows.toml").write_text(
        '[every]\ndocument = "NĐ 1"\nvalid_from = 2026-07-01\n'
        '[one]\narticle = "Đ.1"\nrequires = "Làm."\n'
        '[two]\ndocument = "NĐ 2"\narticle = "Đ.2"\nrequires = "Làm."\n',
        encoding="utf-8",
    )
    found = law.read(tmp_path)
    assert (found["one"].document, found["two"].document) == ("NĐ 1", "NĐ 2")
    assert found["two"].valid_from == JULY


NEW = law.LegalBasis(
    "nd999", "NĐ 999/2027/NĐ-CP", "Đ.1", "Làm.", "received_at", 12, "hour", "hard", valid_from=date(2027, 1, 1)
)


def with_nd999() -> law.Catalogue:
    old = replace(basis("nd244_7_3"), valid_to=date(2026, 12, 31), superseded_by=("nd999",))
    return law.shipped().with_rows([NEW, old])


def test_rows_laid_over_the_shipped_ones_replace_and_add_and_leave_the_shipped_alone():
    found = with_nd999()
    assert len(found.all_bases()) == len(all_bases()) + 1
    assert found.basis("nd999") is NEW
    assert found.in_force("nd244_7_3", date(2027, 1, 1)) is NEW
    assert found.in_force("nd999", date(2026, 12, 31)).key == "nd244_7_3"
    assert found.replaced_by("nd999") == ("nd244_7_3",)
    assert in_force("nd244_7_3", date(2027, 1, 1)).key == "nd244_7_3"
    with pytest.raises(UnknownBasis, match="nd999"):
        basis("nd999")


def test_rows_that_do_not_fit_the_catalogue_are_refused():
    with pytest.raises(BadBasis, match="superseded_by"):
        law.shipped().with_rows([replace(NEW, superseded_by=("nd000",))])
    with pytest.raises(BadBasis, match="valid_to"):
        law.shipped().with_rows([replace(NEW, valid_to=date(2026, 12, 31))])


def test_every_shipped_basis_stands_in_a_group():
    grouped = [key for keys in law.groups().values() for key in keys]
    assert sorted(grouped) == sorted(row.key for row in all_bases())


def test_ten_to_midnight_and_ten_past_give_different_rules_and_say_why():
    before, after = law.explain("nd244_7_3", JUNE), law.explain("nd244_7_3", JULY)
    assert [(one.row.key, one.outcome) for one in before] == [("nd244_7_3", "not_yet"), ("nd09_6_3a", "taken")]
    assert [(one.row.key, one.outcome) for one in after] == [("nd244_7_3", "taken")]
    assert before[0].text == (
        "NĐ 244/2026/NĐ-CP Đ.7.3 chưa có hiệu lực ngày 30/06/2026 (từ 01/07/2026); "
        "xét văn bản trước đó là NĐ 09/2017/NĐ-CP Đ.6.3.a."
    )
    assert (
        before[1].text
        == "Áp dụng NĐ 09/2017/NĐ-CP Đ.6.3.a: có hiệu lực ngày 30/06/2026 (từ 30/03/2017 đến 30/06/2026)."
    )
    assert (
        before[1].text_en == "NĐ 09/2017/NĐ-CP Đ.6.3.a applies: in force on 30/06/2026 (from 30/03/2017 to 30/06/2026)."
    )
    assert after[0].text == "Áp dụng NĐ 244/2026/NĐ-CP Đ.7.3: có hiệu lực ngày 01/07/2026 (từ 01/07/2026)."


def test_an_explanation_names_what_replaced_a_rule_and_what_ended_without_heir():
    replaced = law.explain("nd09_6_3a", JULY)
    assert [(one.row.key, one.outcome) for one in replaced] == [("nd09_6_3a", "replaced"), ("nd244_7_3", "taken")]
    assert "được thay bằng NĐ 244/2026/NĐ-CP Đ.7.3, NĐ 244/2026/NĐ-CP Đ.7.4" in replaced[0].text
    ended = law.explain("nd244_12", date(2026, 8, 16))
    assert [(one.outcome, one.text.endswith("không có văn bản nối tiếp.")) for one in ended] == [("ended", True)]
    none = law.explain("nd328_10_4a", date(2026, 10, 4))
    assert none[-1].text.endswith("không có văn bản nào trước đó.")


@settings(max_examples=1_500, deadline=None, derandomize=True, database=None)
@given(some.sampled_from([row.key for row in all_bases()]), some.dates(date(2016, 1, 1), date(2028, 12, 31)))
def test_the_regime_of_the_day_decides_and_the_explanation_agrees(key, on):
    row, told = in_force(key, on), law.explain(key, on)
    assert told[0].row.key == key
    assert [one.row for one in told if one.outcome == "taken"] == ([row] if row else [])
    assert all(not one.row.is_valid_on(on) for one in told if one.outcome != "taken")
    assert len({one.row.key for one in told}) == len(told)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(some.dates(date(2018, 1, 1), date(2028, 12, 31)), some.times(), some.sampled_from(["nd244_7_3", "nd244_7_4"]))
def test_a_statement_clock_follows_the_rule_of_the_incidents_own_day(day, hour, cited):
    received = datetime.combine(day, hour, worktime.ZONE)
    anchors = {"occurred_at": received - timedelta(hours=2), "received_at": received, "impact_determined_at": received}
    plans = schedule.planned([model.Deadline(law=cited)], {}, anchors, day, worktime.Calendar())
    is_new = day >= JULY
    assert [(plan.basis, plan.due_at) for plan in plans] == [
        (cited if is_new else "nd09_6_3a", received + timedelta(hours=24 if is_new else 22))
    ]


def test_a_schedule_follows_the_catalogue_it_is_given():
    anchors = {"received_at": datetime(2027, 1, 1, 8, tzinfo=worktime.ZONE)}
    deadline, on = [model.Deadline(law="nd244_7_3")], date(2027, 1, 1)
    planned = schedule.planned(deadline, {}, anchors, on, worktime.Calendar(), with_nd999())
    assert [(plan.basis, plan.amount) for plan in planned] == [("nd999", 12)]
    assert [plan.basis for plan in schedule.planned(deadline, {}, anchors, on, worktime.Calendar())] == ["nd244_7_3"]
