"""What somebody with bad intentions, or a broken telephone, sends: refused or kept, never a fault and never a standstill."""

import base64

import pytest
from flask import Flask

from incidents.cases import intake, notes, quick_reports
from incidents.cases.codes import like_code
from incidents.errors import BadFile, BadInput
from incidents.files import check_picture
from incidents.people import second_factor, throttle
from incidents.text import has_secrecy_stamp
from tests import cast

# A small WebP whose EXIF block makes the decoder fail in a way of its own.
BROKEN_EXIF = base64.b64decode(
    "UklGRgQBAABXRUJQVlA4WAoAAAAIAAAAFwAADwAAVlA4ID4AAABwAwCdASoYABAAPm0skUWkIqGYBABABsSgB2APwAAMZBvzmAAA"
    "/vC4bf//qDPkGfIM/VS//+YJX5BvIUTAAEVYSUagAAAATU0AKgAAAAgABQEOAAIAAAAVAAAASgESAAMAAAABAAYAAAEaAAUAAAAB"
    "AAAAYAExAAUAAAAFAAAAaIdpAAQAAAABAAAAbgAAAAB4eHh4eHgMeHh4eHh4eHh4eHh4eAAAAAAASAAAAAFzb2Z0AAAAAoKaAAMA"
    "AAACAAEAA5ADAAIAAAAUAAAAjAAAAAAyMDIwOjAxOjAxIDAwOjAwOjAwAA=="
)


def test_a_picture_that_breaks_its_decoder_is_a_bad_file(desk: Flask) -> None:
    with pytest.raises(BadFile):
        check_picture(BROKEN_EXIF)


@pytest.mark.parametrize("text", ["\n" * 400_000, ".\n" * 200_000, "-" * 400_000])
def test_looking_for_a_stamp_takes_linear_time(text: str) -> None:
    """Quadratic, the first of these would take an hour."""
    assert not has_secrecy_stamp(text)
    assert has_secrecy_stamp(text + "\nMẬT\n" + text)


def test_a_code_as_long_as_a_book_is_no_code() -> None:
    assert like_code(" " * 100_000 + "x") == []
    assert like_code("sk " + "1" * 100) == []


def test_no_account_name_fills_the_throttle_of_a_second_proof() -> None:
    for member_id in range(1, 50):
        keys = {throttle.proof("code", member_id), throttle.proof("password", member_id)}
        typed = [f"code {member_id}", f"code:{member_id}", f"member {member_id}", f"account:code:{member_id}"]
        assert not keys & {throttle.account(name) for name in typed}


def test_the_same_form_number_on_another_incident_is_not_called_saved(desk: Flask) -> None:
    an = cast.actor("an")
    first, second = (intake.log(an, words, 1).code for words in ("một", "hai"))
    number = notes.note(an, first, "ghi chú", source_key="web:1:n").number
    assert notes.note(an, first, "ghi chú", source_key="web:1:n").number == number
    with pytest.raises(BadInput):
        notes.note(an, second, "ghi chú khác", source_key="web:1:n")


def test_an_administrator_of_the_same_agency_sees_no_quick_report(desk: Flask) -> None:
    report, _ = quick_reports.send(cast.actor("an"), "Có tin vỡ đập", "web:1", ask=False)
    assert quick_reports.may_see(cast.actor("mai"), report)
    assert not quick_reports.may_see(cast.actor("chi"), report)


def test_what_others_try_at_the_sign_in_page_does_not_lock_a_second_factor(desk: Flask) -> None:
    from incidents.errors import TooManyTries

    member_id = cast.actor("binh").id
    for _ in range(5):
        throttle.admit(throttle.account(f"code {member_id}"), throttle.address("203.0.113.9"))
    with pytest.raises(TooManyTries):
        throttle.admit(throttle.account(f"code {member_id}"), throttle.address("203.0.113.9"))
    assert second_factor.throttle.admit(throttle.proof("code", member_id), throttle.address("203.0.113.1"))
