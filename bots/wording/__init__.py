"""Every word the bots say, from fresh facts, in Vietnamese and English."""

from bots.wording import buttons, cards, shape
from bots.wording.sentences import SENTENCES, Html, say

__all__ = ["SENTENCES", "Html", "buttons", "cards", "say", "shape"]
