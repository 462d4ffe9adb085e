"""Linking a chat: every answer a code can get, who decides, how an address breaks and comes back."""

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from incidents.db import db
from incidents.errors import NotAllowed
from incidents.people import addresses, members
from incidents.people.addresses import Claim, NewCode
from incidents.people.models import Address, LinkCode
from tests.incidents.people.conftest import actor


def web_code(username: str = "an") -> NewCode:
    return addresses.make_code(actor(username), members.by_username(username))


def shell_code(username: str = "an") -> NewCode:
    return addresses.make_code(members.OPERATOR, members.by_username(username), needs_confirmation=False)


def bring(chat: str, text: str) -> Claim:
    return addresses.claim("telegram", chat, "Nguyễn An (@an)", text)


def link(username: str, chat: str) -> Address:
    assert bring(chat, shell_code(username).digits) is Claim.linked
    address = addresses.by_chat("telegram", chat)
    assert address is not None
    return address


@pytest.mark.promise("S13")
@pytest.mark.parametrize("form", ["{d}", "{a} {b}", "{a}-{b}", " {a}.{b} ", "/start {w}", "/start@desk_bot {w}", "{w}"])
def test_a_web_code_in_any_form_waits_for_the_member_to_say_that_is_me(desk: Flask, form: str) -> None:
    code = web_code()
    typed = form.format(d=code.digits, a=code.digits[:3], b=code.digits[3:], w=code.word)
    assert bring("77", typed) is Claim.claimed
    assert bring("77", typed) is Claim.claimed, "the same update told twice"
    assert addresses.by_chat("telegram", "77") is None
    waiting = addresses.waiting_claim(members.by_username("an"))
    assert waiting is not None
    assert waiting.claimed_label == "Nguyễn An (@an)"
    assert addresses.confirm(actor("an"), waiting.id).member_id == actor("an").id
    linked = addresses.by_chat("telegram", "77")
    assert linked is not None
    assert linked.member.username == "an"


@pytest.mark.promise("S13")
def test_a_code_is_used_once(desk: Flask) -> None:
    code = shell_code()
    assert bring("77", code.digits) is Claim.linked
    assert bring("78", code.digits) is Claim.bad
    assert bring("79", code.word) is Claim.bad


@pytest.mark.promise("S13")
def test_a_claimed_code_is_not_for_a_second_chat(desk: Flask) -> None:
    code = web_code()
    assert bring("77", code.digits) is Claim.claimed
    assert bring("78", code.word) is Claim.bad


@pytest.mark.promise("S13")
def test_a_refused_claim_and_its_code_are_dead(desk: Flask) -> None:
    code = web_code()
    bring("77", code.digits)
    addresses.refuse(actor("an"))
    with pytest.raises(addresses.NothingWaiting):
        addresses.confirm(actor("an"))
    assert bring("77", code.digits) is Claim.bad


@pytest.mark.promise("S13")
def test_a_code_dies_after_ten_minutes_claimed_or_not(desk: Flask) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        first = web_code()
        clock.shift(601)
        assert bring("77", first.digits) is Claim.bad
        second = web_code()
        assert bring("77", second.digits) is Claim.claimed
        clock.shift(601)
        with pytest.raises(addresses.NothingWaiting):
            addresses.confirm(actor("an"))


def test_a_new_code_ends_the_one_before(desk: Flask) -> None:
    first, second = web_code(), web_code()
    assert bring("77", first.digits) is Claim.bad
    assert bring("77", second.digits) is Claim.claimed


@pytest.mark.promise("S13")
def test_five_wrong_codes_make_the_chat_wait_ten_minutes(desk: Flask) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        code = shell_code()
        wrong = f"{(int(code.digits) + 1) % 1_000_000:06d}"
        assert [bring("77", "xin chào") for _ in range(9)] == [Claim.bad] * 9, "words are no tries"
        assert [bring("77", wrong) for _ in range(5)] == [Claim.bad] * 5
        assert bring("77", code.digits) is Claim.wait
        assert bring("78", wrong) is Claim.bad, "another chat does not wait"
        clock.shift(601)
        assert bring("77", shell_code().digits) is Claim.linked


@pytest.mark.promise("S13")
def test_a_chat_belongs_to_one_member(desk: Flask) -> None:
    link("an", "77")
    code = web_code("giang")
    assert bring("77", code.digits) is Claim.taken
    assert bring("78", code.digits) is Claim.claimed, "the code was not used up"


@pytest.mark.promise("S13")
def test_two_codes_claimed_by_one_chat_do_not_give_it_to_two_members(desk: Flask) -> None:
    assert bring("77", web_code("an").digits) is Claim.claimed
    assert bring("77", web_code("giang").digits) is Claim.claimed
    addresses.confirm(actor("an"))
    with pytest.raises(addresses.AlreadyLinked):
        addresses.confirm(actor("giang"))


@pytest.mark.parametrize("text", ["/start", "xin chào", "code"])
def test_a_broken_address_comes_back_when_the_person_writes_again(desk: Flask, text: str) -> None:
    address = link("an", "77")
    addresses.mark_broken(address.id, "Forbidden: bot was blocked by the user")
    assert db.session.scalars(select(Address.state)).one() == "broken"
    assert bring("77", web_code().digits if text == "code" else text) is Claim.already
    row = db.session.scalars(select(Address)).one()
    assert (row.state, row.reason) == ("linked", "")


def test_an_unlinked_address_stays_off_and_may_be_linked_by_somebody_else(desk: Flask) -> None:
    address = link("an", "77")
    addresses.unlink(actor("an"), address.id)
    addresses.mark_back(address.id)
    assert addresses.by_chat("telegram", "77") is None
    assert addresses.of_member(actor("an").id or 0) == []
    assert link("giang", "77").member.username == "giang"
    assert len(db.session.scalars(select(Address)).all()) == 1


@pytest.mark.promise("S9")
def test_only_the_member_or_an_administrator_unlinks_and_makes_codes(desk: Flask) -> None:
    address = link("an", "77")
    with pytest.raises(addresses.NoSuchAddress):
        addresses.unlink(actor("giang"), address.id)
    with pytest.raises(NotAllowed):
        addresses.make_code(actor("giang"), members.by_username("an"))
    with pytest.raises(NotAllowed):
        addresses.make_code(actor("an"), members.by_username("an"), needs_confirmation=False)
    addresses.unlink(actor("chi"), address.id)


@pytest.mark.promise("S13")
def test_the_table_holds_no_code(desk: Flask) -> None:
    code = web_code()
    row = db.session.scalars(select(LinkCode)).one()
    assert len(code.word) == 32
    assert code.digits not in row.digits_hash
    assert code.word not in row.word_hash


def test_a_chat_is_looked_up_in_one_statement_with_member_agency_and_roles(desk: Flask) -> None:
    link("an", "77")
    db.session.remove()
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    found = addresses.by_chat("telegram", "77")
    assert found is not None
    assert found.member.agency.code == "so_vhttdl"
    assert [role.role for role in found.member.roles] == ["duty"]
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
