"""The shipped organisation: what it says, and that it never contradicts itself."""

import unicodedata
from collections import Counter
from dataclasses import astuple, replace
from datetime import date, timedelta

import pytest

from incidents.people import packs
from incidents.vocabulary import AgencyType, Category

DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=packs.PACK_KEYS)
def pack(request):
    return packs.read(request.param)


@pytest.fixture(scope="module")
def today():
    return packs.read("2025")


def row(pack, code):
    return next(agency for agency in pack.agencies if agency.code == code)


def is_valid(row, day):
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def stars(pack, day):
    return {agency.code for agency in pack.agencies if agency.default_member and is_valid(agency, day)}


def test_the_plan_s_organisation_has_its_agencies_of_each_type():
    counts = Counter(agency.type for agency in packs.read("2023").agencies)
    assert counts == {
        AgencyType.party_office: 1,
        AgencyType.party_commission: 1,
        AgencyType.provincial_committee: 1,
        AgencyType.committee_office: 1,
        AgencyType.department: 20,
        AgencyType.police: 2,
        AgencyType.military_border: 2,
        AgencyType.district: 9,
        AgencyType.provincial_press: 3,
        AgencyType.portal: 1,
        AgencyType.front_unions: 1,
        AgencyType.journalists_association: 1,
        AgencyType.central_body: 3,
    }


def test_the_organisation_of_today_has_its_agencies_of_each_type(today):
    counts = Counter(agency.type for agency in today.agencies if is_valid(agency, date(2025, 7, 1)))
    assert counts == {
        AgencyType.party_office: 1,
        AgencyType.party_commission: 1,
        AgencyType.provincial_committee: 1,
        AgencyType.committee_office: 2,
        AgencyType.department: 15,
        AgencyType.police: 2 + 15,
        AgencyType.military_border: 2,
        AgencyType.commune: 15,
        AgencyType.provincial_press: 2,
        AgencyType.portal: 1,
        AgencyType.front_unions: 1,
        AgencyType.journalists_association: 1,
        AgencyType.telecom: 3,
        AgencyType.platform: 5,
        AgencyType.central_body: 8,
    }


def test_the_pack_of_2023_states_no_end():
    pack = packs.read("2023")
    assert all(agency.valid_from == date(2023, 1, 1) and agency.valid_to is None for agency in pack.agencies)
    assert not any(agency.successors for agency in pack.agencies)
    assert all(function.valid_to is None for function in pack.functions)


def test_the_department_of_the_plan_is_open_in_2023_and_ended_in_2025(today):
    assert row(packs.read("2023"), "so_tttt").valid_to is None
    ended = row(today, "so_tttt")
    assert ended.valid_to == date(2025, 2, 28)
    assert ended.confidence == "check"
    assert [code for code, _ in ended.successors] == ["so_vhttdl", "so_khcn"]
    assert dict(ended.successors)["so_khcn"] == "công nghệ thông tin, viễn thông"


def test_a_pack_uses_no_code_twice(pack):
    assert not [code for code, count in Counter(agency.code for agency in pack.agencies).items() if count > 1]


def test_a_pack_writes_every_text_in_nfc(pack):
    texts = [text for agency in pack.agencies for text in astuple(agency) if isinstance(text, str)]
    texts += [alias for agency in pack.agencies for alias in agency.aliases]
    texts += [note for agency in pack.agencies for _, note in agency.successors]
    assert all(unicodedata.is_normalized("NFC", text) and text == text.strip() for text in texts)
    assert all(agency.name and agency.short_name for agency in pack.agencies)


def test_every_successor_is_there_on_the_day_after(pack):
    codes = {agency.code: agency for agency in pack.agencies}
    for agency in pack.agencies:
        for code, _ in agency.successors:
            assert agency.valid_to is not None, agency.code
            assert is_valid(codes[code], agency.valid_to + DAY), (agency.code, code)


def test_every_agency_that_ended_has_a_successor_as_far_as_the_communes_are_known(today):
    # No commune of the former huyện Bảo Yên is among the fifteen shipped; the province's list brings them.
    assert {a.code for a in today.agencies if a.valid_to is not None and not a.successors} == {"h_bao_yen"}


