""" "Gọi thử": a marked test through every level of a ladder, by the way real alerts go, and who has answered it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incidents.cases import audience, ladder
from incidents.cases.models import LadderTest
from incidents.db import db, take_turn, transaction, utc_now
from incidents.errors import NotFound, TooManyTries
from incidents.people.models import Agency
from incidents.permissions import Actor, require
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind

NOT_SOONER = timedelta(minutes=1)
_TURN = 7_400_001


def send(actor: Actor, track: str, agency_code: str, severity: int) -> LadderTest:
    """Tell every level now, the actor too when he stands on one. Kept with the names per level.

    Raises ``NotAllowed``, ``BadInput`` (track, agency, severity), ``TooManyTries`` within a minute of the last one.
    """
    require(actor, "test_ladder")
    ladder.check_kind(track, severity)
    with transaction():
        agency = ladder.agency_of(track, agency_code)
        take_turn(_TURN)
        _refuse_too_soon(track, agency, severity)
        rungs = ladder.rungs(track, agency.id if agency else None, severity)
        reach = audience.reach((agency.id,) if agency else ())
        test = LadderTest(
            track=track, agency=agency, severity=severity, made_by_id=actor.id, made_at=utc_now(), levels=[]
        )  # fmt: skip
        db.session.add(test)
        db.session.flush()
        test.levels = [_call(actor, test, level, rung, reach) for level, rung in enumerate(rungs, start=1)]
        return test


def _refuse_too_soon(track: str, agency: Agency | None, severity: int) -> None:
    same = LadderTest.agency_id.is_(None) if agency is None else LadderTest.agency_id == agency.id
    last = db.session.scalar(
        select(LadderTest.made_at)
        .where(LadderTest.track == track, LadderTest.severity == severity, same)
        .order_by(LadderTest.id.desc())
        .limit(1)
    )
    if last is not None and (gone := utc_now() - last) < NOT_SOONER:
        raise TooManyTries(seconds=int((NOT_SOONER - gone).total_seconds()) + 1)


def _call(
    actor: Actor, test: LadderTest, level: int, rung: ladder.RungValue, reach: audience.Reach
) -> dict[str, object]:
    members = reach.on(rung.target, test.agency_id)
    facts = {
        "level": level,
        "target": rung.target,
        "severity": test.severity,
        "track": test.track,
        "agency": test.agency.label if test.agency else "",
        "by": actor.name,
        "test_id": test.id,
    }
    alerts.tell(AlertKind.ladder_test, members, f"{_cause(test.id)}{level}", facts=facts)
    return {"minutes": rung.minutes, "target": rung.target, "names": [member.name for member in members]}


def _cause(test_id: int) -> str:
    return f"ladder_test:{test_id}:"


def get(actor: Actor, test_id: int) -> tuple[LadderTest, list[Alert]]:
    """One test and its alerts in their order, members and addresses loaded. Raises ``NotAllowed``, ``NotFound``."""
    require(actor, "test_ladder")
    test = db.session.get(LadderTest, test_id)
    if test is None:
        raise NotFound(what=f"#{test_id}")
    sent = select(Alert).where(Alert.kind == AlertKind.ladder_test, Alert.cause.startswith(_cause(test_id)))
    loaded = sent.options(joinedload(Alert.member), joinedload(Alert.address))
    return test, list(db.session.scalars(loaded.order_by(Alert.id)))


def latest(actor: Actor, limit: int = 10) -> Sequence[LadderTest]:
    """The newest tests first. Raises ``NotAllowed``."""
    require(actor, "test_ladder")
    return db.session.scalars(select(LadderTest).order_by(LadderTest.id.desc()).limit(limit)).all()


def received(alert_id: int, at: datetime) -> bool:
    """ "Đã nhận" was pressed under a test; the first press counts. Inside a transaction."""
    alert = db.session.get(Alert, alert_id)
    if alert is None or alert.kind != AlertKind.ladder_test:
        return False
    alert.pressed_at = alert.pressed_at or at
    return True
