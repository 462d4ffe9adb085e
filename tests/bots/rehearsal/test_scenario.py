"""Scenario S1: the words of the domain book, at their times, from the right people."""

import threading
import time

import pytest

from bots.rehearsal import Persona, StandIn, scenario

from .conftest import AN, GIANG, updates

S1 = scenario.load("s1_suoi_man")
PEOPLE = (
    Persona(AN, "An", "trực ban"),
    Persona(GIANG, "Giang", "đầu mối xã Bảo Nhai"),
    Persona(504, "Hạnh", "đầu mối xã Bắc Hà"),
    Persona(505, "Phúc", "đầu mối phường Lào Cai"),
)


def test_s1_is_typed_as_people_typed_it() -> None:
    assert [line.at for line in S1.lines] == [0, 360, 380, 1320, 3000]
    assert S1.lines[0].text.startswith("bao cao truc: tren mang dang noi vo dap suoi man")
    assert S1.lines[1].text.endswith("https://mxh.example/p/881?fbclid=IwAR0abc")
    assert [len(line.photos) for line in S1.lines] == [0, 0, 0, 2, 0]


def test_every_role_is_played_by_the_persona_of_its_place() -> None:
    assert scenario.cast(S1, PEOPLE) == {"bao_nhai": GIANG, "bac_ha": 504, "lao_cai": 505}


def test_a_role_nobody_stands_for_goes_to_the_focal_point_who_is_there() -> None:
    assert set(scenario.cast(S1, PEOPLE[:2]).values()) == {GIANG}
    with pytest.raises(ValueError, match="at least one persona"):
        scenario.cast(S1, [])


def test_a_play_says_every_line_and_sends_the_album(stand_in: StandIn) -> None:
    play = scenario.play(stand_in.state, S1, 30_000, scenario.cast(S1, PEOPLE))
    play.join(10)

    arrived = [update.message for update in updates(stand_in)]
    assert (play.said, play.is_playing) == (5, False)
    assert [one.from_user.id for one in arrived] == [GIANG, 505, 504, GIANG, GIANG, 505]
    assert arrived[3].caption == S1.lines[3].text
    assert arrived[3].media_group_id == arrived[4].media_group_id is not None
    assert min(one.photo[-1].width for one in arrived[3:5]) == 960


def test_a_play_keeps_the_pace_it_was_given(stand_in: StandIn) -> None:
    began = time.monotonic()
    scenario.play(stand_in.state, S1, 3_000, scenario.cast(S1, PEOPLE)).join(10)

    assert time.monotonic() - began >= 0.95


def test_a_stopped_play_says_no_more(stand_in: StandIn) -> None:
    play = scenario.play(stand_in.state, S1, 60, scenario.cast(S1, PEOPLE))
    stand_in.state.wait_for_updates(0, 1, 5, None)
    play.stop()
    play.join(5)

    assert play.said == 1
    assert not play.is_playing
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scenario")]


def test_a_line_of_an_unknown_role_is_refused(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s9.toml").write_text(
        'title = "S9"\ntitle_en = "S9"\nroles = {}\n[[lines]]\nat = 0\nrole = "ai"\ntext = "x"\n'
    )
    monkeypatch.setattr(scenario, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="no such role: ai"):
        scenario.load("s9")
