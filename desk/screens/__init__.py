"""One module per screen."""

from desk.screens import (
    account,
    alerts,
    board,
    case,
    case_pages,
    editing,
    files,
    home,
    members,
    my_steps,
    preferences,
    quick_log,
    quick_reports,
    restriction,
    updates,
)

SCREENS = (
    home,
    board,
    quick_log,
    case,
    case_pages,
    editing,
    restriction,
    quick_reports,
    my_steps,
    alerts,
    updates,
    files,
    preferences,
    account,
    members,
)
