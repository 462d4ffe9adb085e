"""The list of communes as provinces save it: every usual form is read, every fault is named with its line."""

import csv
import io
import unicodedata
from datetime import date

import pytest

from incidents.people.commune_csv import COMMUNE_COLUMNS, bare_name, place
from incidents.people.packs import read_communes
from incidents.vocabulary import AgencyType

HEADER = ",".join(COMMUNE_COLUMNS)
EXAMPLE = "x_bac_ha,Ủy ban nhân dân xã Bắc Hà,Bắc Hà,xa,Bắc Hà,,Bac Ha|thị trấn Bắc Hà,,ca_x_bac_ha,2025-07-01,,,,,"
GOOD = {"code": "x_bac_ha", "name": "Ủy ban nhân dân xã Bắc Hà", "kind": "xa", "valid_from": "2025-07-01"}


def table(*rows, columns=COMMUNE_COLUMNS, delimiter=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def problems_of(*rows):
    found, problems = read_communes(io.StringIO(table(*rows)))
    return [row.code for row in found if row.type == AgencyType.commune], list(problems)


def test_the_example_of_the_format_is_read_whole():
    (commune, police), problems = read_communes(io.StringIO(f"{HEADER}\n{EXAMPLE}\n"))
    assert problems == ()
    assert (commune.code, commune.name, commune.short_name) == ("x_bac_ha", "Ủy ban nhân dân xã Bắc Hà", "Bắc Hà")
    assert (commune.type, commune.parent) == (AgencyType.commune, "ubnd_tinh")
    assert commune.aliases == ("Bac Ha", "thị trấn Bắc Hà")
    assert (commune.valid_from, commune.valid_to) == (date(2025, 7, 1), None)
    assert (police.code, police.name, police.type) == ("ca_x_bac_ha", "Công an xã Bắc Hà", AgencyType.police)


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: io.StringIO("\ufeff" + text),
        lambda text: text.replace(",", ";").encode("utf-8-sig"),
        lambda text: unicodedata.normalize("NFD", text).encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: (text + "\n" + "," * (len(COMMUNE_COLUMNS) - 1) + "\n\n").encode(),
        lambda text: text.replace("Ủy ban nhân dân", "Ủy  ban nhân\u00a0dân ").encode(),
        lambda text: text.replace("code,name", "Code, NAME ").encode(),
    ],
    ids=["plain", "BOM", "BOM in text", "semicolon", "NFD", "CRLF", "blank rows", "odd blanks", "header case"],
)
def test_the_same_list_saved_in_another_way_reads_the_same(written):
    text = f"{HEADER}\n{EXAMPLE}\n"
    assert read_communes(written(text)) == read_communes(io.StringIO(text))


def test_a_missing_column_is_named_and_nothing_is_read():
    rest = [column for column in COMMUNE_COLUMNS if column not in ("kind", "admin_code")]
    row = {column: value for column, value in GOOD.items() if column in rest}
    assert read_communes(table(row, columns=rest).encode()) == ((), ("dòng 1: thiếu cột kind, admin_code",))


def test_an_unknown_or_repeated_column_is_named():
    text = f"{HEADER},di_dong,code\n"
    assert read_communes(text.encode())[1] == ("dòng 1: có cột không dùng đến: di_dong; cột code có hai lần",)


def test_a_duplicate_code_is_named_with_the_line_that_had_it_first():
    assert problems_of(GOOD, GOOD | {"name": "Ủy ban nhân dân xã Khác"}) == (
        ["x_bac_ha"],
        ["dòng 3: mã “x_bac_ha” đã có ở dòng 2"],
    )


def test_a_duplicate_administrative_code_is_named():
    numbered = GOOD | {"admin_code": "02896"}
    assert problems_of(numbered, numbered | {"code": "x_khac"})[1] == ["dòng 3: mã “02896” đã có ở dòng 2"]


@pytest.mark.parametrize("day", ["01/7/2025", "20250701", "2025-W27-2", "2025-02-30", "2025-7-1"])
def test_a_bad_date_is_named_with_its_line_and_column(day):
    assert problems_of(GOOD, GOOD | {"code": "x_b", "valid_from": day}) == (
        ["x_bac_ha"],
        [f"dòng 3: valid_from “{day}” không phải ngày dạng năm-tháng-ngày, ví dụ 2025-07-01"],
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": ""}, "thiếu name"),
        ({"valid_from": ""}, "thiếu valid_from"),
        ({"kind": "huyen"}, "kind “huyen” không dùng được, chỉ nhận xa, phuong hoặc thi_tran"),
        ({"valid_to": "2025-06-30"}, "valid_to 2025-06-30 trước valid_from 2025-07-01"),
        ({"code": "", "name": "???"}, "thiếu mã và không lập được mã từ tên “???”"),
        ({"police_code": "ca_x_khac"}, "police_code “ca_x_khac” phải là “ca_x_bac_ha” hoặc để trống"),
        ({"office_email": "ubnd bacha"}, "thư điện tử “ubnd bacha” không đúng dạng"),
        ({"name": "xã " + "A" * 20_000}, "name dài quá 280 ký tự"),
        (
            {"public_site": "javascript:alert(1)"},
            "public_site “javascript:alert(1)” phải bắt đầu bằng https:// hoặc http://",
        ),
        (
            {"successor_codes": "x_a|X B"},
            "mã “X B” không đúng dạng: chữ thường không dấu, số, gạch dưới, không quá 57 ký tự",
        ),
    ],
)
def test_a_wrong_cell_leaves_its_row_out_and_is_named(change, problem):
    assert problems_of(GOOD | change) == ([], [f"dòng 2: {problem}"])


