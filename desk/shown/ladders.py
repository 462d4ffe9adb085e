"""Ladders as plain sentences with the people who would be told now; and what comes next for one incident."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desk.language import _, current
from desk.shown import clocks, deliveries
from incidents.cases import audience, ladder
from incidents.cases.models import Incident, LadderTest
from incidents.people.models import Member
from incidents.reading import escalations as reading
from incidents.telling.models import Alert
from incidents.vocabulary import AlertState, ClockState, label


def target(key: str) -> str:
    """ "Tổ phó"."""
    return label(ladder.TARGETS, key, current())


def targets(track: str) -> list[tuple[str, str]]:
    """Whom a rung of this track may tell, for a form."""
    return [("", _("Không có bậc này")), *((key, target(key)) for key in ladder.TARGETS_OF[track])]


def minutes(count: int) -> str:
    """ "5 phút", "2 giờ", "1 giờ 30 phút"."""
    hours, rest = divmod(count, 60)
    words = ([_("{count} giờ").format(count=hours)] if hours else []) + (
        [_("{count} phút").format(count=rest)] if rest or not hours else []
    )
    return " ".join(words)


def sentences(
    track: str, severity: int, rungs: ladder.Ladder, reach: audience.Reach, agency_id: int | None
) -> list[dict[str, Any]]:
    """One sentence per rung: words, names (of the people there now), empty."""
    made = []
    for rung in rungs:
        if not rung.minutes:
            words = _("Báo ngay: {target}")
        elif track == ladder.AGENCY:
            words = _("Sau {time} cơ quan chưa nhận việc Cấp {level} → báo {target}")
        else:
            words = _("Sau {time} chưa ai nhận Cấp {level} → báo {target}")
        people = reach.on(rung.target, agency_id)
        words = words.format(time=minutes(rung.minutes), level=severity, target=target(rung.target))
        is_known = agency_id is not None or rung.target not in ("contact", "head")  # of which agency, else?
        made.append({"words": words, "names": names(people), "empty": is_known and not people})
    return made


def closing(rungs: ladder.Ladder) -> str:
    """What happens after the last rung."""
    if not ladder.climbs(rungs):
        return _("Không báo tiếp.")
    return _(
        "Sau đó nhắc lại cấp cuối {count} lần, cách nhau 10 phút; vẫn chưa ai nhận thì hiện trên bảng trực."
    ).format(count=ladder.AGAIN)


def names(people: Sequence[Member]) -> str:
    return ", ".join(member.name for member in people)


def next_line(incident: Incident, now: datetime) -> dict[str, Any] | None:
    """ "Báo lên cấp trên" on the page of an incident: a clock as ``ui.due`` reads it, and words; None when nothing climbs.

    No statement for an incident that is held, two while it climbs.
    """
    found = reading.next_of(incident)
    if found is None:
        return None
    who = names(found.people)
    if found.again > ladder.AGAIN or not found.people:
        words = _("hết các cấp, hiện trên bảng trực")
    elif found.again:
        words = _("nhắc lại lần {number}: {names}").format(number=found.again, names=who)
    else:
        words = f"{target(found.target)} ({who})"
    left = found.due_at - now
    return {
        "label": _("Báo lên cấp trên"),
        "due_at": found.due_at,
        "hard": False,
        "state": ClockState.running,
        "remaining": clocks.remaining(left),
        "late": False,
        "soon": True,
        "words": words,
    }


def running(rows: Sequence[reading.Running]) -> list[dict[str, Any]]:
    """The cycles as a table shows them."""
    return [
        {
            "href": f"/incidents/{row.code}" if row.code else "/quick-reports",
            "code": row.code or row.number,
            "level": row.severity,
            "what": row.agency or (_("Sự việc chưa ai giữ") if row.code else _("Tin báo chờ phân loại")),
            "told": ", ".join(row.told) or "–",
            "next": target(row.target) if row.target else _("nhắc lại"),
            "due_at": row.due_at,
        }
        for row in rows
    ]


def test_title(test: LadderTest) -> str:
    """ "Sự việc chưa ai giữ · Cấp 4"."""
    agency = f" · {test.agency.label}" if test.agency is not None else ""
    return f"{label(ladder.TRACKS, test.track, current())} · {_('Cấp')} {test.severity}{agency}"


def test_levels(test: LadderTest, alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Per rung: words, empty, and its people with how far the message has come."""
    made = []
    for level, row in enumerate(test.levels, start=1):
        mine = [alert for alert in alerts if alert.facts.get("level") == level]
        time = _("ngay") if not row["minutes"] else _("sau {time}").format(time=minutes(row["minutes"]))
        made.append({"words": f"{target(row['target'])}, {time}", "empty": not row["names"], "alerts": _delivery(mine)})
    return made


def _delivery(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """As ``ui.delivery`` reads them; of a person with several addresses the newest."""
    newest = {alert.member_id: alert for alert in alerts}
    return [
        {
            "person": alert.member.name if alert.member else "",
            "channel": deliveries.channel(alert.channel) if alert.address_id else _("chưa có địa chỉ nhận"),
            "state": "pressed" if alert.pressed_at else alert.state,
            "at": _at(alert),
            "reason": alert.reason if alert.state == AlertState.failed else "",
        }
        for alert in newest.values()
    ]


def _at(alert: Alert) -> datetime | None:
    return alert.pressed_at or alert.sent_at
