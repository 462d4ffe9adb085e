"""Binding a chat to a member by a one-time code (bot.md 2). The only conversation strangers have."""

from bots.turn import Turn
from incidents.people import addresses
from incidents.people.addresses import Claim
from incidents.people.link_codes import typed_code

_CODE_ANSWERS = 10  # a day in one stranger's chat; the sixth wrong code waits anyway
_ANSWERS = {
    Claim.claimed: "link.claimed",
    Claim.bad: "link.bad",
    Claim.wait: "link.wait",
    Claim.taken: "link.taken",
}


def stranger(turn: Turn) -> None:
    """Somebody without a link: a code is tried, anything else gets one neutral line."""
    if typed_code(turn.heard.text):
        _claim(turn)
    else:
        turn.answer_stranger("link.hello" if _is_start(turn) else "link.stranger")


def start(turn: Turn) -> None:
    """A member pressed Start, perhaps with a code."""
    if typed_code(turn.heard.text):
        _claim(turn)
    else:
        turn.answer("link.done")


def back(turn: Turn) -> None:
    """The chat was opened to the bot again; coming back is noticed for every turn, so nothing more is to do."""


def nobody(turn: Turn) -> None:
    """A stranger opened or closed the chat: not our business."""


def _claim(turn: Turn) -> None:
    heard = turn.heard
    became = addresses.claim(heard.channel, heard.chat, heard.label, heard.text)
    if became in (Claim.linked, Claim.already):
        if turn.address is None:
            turn.belongs_now()
        turn.answer("link.done")
    elif turn.address is not None:
        turn.answer(_ANSWERS[became])
    else:
        turn.answer_stranger(_ANSWERS[became], limit=_CODE_ANSWERS)


def _is_start(turn: Turn) -> bool:
    return turn.heard.text.split("@")[0].split(" ")[0].lower() == "/start"
