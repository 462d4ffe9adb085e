"""A loopback stand-in of the Telegram Bot API, with a page on which a person plays any linked member.

`start` runs it in a thread (tests, rehearsal in one process), `serve` as a process of its own. It speaks plain
HTTP: any Bot API client works against `url` as it would against Telegram. Nothing leaves the machine.
"""

from . import scenario
from .limits import Refusal
from .server import StandIn, serve, start
from .shapes import Persona, from_channel, from_hidden_user, from_user
from .state import Call, State
