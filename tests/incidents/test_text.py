"""Vietnamese text: folding, cleaning, stamps and private numbers (domain book 10.7)."""

import unicodedata

import pytest

from incidents.text import clean, first_link, fold, has_private_number, has_secrecy_stamp, mask_private_numbers, shorten


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lào Cai", unicodedata.normalize("NFD", "Lào Cai")),
        ("Uỷ ban", "Ủy ban"),
        ("hoà", "hòa"),
        ("thuý", "thúy"),
        ("Sa Pa", "Sapa"),
        ("SaPa", "SAPA"),
        ("Sa-pa", "sa pa"),
        ("vỡ đập rồi bà con ơi", "vo dap roi ba con oi"),
        ("VỠ ĐẬP!!!", "vỡ đập"),
        ("H'Mông", "h mong"),
    ],
)
def test_the_same_words_fold_to_the_same_key(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_cleaning_keeps_the_words_and_drops_what_cannot_be_seen() -> None:
    assert clean("  a\u200bb\u202ec\u00a0d\x00 \r\n" + "\n" * 40 + "e ") == "abc d \n\n\ne"
    assert clean(unicodedata.normalize("NFD", "Đập")) == "Đập"


@pytest.mark.parametrize(
    "text", ["MẬT", "  TỐI MẬT  ", "Văn bản (TUYỆT MẬT)", "ĐỘ MẬT: MẬT", "dòng một\n[MẬT]\ndòng ba"]
)
def test_a_secrecy_stamp_is_seen(text: str) -> None:
    assert has_secrecy_stamp(text)


@pytest.mark.parametrize(
    "text", ["mật ong rừng Sa Pa", "MẬT ONG GIẢ", "bảo mật tài khoản", "mật khẩu", "MẬT ĐỘ XE CAO"]
)
def test_honey_is_no_secret(text: str) -> None:
    assert not has_secrecy_stamp(text)


@pytest.mark.parametrize("text", ["CCCD 0000 0000 0000", "STK 0000000000", "gọi 0912 345 678"])
def test_private_numbers_are_seen_and_masked(text: str) -> None:
    assert has_private_number(text)
    assert "0" not in mask_private_numbers(text)


@pytest.mark.parametrize("text", ["1.200 lượt", "21h30 ngày 15/10/2026", "https://x.example/p/123456789012"])
def test_counts_times_and_links_are_no_private_numbers(text: str) -> None:
    assert not has_private_number(text)


def test_the_first_link_is_found_after_an_emoji() -> None:
    assert (
        first_link("👨‍👩‍👧 xem https://mxh.example/p/881?fbclid=IwAR0abc, nhé")
        == "https://mxh.example/p/881?fbclid=IwAR0abc"
    )
    assert first_link("không có") == ""


def test_shortening_cuts_at_a_word() -> None:
    assert shorten("Đập thủy điện Suối Mận đã vỡ", 16) == "Đập thủy điện…"
    assert shorten("ngắn", 16) == "ngắn"
