"""The rehearsal's duty roster: An is on shift now, Mai is next, one night lies bare; a swap and a hand-over wait."""

from datetime import timedelta

from incidents.cases import handing_over, swaps
from incidents.db import utc_now
from incidents.people import members, roster
from incidents.permissions import Actor
from incidents.vocabulary import Source

_TURNS = 14  # of twelve hours, in turn
_BARE = 7
_HALF_DAY = timedelta(hours=12)


def make_roster() -> None:
    """A week of turns that begins with the hour it is, whenever the rehearsal is made."""
    binh, giang = _as("binh"), _as("giang")
    start = utc_now().replace(minute=0, second=0, microsecond=0)
    made = {}
    for turn in range(_TURNS):
        if turn == _BARE:
            continue
        begins = start + turn * _HALF_DAY
        who = ("an", "mai")[turn % 2]
        made[turn] = roster.add_shift(binh, "so_vhttdl", who, begins, begins + _HALF_DAY).id
    roster.add_shift(giang, "x_bao_nhai", "giang", start, start + _HALF_DAY, "trực tại nhà văn hóa xã")
    swaps.ask(_as("mai"), made[5], "an", "đi tập huấn")
    handing_over.write(
        _as("an"), "mai", "Chờ Ban Chỉ huy PTDS xác nhận hiện trường Trịnh Tường; gọi lại xã trước 22:00."
    )


def _as(username: str) -> Actor:
    return members.actor_of(members.by_username(username), Source.web)