def test_a_district_ends_before_two_levels_and_its_communes_succeed_it(today):
    assert {a.valid_to for a in today.agencies if a.type == AgencyType.district} == {date(2025, 6, 30)}
    assert row(today, "h_bac_ha").successors == (("x_bac_ha", ""), ("x_bao_nhai", ""))
    assert row(today, "h_tp_lao_cai").successors == (("p_lao_cai", ""), ("p_cam_duong", ""))
    assert row(today, "h_sa_pa").successors == (("p_sa_pa", ""),)


def test_every_function_is_held_by_one_agency_on_every_day_from_its_first(pack):
    codes = {agency.code: agency for agency in pack.agencies}
    edges = {f.valid_from for f in pack.functions} | {f.valid_to for f in pack.functions if f.valid_to}
    days = {edge + step * DAY for edge in edges for step in (-1, 0, 1)} | {date(2023, 1, 1), date(2031, 12, 31)}
    for function in {f.function for f in pack.functions}:
        rows = [f for f in pack.functions if f.function == function]
        for day in (day for day in days if day >= min(f.valid_from for f in rows)):
            holders = [f.agency for f in rows if is_valid(f, day)]
            assert len(holders) == 1, (function, day, holders)
            assert is_valid(codes[holders[0]], day), (function, day)


@pytest.mark.parametrize(
    ("function", "day", "holder"),
    [
        ("standing_agency", date(2023, 1, 1), "so_tttt"),
        ("standing_agency", date(2025, 2, 28), "so_tttt"),
        ("standing_agency", date(2025, 3, 1), "so_vhttdl"),
        ("message_co_approver", date(2025, 2, 28), "ban_tuyen_giao"),
        ("message_co_approver", date(2025, 3, 1), "ban_tgdv"),
        ("press_conference_organiser", date(2025, 3, 1), "vp_ubnd"),
        ("platform_demand_authority", date(2023, 1, 1), "cong_an_tinh"),
        ("grassroots_info", date(2025, 3, 1), "so_vhttdl"),
    ],
)
def test_a_function_is_held_by_the_agency_of_that_day(today, function, day, holder):
    assert [f.agency for f in today.functions if f.function == function and is_valid(f, day)] == [holder]


def test_grassroots_information_is_not_claimed_before_march_2025(today):
    assert min(f.valid_from for f in today.functions if f.function == "grassroots_info") == date(2025, 3, 1)
    assert "grassroots_info" not in {f.function for f in packs.read("2023").functions}


def test_the_task_force_has_the_default_members_of_its_day(today):
    both = {"vp_tinh_uy", "vp_ubnd", "so_tu_phap", "so_noi_vu", "cong_an_tinh", "mttq_tinh"}
    assert stars(packs.read("2023"), date(2023, 6, 1)) == both | {"ban_tuyen_giao", "so_tttt"}
    assert stars(today, date(2025, 7, 1)) == both | {"ban_tgdv", "so_vhttdl", "pa05"}


def test_the_cyber_police_changes_name_and_place_under_the_same_code(today):
    assert row(packs.read("2023"), "pa05").name.endswith("(Công an tỉnh)")
    assert not row(packs.read("2023"), "pa05").default_member
    assert row(today, "pa05").name.endswith("công nghệ cao")
    assert row(today, "pa05").valid_from == date(2023, 1, 1)


def test_every_category_has_verifying_agencies_that_are_still_there(pack):
    codes = {agency.code: agency for agency in pack.agencies}
    assert set(pack.verifying) == set(Category)
    for category, listed in pack.verifying.items():
        assert listed, category
        assert len(set(listed)) == len(listed), category
        for code in set(listed) - set(packs.SELECTORS):
            assert codes[code].valid_to is None, (category, code)


def test_the_verifying_agency_follows_the_reorganisation(today):
    before = packs.read("2023").verifying
    assert (before["land"], today.verifying["land"]) == (("so_tnmt",), ("so_nnmt",))
    assert today.verifying["disaster"] == ("bch_ptds", "so_nnmt", "so_cong_thuong")
    assert today.verifying["fake_account"] == ("@impersonated", "pa05")
    assert today.verifying["official_conduct"] == ("@above", "thanh_tra_tinh")


