"""Passwords and throttling: what is refused, how long one waits, and that both are the same for unknown accounts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from incidents.db import db
from incidents.errors import BadInput, TooManyTries
from incidents.people import members, passwords, signing_in
from incidents.people.models import LogLine, SignInAttempt
from incidents.people.signing_in import WrongPassword
from tests.incidents.people.conftest import PASSWORD, actor


def fail(username: str = "an", network_address: str = "10.0.0.1") -> float:
    """Try a wrong password; returns the seconds to wait when the try was not even evaluated, else 0."""
    try:
        signing_in.sign_in(username, "không phải mật khẩu", network_address)
    except TooManyTries as told:
        return float(str(told.facts["seconds"]))
    except WrongPassword:
        return 0
    raise AssertionError("signed in")


@pytest.mark.promise("S4")
@pytest.mark.parametrize("username", ["an", "khong-co-ai"])
def test_five_failures_make_an_account_wait_longer_and_longer_known_or_not(desk: Flask, username: str) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        assert [fail(username) for _ in range(5)] == [0] * 5
        waits = []
        for _ in range(4):
            waits.append(fail(username))
            clock.shift(waits[-1])
            assert fail(username) == 0
        assert waits == [30, 60, 120, 240]


@pytest.mark.promise("S4")
def test_ten_thousand_guesses_an_hour_are_at_most_a_hundred_evaluations(desk: Flask) -> None:
    evaluated = 0
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        for _ in range(720):  # every five seconds; a refused try costs nothing, so more of them change nothing
            evaluated += fail() == 0
            clock.shift(5)
    assert 5 < evaluated <= 100


@pytest.mark.promise("S4")
def test_waiting_out_lets_the_right_password_in_and_forgets_the_failures(desk: Flask) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        for _ in range(5):
            fail()
        with pytest.raises(TooManyTries):
            signing_in.sign_in("an", PASSWORD, "10.0.0.1")
        clock.shift(30)
        assert signing_in.sign_in(" AN ", PASSWORD, "10.0.0.1").username == "an"
        assert [fail() for _ in range(5)] == [0] * 5


@pytest.mark.promise("S4")
def test_one_network_address_waits_after_thirty_failures_whatever_the_accounts(desk: Flask) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False):
        assert [fail(f"ai-do-{n}") for n in range(30)] == [0] * 30
        signing_in.sign_in("an", PASSWORD, "10.0.0.2")
        assert fail("nguoi-khac") == 30
        with pytest.raises(TooManyTries):
            signing_in.sign_in("an", PASSWORD, "10.0.0.1")


@pytest.mark.promise("S4")
def test_guesses_sent_at_the_same_moment_are_counted_one_by_one(desk: Flask) -> None:
    def guess(_number: int) -> float:
        with desk.app_context():
            return fail()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(guess, range(16)))
    assert waits.count(0) == 5


@pytest.mark.promise("S4")
def test_an_unknown_account_costs_a_verification_too(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    hasher = passwords.hasher()

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            verified.append(hashed[:30])
            return hasher.verify(hashed, password)

    monkeypatch.setattr(passwords, "hasher", Counting)
    fail("an")
    fail("khong-co-ai")
    assert len(verified) == 2
    assert {known_or_not[:27] for known_or_not in verified} == {"$argon2id$v=19$m=8,t=1,p=1$"}


@pytest.mark.promise("S1")
def test_a_password_of_a_megabyte_is_refused_before_hashing(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", lambda: pytest.fail("hashed"))
    with pytest.raises(WrongPassword):
        signing_in.sign_in("an", "x" * 1_000_000, "10.0.0.1")


@pytest.mark.promise("S1")
def test_the_default_cost_is_64_mib_three_passes_four_lanes(desk: Flask) -> None:
    desk.config["PASSWORD_COST"] = None
    assert passwords.hash_of("bảy con kiến tha mồi").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.promise("S1")
@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá 11",
        "x" * 129,
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "123456789012",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "Matkhau123456",
        "Mật khẩu 2025!!",
        "CôngAn LàoCai 2026",
        "nguyenvanan123",
        "Ananan-2026-2026",
        "so_vhttdl_2026_01",
    ],
)
def test_a_password_that_is_short_long_common_or_made_of_the_place_is_refused(desk: Flask, password: str) -> None:
    with pytest.raises(BadInput) as told:
        passwords.check(password, "an", "Ananan", "so_vhttdl")
    assert told.value.field == "password"


@pytest.mark.promise("S1")
@pytest.mark.parametrize(
    "password", [PASSWORD, "kx7f-q2mv-t9wd-b4hn", "Sáng nay sương mù", "x9$" * 3 + "rồng bay", "пароль надёжный"]
)
def test_a_sentence_of_any_kind_is_a_password(desk: Flask, password: str) -> None:
    passwords.check(password, "an", "Nguyễn Thị An", "so_vhttdl")


@pytest.mark.promise("S1")
def test_the_block_list_is_long_and_every_entry_would_otherwise_pass(desk: Flask) -> None:
    assert len(passwords.common()) >= 3_000
    wrong = [entry for entry in passwords.common() if len(entry) < passwords.SHORTEST or entry != entry.lower()]
    assert wrong == []


def test_changing_the_password_wants_the_old_one_and_a_different_new_one(desk: Flask) -> None:
    for old, new, field in (
        (PASSWORD + "x", "x", "old"),
        (PASSWORD, PASSWORD, "password"),
        (PASSWORD, "123", "password"),
    ):
        with pytest.raises(BadInput) as told:
            passwords.change(actor("an"), old, new)
        assert told.value.field == field
    passwords.change(actor("an"), PASSWORD, "năm con vịt bơi qua sông")
    assert signing_in.sign_in("an", "năm con vịt bơi qua sông", "10.0.0.1").id == actor("an").id
    assert fail() == 0


@pytest.mark.promise("S39")
def test_a_one_time_password_lets_in_for_a_day(desk: Flask) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        _member, once = members.add(members.OPERATOR, "moi", "Trần Mới", "so_vhttdl", ["duty"])
        assert signing_in.sign_in("moi", once, "10.0.0.1").must_change_password
        clock.shift(24 * 3600)
        with pytest.raises(WrongPassword):
            signing_in.sign_in("moi", once, "10.0.0.1")


@pytest.mark.promise("S40")
def test_what_was_typed_as_an_account_is_not_in_the_log(desk: Flask) -> None:
    fail("mật khẩu gõ nhầm ô")
    line = db.session.scalars(select(LogLine).order_by(LogLine.id.desc())).first()
    assert line is not None
    assert (line.action, line.subject) == ("sign_in_failed", "")
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 2
