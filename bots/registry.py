"""The channels of the desk. A new one is a folder under ``bots`` and one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bots import telegram
from bots.channel import BotSettings, Channel, Setting


@dataclass(frozen=True)
class Kind:
    """``open`` makes the channel from the settings, or gives None when it is not set up."""

    kind: str
    label: str
    settings: Sequence[Setting]
    make: Callable[[BotSettings], Channel | None]


CHANNELS: Sequence[Kind] = (Kind("telegram", "Telegram", telegram.SETTINGS, telegram.make),)


def channels(values: BotSettings) -> Mapping[str, Channel]:
    """The channels that are set up, by kind."""
    made = ((kind.kind, kind.make(values)) for kind in CHANNELS)
    return {kind: channel for kind, channel in made if channel is not None}