def test_a_row_with_a_cell_too_few_or_too_many_is_named():
    text = f"{HEADER}\n{EXAMPLE[:-1]}\n{EXAMPLE},x\n"
    assert read_communes(text.encode()) == ((), ("dòng 2: có 14 ô, cần 15 ô", "dòng 3: có 16 ô, cần 15 ô"))


def test_an_unclosed_quote_is_named_and_the_rows_before_it_stay():
    rows, problems = read_communes(f'{HEADER}\n{EXAMPLE}\nx_a,"xã A,A,xa\n{EXAMPLE}\n'.encode())
    assert [row.code for row in rows] == ["x_bac_ha", "ca_x_bac_ha"]
    assert len(problems) == 1
    assert "dấu nháy kép" in problems[0]


def test_a_file_that_is_not_utf8_is_named():
    assert "UTF-8" in read_communes(f"{HEADER}\n{EXAMPLE}\n".encode("utf-16"))[1][0]


@pytest.mark.parametrize("text", [HEADER, HEADER + "\n", HEADER + "\n\n"])
def test_a_list_without_communes_says_so(text):
    assert read_communes(text.encode()) == ((), ("dòng 1: tệp chưa có xã, phường nào",))


def test_an_empty_file_misses_every_column():
    assert read_communes(b"")[1] == (f"dòng 1: thiếu cột {', '.join(COMMUNE_COLUMNS)}",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Ủy ban nhân dân xã Bắc Hà"}, "x_bac_ha"),
        ({"name": "Uỷ ban nhân dân xã Bắc Hà"}, "x_bac_ha"),
        ({"name": "UBND phường Cam Đường", "kind": "phường"}, "p_cam_duong"),
        ({"name": "Y Tý"}, "x_y_ty"),
        ({"name": "phường Sapa", "kind": "phuong"}, "p_sa_pa"),
        ({"name": "xã Bảo Nhai", "valid_from": "2023-01-01", "valid_to": "2025-06-30"}, "x_bao_nhai_cu"),
        ({"name": "thị trấn Phố Lu", "kind": "Thị trấn", "valid_to": "2030-12-31"}, "tt_pho_lu"),
    ],
)
def test_an_empty_code_is_made_from_the_name(change, code):
    assert problems_of(GOOD | {"code": ""} | change) == ([code], [])


def test_a_former_commune_is_an_alias_once():
    row = GOOD | {"former_communes": "Phố Mới|Vạn Hòa", "aliases": "Phố Mới| Bac Ha |"}
    (commune, _), _ = read_communes(table(row).encode())
    assert commune.aliases == ("Phố Mới", "Vạn Hòa", "Bac Ha")


@pytest.mark.parametrize(
    ("ended", "days"),
    [("2025-06-30", (date(2025, 3, 1), date(2025, 6, 30))), ("2024-12-31", None)],
)
def test_commune_police_stand_only_while_both_can(ended, days):
    old = GOOD | {"valid_from": "2023-01-01", "valid_to": ended, "successor_codes": "x_bao_nhai"}
    rows, problems = read_communes(table(old).encode())
    police = [row for row in rows if row.type == AgencyType.police]
    assert problems == ()
    assert [(row.valid_from, row.valid_to) for row in police] == ([days] if days else [])
    assert all(row.successors == (("ca_x_bao_nhai", ""),) for row in police)


@pytest.mark.parametrize(
    "name", ["TX Sa Pa", "UBND thị xã Sa Pa", "Sapa", "thị xã Sapa", "TX. Sa Pa (cũ)", "TX.Sa Pa", "Sa Pa"]
)
def test_a_district_is_the_same_place_however_it_is_written(name):
    assert place(name) == "sa pa"


def test_a_place_that_begins_like_a_unit_keeps_its_name():
    assert [bare_name(name) for name in ("Xã", "Hà Giang", "Txa", "xã Xã Lốp")] == ["Xã", "Hà Giang", "Txa", "Xã Lốp"]