def test_every_commune_of_today_has_its_police(today):
    for commune in (agency for agency in today.agencies if agency.type == AgencyType.commune):
        police = row(today, f"ca_{commune.code}")
        assert (police.type, police.parent) == (AgencyType.police, "cong_an_tinh")
        assert police.valid_from == commune.valid_from
    assert row(today, "ca_p_sa_pa").name == "Công an phường Sa Pa"


def test_old_names_lead_to_the_commune_of_today(today):
    assert "Phố Mới" in row(today, "p_lao_cai").aliases
    assert "Sapa" in row(today, "p_sa_pa").aliases
    assert {a.code for a in today.agencies if "huyện Bắc Hà" in a.aliases} == {"x_bac_ha", "x_bao_nhai"}


def test_an_unknown_pack_is_refused_by_name():
    with pytest.raises(packs.UnknownPack) as refusal:
        packs.read("../2025")
    assert refusal.value.text() == "Không có gói tổ chức “../2025”. Các gói hiện có: 2023, 2025."


def test_the_province_s_list_replaces_a_row_and_adds_successors(today):
    bac_ha = replace(row(today, "x_bac_ha"), office_phone="02143 000 000")
    bao_yen = replace(bac_ha, code="x_bao_yen", name="Ủy ban nhân dân xã Bảo Yên", former_district="H. Bảo Yên")
    grown = packs.add_communes(today, [bac_ha, bao_yen])
    assert len(grown.agencies) == len(today.agencies) + 1
    assert row(grown, "x_bac_ha").office_phone == "02143 000 000"
    assert row(grown, "h_bac_ha").successors == row(today, "h_bac_ha").successors
    assert row(grown, "h_bao_yen").successors == (("x_bao_yen", ""),)


def test_a_commune_of_2023_stands_under_its_district(today):
    old = replace(row(today, "x_bac_ha"), code="x_na_hoi_cu", valid_from=date(2023, 1, 1), valid_to=date(2025, 6, 30))
    for pack in (packs.read("2023"), today):
        grown = packs.add_communes(pack, [old])
        assert row(grown, "x_na_hoi_cu").parent == "h_bac_ha"
        assert row(grown, "h_bac_ha").successors == row(pack, "h_bac_ha").successors


AGENCY = {"code": "a", "name": "A", "short_name": "A", "type": "department", "valid_from": date(2025, 1, 1)}
FILE = {"key": "x", "name": "x", "agencies": [AGENCY], "functions": [], "verifying": {}}


@pytest.mark.parametrize(
    "fault",
    [
        {"agencies": [AGENCY, AGENCY]},
        {"agencies": [AGENCY | {"type": "so"}]},
        {"agencies": [AGENCY | {"short": "A"}]},
        {"agencies": [{key: AGENCY[key] for key in ("code", "name", "short_name", "type")}]},
        {"ended": [{"code": "b", "valid_to": date(2025, 2, 1)}]},
    ],
    ids=["code twice", "unknown type", "unknown field", "no first day", "end of nobody"],
)
def test_a_pack_that_contradicts_itself_is_refused(fault):
    assert packs.build(FILE).agencies[0].code == "a"
    with pytest.raises(packs.BrokenPack, match="pack x"):
        packs.build(FILE | fault)


@pytest.mark.parametrize(
    "reference",
    [
        'parent = "b"',
        'successors = [{ code = "b" }]',
    ],
)
def test_a_pack_that_names_an_agency_it_does_not_have_is_refused(reference, tmp_path, monkeypatch):
    text = f"""key = "2023"\nname = "x"\nvalid_from = 2023-01-01
agencies = [{{ code = "a", name = "A", short_name = "A", type = "department", {reference} }}]
functions = []\nverifying = {{}}\n"""
    (tmp_path / "2023.toml").write_text(text, "utf-8")
    monkeypatch.setattr(packs, "_FOLDER", tmp_path)
    with pytest.raises(packs.BrokenPack, match="no such agency: b"):
        packs.read("2023")
