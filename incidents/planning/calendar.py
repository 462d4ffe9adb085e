"""The province's calendar: the national one, with the days and working hours that two persons have approved over it."""

from collections.abc import Iterable
from datetime import date

from incidents.db import utc_now
from incidents.planning import approved, content
from incidents.planning.approved import Approved
from playbooks.worktime import ZONE, Calendar, vietnam


def calendar() -> Calendar:
    """Working time and days off as approved (domain 9.1), for the years a desk looks at."""
    kept, year = approved.read(), utc_now().astimezone(ZONE).year
    return kept.once(("calendar", year), lambda: build(kept.of("calendar", "hours"), year))


def build(rows: Iterable[Approved], year: int) -> Calendar:
    """The calendar of the years around ``year`` with ``rows`` over it, the later decision on a day winning."""
    days = {row.key: row.content for row in rows if row.subject == "calendar" and row.content["day"] in content.DAYS}
    hours = {date.fromisoformat(row.key): content.hours_of(row.content) for row in rows if row.subject == "hours"}
    wanted = {date.fromisoformat(key): one for key, one in days.items() if one["day"] != "computed"}
    return vietnam(
        range(year - content.YEARS_AROUND - 1, year + content.YEARS_AROUND + 1),
        [day for day, one in wanted.items() if one["day"] == "off"],
        [day for day, one in wanted.items() if one["day"] == "working"],
        periods=tuple(sorted(hours.items())),
        names={day: (one["name"], one["name"]) for day, one in wanted.items()},
    )


def amended() -> dict[date, Approved]:
    """The days that people have changed and that are not computed again since."""
    found = {row.key: row for row in approved.read().of("calendar") if row.content["day"] in content.DAYS}
    return {date.fromisoformat(key): row for key, row in found.items() if row.content["day"] != "computed"}


def is_confirmed(year: int) -> bool:
    """Whether the province has said anything of ``year``: a day of it, or that the computed one is right."""
    return any(row.key.startswith(f"{year:04d}") for row in approved.read().of("calendar"))
