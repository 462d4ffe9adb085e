"""Times as people type them, in the hour of Viet Nam: "02:10", "02:10 23/11/2026", "23/11/2026 02:10", or a browser's own."""

import re
from datetime import datetime, timedelta

from incidents.db import utc_now
from incidents.errors import BadInput
from playbooks.worktime import ZONE

_HOUR = r"(?P<hour>\d{1,2}) ?[:hg] ?(?P<minute>\d{2})"
_DAY = r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}))?"
_SHAPES = tuple(re.compile(shape, re.ASCII) for shape in (_HOUR, f"{_HOUR},? +{_DAY}", f"{_DAY},? +{_HOUR}"))
_YEARS = range(2000, 2100)


def read(field: str, typed: str, *, ahead: bool = False) -> datetime | None:
    """The aware time in ``typed``, None when it is blank. Raises ``BadInput`` naming ``field``.

    An hour alone is today's; where that lies on the wrong side of now, the day before (``ahead``: the day after).
    """
    text = " ".join(typed.split())
    if not text:
        return None
    try:
        found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
        at = _composed(found, ahead) if found else datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=ZONE)
        if at.year in _YEARS:
            return at
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        field,
        "Giờ này không đọc được. Ghi như 02:10 hoặc 02:10 23/11/2026.",
        "This time cannot be read. Write 02:10 or 02:10 23/11/2026.",
    )


def _composed(found: re.Match[str], ahead: bool) -> datetime:
    parts = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    now = utc_now().astimezone(ZONE)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight.replace(**parts)  # type: ignore[arg-type]
    if "day" in parts:
        return at
    if ahead:
        return at + timedelta(days=1) if at <= now else at
    return at - timedelta(days=1) if at > now + timedelta(minutes=2) else at


def words(at: datetime | None) -> str:
    """The time as a form shows it and reads it again: "02:10 23/11/2026"."""
    return f"{at.astimezone(ZONE):%H:%M %d/%m/%Y}" if at else ""
