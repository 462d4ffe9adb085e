"""The present of these tests is Thursday 15 October 2026, 10:00 at the desk, unless they move on."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from incidents.db import db, transaction
from incidents.people.models import MemberRole

START = "2026-10-15T03:00:00+00:00"


@pytest.fixture(autouse=True)
def time_machine_at(desk: Flask) -> Iterator[Callable[[str], None]]:
    with transaction():
        db.session.execute(update(MemberRole).values(valid_from=date(2026, 1, 1)))
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller.move_to
