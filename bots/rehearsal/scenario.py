"""A drill as data: messages said at their times by the people who would say them, read from `scenarios/*.toml`."""

import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .shapes import Persona
from .state import State

FOLDER = Path(__file__).parent / "scenarios"
SPEEDS = (1, 10, 60)


@dataclass(frozen=True)
class Line:
    """One message: seconds after the start, who says it, the text as typed, and the pictures sent with it."""

    at: float
    role: str
    text: str
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A drill: `roles` gives the place each role speaks for, which is looked for in the personas' notes."""

    key: str
    title: str
    title_en: str
    roles: Mapping[str, str]
    lines: tuple[Line, ...]


def load(key: str) -> Scenario:
    """Read one scenario; raises FileNotFoundError for an unknown key, ValueError when a line names an unknown role."""
    with (FOLDER / f"{key}.toml").open("rb") as file:
        data = tomllib.load(file)
    lines = tuple(
        Line(one["at"], one["role"], one["text"], tuple((FOLDER / name).read_bytes() for name in one.get("photos", [])))
        for one in sorted(data["lines"], key=lambda one: float(one["at"]))
    )
    unknown = {line.role for line in lines} - set(data["roles"])
    if unknown:
        raise ValueError(f"scenario {key}: no such role: {', '.join(sorted(unknown))}")
    return Scenario(key, data["title"], data["title_en"], data["roles"], lines)


def cast(scenario: Scenario, personas: Sequence[Persona]) -> dict[str, int]:
    """Return who plays each role: the persona whose note names the role's place.

    A role nobody stands for goes to the first persona with a place in this scenario, or else to the first of all,
    so that nothing is left unsaid. Raises ValueError when there is nobody.
    """
    if not personas:
        raise ValueError("a scenario needs at least one persona")
    played = {role: _speaker(place, personas) for role, place in scenario.roles.items()}
    stand_by = next((one for one in played.values() if one is not None), personas[0])
    return {role: (one or stand_by).user_id for role, one in played.items()}


def _speaker(place: str, personas: Sequence[Persona]) -> Persona | None:
    return next((one for one in personas if place.casefold() in one.note.casefold()), None)


class Play:
    """A scenario being played. `said` counts the lines so far; `stop` ends it before the next line."""

    def __init__(self, state: State, scenario: Scenario, speed: float, personas: Mapping[str, int]) -> None:
        self.scenario, self.speed, self.said = scenario, speed, 0
        self._state, self._personas = state, personas
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scenario {scenario.key}", daemon=True)
        self._thread.start()

    @property
    def total(self) -> int:
        """How many lines the scenario has."""
        return len(self.scenario.lines)

    @property
    def is_playing(self) -> bool:
        """Whether lines are still to come and nobody stopped it."""
        return self._thread.is_alive() and not self._stopped.is_set()

    def stop(self) -> None:
        """End the play; what was said stays said."""
        self._stopped.set()
        self._state.touch()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the last line is said or the play was stopped."""
        self._thread.join(timeout)

    def _run(self) -> None:
        at = 0.0
        for line in self.scenario.lines:
            if self._stopped.wait((line.at - at) / self.speed) or self._state.is_closed:
                break
            at = line.at
            self._say(line)
            self.said += 1
        self._state.touch()

    def _say(self, line: Line) -> None:
        user_id = self._personas[line.role]
        if line.photos:
            self._state.album(user_id, line.photos, line.text)
        else:
            self._state.say(user_id, line.text)


def play(state: State, scenario: Scenario, speed: float, personas: Mapping[str, int]) -> Play:
    """Play a scenario in a thread, `speed` times as fast as written; `personas` maps each role to a user id."""
    if speed <= 0:
        raise ValueError("speed must be above 0")
    return Play(state, scenario, speed, personas)
