"""Members: who may be added, what each may act as on a day, and what ends with an account."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, select

from incidents.db import db, transaction
from incidents.errors import BadInput, NotAllowed
from incidents.people import addresses, members, sessions
from incidents.people.models import AgencyFunction, LogLine, MemberRole
from incidents.vocabulary import Source
from tests.incidents.people.conftest import actor


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("username", {"username": "Ân"}),
        ("username", {"username": "1an"}),
        ("username", {"username": "me"}),
        ("username", {"username": "x" * 61}),
        ("username", {"username": "AN"}),
        ("name", {"name": " "}),
        ("name", {"name": "x" * 121}),
        ("agency", {"agency_code": "so_tttt_cu"}),
        ("roles", {"roles": []}),
        ("roles", {"roles": ["duty", "king"]}),
        ("password", {"password": "ngắn"}),
    ],
)
def test_a_member_with_a_wrong_field_is_refused_by_its_name(
    desk: Flask, field: str, changed: dict[str, object]
) -> None:
    good = {"username": "moi", "name": "Trần Mới", "agency_code": "so_vhttdl", "roles": ["duty"]}
    with pytest.raises(BadInput) as told:
        members.add(members.OPERATOR, **{**good, **changed})  # type: ignore[arg-type]
    assert told.value.field == field
    assert len(members.all_members()) == 3


@pytest.mark.promise("S9")
def test_only_an_administrator_adds_and_disables(desk: Flask) -> None:
    with pytest.raises(NotAllowed):
        members.add(actor("an"), "moi", "Trần Mới", "so_vhttdl", ["duty"])
    with pytest.raises(NotAllowed):
        members.disable(actor("an"), "giang")
    with pytest.raises(BadInput):
        members.disable(actor("chi"), "chi")


def test_an_actor_has_the_roles_and_the_standing_of_its_day(desk: Flask) -> None:
    with transaction():
        an = members.by_username("an")
        db.session.add(
            MemberRole(member_id=an.id, role="lead", valid_from=date(2030, 1, 1), valid_to=date(2030, 1, 31))
        )
        db.session.scalars(select(AgencyFunction)).one().valid_to = date(2030, 1, 15)
    an = members.by_username("an")
    assert actor("an").roles == {"duty"}
    assert actor("an").is_standing
    inside, last, after = (members.actor_of(an, Source.web, day=date(2030, 1, n)) for n in (15, 16, 31))
    assert inside.roles == last.roles == after.roles == {"duty", "lead"}
    assert inside.is_standing
    assert not last.is_standing
    assert members.actor_of(an, Source.web, day=date(2030, 2, 1)).roles == {"duty"}
    assert not actor("giang").is_standing


def test_holding_finds_active_members_by_role_agency_and_standing(desk: Flask) -> None:
    def names(found: list[members.Member]) -> list[str]:
        return [member.username for member in found]

    assert names(members.holding("duty", "contact")) == ["an", "giang"]
    assert names(members.holding("duty", "contact", standing_only=True)) == ["an"]
    assert names(members.holding("contact", day=date(2019, 1, 1))) == []
    members.disable(members.OPERATOR, "giang")
    assert names(members.holding("duty", "contact")) == ["an"]


def test_disabling_ends_sessions_chats_and_link_codes(desk: Flask) -> None:
    giang = members.by_username("giang")
    token = sessions.start(giang, "10.0.0.1", "Firefox", second_factor=False)
    code = addresses.make_code(members.OPERATOR, giang, needs_confirmation=False)
    assert addresses.claim("telegram", "77", "Giang", code.digits) == addresses.Claim.linked
    later = addresses.make_code(actor("giang"), giang)
    members.disable(members.OPERATOR, "giang")
    assert sessions.find(token) is None
    assert addresses.by_chat("telegram", "77") is None
    assert addresses.claim("telegram", "78", "Giang", later.digits) == addresses.Claim.bad


def test_a_session_is_found_in_one_statement_with_all_that_a_request_needs(desk: Flask) -> None:
    token = sessions.start(members.by_username("an"), "10.0.0.1", "Firefox", second_factor=False)
    db.session.remove()
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    found = sessions.find_with_actor(token)
    assert found is not None
    session, acting = found
    assert (session.member.agency.code, acting.roles, acting.is_standing) == ("so_vhttdl", {"duty"}, True)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1


@pytest.mark.promise("S40")
def test_the_log_holds_identities_and_names_of_actions_only(desk: Flask) -> None:
    members.disable(members.OPERATOR, "giang")
    lines = db.session.scalars(select(LogLine).order_by(LogLine.id)).all()
    assert [(line.action, line.subject, line.source) for line in lines][-1] == ("disable_member", "member:2", "cli")
    assert "giang" not in " ".join(f"{line.action} {line.subject}" for line in lines).lower()
