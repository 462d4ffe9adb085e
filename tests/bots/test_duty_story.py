"""/truc: who is on duty now, until when, by which telephone, and who is next."""

from datetime import datetime, timedelta

import pytest

from bots.telegram.conversations.commands import MENU
from incidents.db import transaction, utc_now
from incidents.people import members, roster
from playbooks.worktime import ZONE
from tests.bots.conftest import Room
from tests.cast import actor

HOUR = timedelta(hours=1)


def hour(at: datetime) -> str:
    local, now = at.astimezone(ZONE), utc_now().astimezone(ZONE)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%H:%M %d/%m}"


@pytest.fixture
def shifts(room: Room) -> tuple[datetime, datetime]:
    """An is on shift, Mai is next; returns when An's shift ends and when Mai's begins."""
    with room.app.app_context():
        with transaction():
            members.by_username("an").office_phone = "0214 3 000 101"
        start = utc_now().replace(minute=0, second=0, microsecond=0)
        roster.add_shift(actor("binh"), "so_vhttdl", "an", start, start + 8 * HOUR)
        roster.add_shift(actor("binh"), "so_vhttdl", "mai", start + 10 * HOUR, start + 18 * HOUR)
    return start + 8 * HOUR, start + 10 * HOUR


@pytest.mark.parametrize("typed", ["/truc", "truc", "Trực", "/TRỰC", "ai trực"])
def test_duty_is_told_with_telephone_end_and_next_however_it_is_asked(
    room: Room, shifts: tuple[datetime, datetime], typed: str
) -> None:
    room.say("son", typed)
    lines = room.last("son").split("\n")
    assert lines[0].startswith("Trực ")
    assert lines[1] == f"Nguyễn An 0214 3 000 101 – đến {hour(shifts[0])}"
    assert lines[2] == f"Kế tiếp: Hoàng Thị Mai, {hour(shifts[1])}"
    assert len(lines) == 3, "somebody of the standing agency is told of it once"


def test_a_focal_point_hears_of_the_standing_agency_and_of_his_own(
    room: Room, shifts: tuple[datetime, datetime]
) -> None:
    room.say("giang", "truc")
    assert room.last("giang").split("\n")[3:] == ["Trực UBND xã Bảo Nhai:", "Không có ai trong ca trực."]
    with room.app.app_context():
        start = utc_now().replace(minute=0, second=0, microsecond=0)
        roster.add_shift(actor("giang"), "x_bao_nhai", "giang", start, start + 4 * HOUR)
    room.say("giang", "truc")
    assert room.last("giang").split("\n")[4] == f"Vàng Thị Giang – đến {hour(start + 4 * HOUR)}"


def test_with_nobody_on_shift_those_who_are_told_instead_are_named(room: Room) -> None:
    room.say("son", "/truc")
    assert room.last("son").split("\n")[1] == "Không có ai trong ca trực. Gọi: Nguyễn An, Hoàng Thị Mai"


def test_the_answer_is_in_the_members_language_and_the_menu_has_the_command(
    room: Room, shifts: tuple[datetime, datetime]
) -> None:
    room.say("son", "/lang en")
    room.say("son", "/truc")
    assert "until" in room.last("son")
    assert "Next: Hoàng Thị Mai" in room.last("son")
    assert "truc" in dict(MENU)
    assert len(MENU) <= 10
