"""One module per screen."""

from desk.screens import account, members

SCREENS = (account, members)
