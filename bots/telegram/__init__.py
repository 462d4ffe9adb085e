"""Telegram, by its Bot API."""

from bots.channel import Channel, Setting, SettingValues

SETTINGS = (
    Setting("DESK_TELEGRAM_TOKEN", "token of the bot"),
    Setting("DESK_TELEGRAM_API_URL", "root of a Bot API server, without /bot"),
    Setting("DESK_TELEGRAM_PROXY", "proxy for calls to the Bot API"),
)


def make(values: SettingValues) -> Channel | None:
    """The channel, or None without a token."""
    from bots.telegram.client import Telegram  # the library takes a third of a second: only who sends loads it

    if not values.telegram_token:
        return None
    return Telegram(values.telegram_token, values.telegram_api_url, values.telegram_proxy)
