"""The second factor: each code once, the step before at most, recovery codes once each, nothing readable in the table."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from incidents.db import db
from incidents.errors import BadInput, TooManyTries
from incidents.people import members, second_factor, secrets_kept
from incidents.people.models import Member, RecoveryCode
from tests.incidents.people.conftest import actor

EIGHT = "2027-03-02 08:00:10 +0700"


def set_up(username: str = "an") -> tuple[pyotp.TOTP, list[str]]:
    secret, _uri = second_factor.begin(actor(username))
    totp = pyotp.TOTP(secret)
    return totp, second_factor.confirm(actor(username), totp.now())


def check(code: str, username: str = "an") -> bool:
    return second_factor.check(members.by_username(username), code)


@pytest.mark.promise("S2")
def test_a_code_is_good_once(desk: Flask) -> None:
    with time_machine.travel(EIGHT, tick=False) as clock:
        totp, _codes = set_up()
        assert not check(totp.now()), "already used to switch it on"
        clock.shift(30)
        code = totp.now()
        assert check(f"{code[:3]} {code[3:]}")
        assert not check(code)


@pytest.mark.promise("S2")
@pytest.mark.parametrize(
    ("seconds", "right"), [(-90, False), (-60, False), (-30, True), (0, True), (30, False), (90, False)]
)
def test_the_present_and_the_previous_step_are_accepted_and_no_other(desk: Flask, seconds: int, *, right: bool) -> None:
    with time_machine.travel(EIGHT, tick=False) as clock:
        totp, _codes = set_up()
        clock.shift(300)
        code = totp.at(int(clock_now()) + seconds)
        assert check(code) is right


def clock_now() -> float:
    from time import time

    return time()


@pytest.mark.promise("S2")
def test_after_the_present_code_the_previous_one_is_dead(desk: Flask) -> None:
    with time_machine.travel(EIGHT, tick=False) as clock:
        totp, _codes = set_up()
        clock.shift(300)
        previous = totp.at(int(clock_now()) - 30)
        assert check(totp.now())
        assert not check(previous)


@pytest.mark.promise("S2")
def test_of_two_who_bring_the_same_code_at_once_one_comes_in(desk: Flask) -> None:
    with time_machine.travel(EIGHT, tick=False) as clock:
        totp, _codes = set_up()
        clock.shift(60)
        code = totp.now()

        def bring(_number: int) -> bool:
            with desk.app_context():
                return check(code)

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(bring, range(2))) == [False, True]


@pytest.mark.promise("S2")
def test_each_recovery_code_stands_in_once(desk: Flask) -> None:
    _totp, codes = set_up()
    assert len(set(codes)) == 10
    assert check(codes[3].upper())
    assert not check(codes[3])
    assert check(codes[4])
    assert not check(codes[5][:-1])


@pytest.mark.promise("S27")
def test_the_table_holds_neither_the_secret_nor_the_recovery_codes(desk: Flask) -> None:
    secret, _uri = second_factor.begin(actor("an"))
    codes = second_factor.confirm(actor("an"), pyotp.TOTP(secret).now())
    kept = db.session.scalars(select(Member.totp_secret).where(Member.username == "an")).one()
    assert kept is not None
    assert secret.encode() not in kept
    assert not set(codes) & set(db.session.scalars(select(RecoveryCode.code_hash)))
    desk.config["SECRET_KEY"], old = "another secret key, also long enough for it", desk.config["SECRET_KEY"]
    with pytest.raises(secrets_kept.Unreadable):
        secrets_kept.unseal(kept, f"totp {actor('an').id}")
    assert check(codes[0]), "recovery codes do not depend on the key"
    desk.config["SECRET_KEY_FALLBACKS"] = [old]
    assert secrets_kept.unseal(kept, f"totp {actor('an').id}") == secret


def test_a_secret_of_one_member_does_not_open_as_anothers(desk: Flask) -> None:
    second_factor.begin(actor("an"))
    kept = db.session.scalars(select(Member.totp_secret).where(Member.username == "an")).one()
    assert kept is not None
    with pytest.raises(secrets_kept.Unreadable):
        secrets_kept.unseal(kept, f"totp {actor('giang').id}")


@pytest.mark.promise("S4")
def test_codes_are_throttled_as_passwords_are(desk: Flask) -> None:
    set_up()
    for _ in range(5):
        assert not check("000000")
    with pytest.raises(TooManyTries):
        check("000000")


def test_a_second_factor_in_use_is_not_replaced_without_its_code(desk: Flask) -> None:
    with time_machine.travel(EIGHT, tick=False) as clock:
        totp, codes = set_up()
        with pytest.raises(second_factor.SecondFactorOn):
            second_factor.begin(actor("an"))
        with pytest.raises(BadInput):
            second_factor.remove(actor("an"), "000000")
        clock.shift(60)
        second_factor.remove(actor("an"), totp.now())
        assert not check(codes[0])
        set_up()


@pytest.mark.promise("S2")
def test_it_is_required_of_the_roles_that_decide_but_not_in_the_rehearsal(desk: Flask) -> None:
    assert second_factor.is_required(members.by_username("chi"))
    assert not second_factor.is_required(members.by_username("an"))
    desk.config["REHEARSAL"] = True
    assert not second_factor.is_required(members.by_username("chi"))
