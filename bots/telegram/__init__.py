"""Telegram, by its Bot API."""

from bots.channel import BotSettings, Channel, Setting

SETTINGS = (
    Setting("DESK_TELEGRAM_TOKEN", "token of the bot"),
    Setting("DESK_TELEGRAM_API_URL", "root of a Bot API server, without /bot"),
    Setting("DESK_TELEGRAM_PROXY", "proxy for calls to the Bot API"),
)


def make(values: BotSettings) -> Channel | None:
    """The channel, or None without a token."""
    from bots.telegram.client import Telegram  # the library takes a third of a second: only who sends loads it

    if not values.token:
        return None
    return Telegram(values.token, values.api_url, values.proxy)
