"""kill -9 at random points: what was committed arrives, what came in is stored once (promises R1, R2, R3, R11)."""

import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from bots.rehearsal import Persona, StandIn, start
from incidents.cases import intake
from incidents.cases.models import Incident, QuickReport, QuickReportPart
from incidents.db import db, transaction, utc_now
from incidents.people.members import by_username
from incidents.people.models import Member, MemberRole
from incidents.telling import alerts
from incidents.telling.models import Alert, Update
from incidents.vocabulary import ALERT_OPEN, AlertKind, AlertState, InboxState, Kind, Role
from tests import cast
from tests.processes import TOKEN, Worker, until

ALERTS, UPDATES, CROWD = 500, 300, 50
KILLS = 20 if os.environ.get("SOAK") else 10  # most of the time is the worker starting again
REPEAT = "(gửi lại)"
FIRST_CHAT = 2_000


@pytest.fixture
def chat() -> Iterator[StandIn]:
    people = [Persona(chat, name) for name, chat in cast.CHATS.items()]
    people += [Persona(FIRST_CHAT + n, f"Người {n}") for n in range(CROWD)]
    stand_in = start(TOKEN, personas=people, page=False)
    stand_in.state.pace.per_second = None  # the figures are about losing and doubling, not about Telegram's pace
    yield stand_in
    stand_in.close()


@pytest.fixture
def crowd(desk: Flask) -> list[Member]:
    """Fifty focal points with a chat each: a chat takes about one message a second, the desk must not."""
    agency = by_username("pao").agency_id
    with transaction():
        people = [
            Member(username=f"nguoi{n}", name=f"Người {n}", agency_id=agency, created_at=utc_now())
            for n in range(CROWD)
        ]
        for member in people:
            member.roles = [MemberRole(role=Role.contact, valid_from=date(2020, 1, 1))]
        db.session.add_all(people)
    for number, member in enumerate(people):
        cast.link(member.id, FIRST_CHAT + number, member.name)
    return [by_username(f"nguoi{n}") for n in range(CROWD)]


def owe(people: Sequence[Member], count: int) -> set[str]:
    """Alerts whose words tell them apart: an incident each, told to one person. Returns their codes."""
    codes, an = set(), cast.actor("an")
    for number in range(count):
        with transaction():
            incident = intake.log(an, f"tin số {number}", 1, kind=Kind.watch, place="xã Bắc Hà", tell_now=False)
            member = people[number % len(people)]
            alerts.tell(AlertKind.incident_new, [member], f"owed:{number}", incident=incident)
            codes.add(incident.code)
    return codes


def open_alerts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Alert.id)).where(Alert.state.in_(ALERT_OPEN))) or 0


def texts_with_codes(chat: StandIn, codes: set[str]) -> dict[str, list[str]]:
    """Every message the stand-in accepted, by the incident it names."""
    found: dict[str, list[str]] = {code: [] for code in codes}
    for call in chat.state.calls:
        if call.method == "sendMessage" and call.answer_code == 200:
            text = str(call.params["text"])
            for code in codes:
                if code in text:
                    found[code].append(text)
    return found


@pytest.mark.slow
@pytest.mark.promise("R1")
@pytest.mark.promise("R3")
def test_kills_lose_nothing_and_double_nothing(desk: Flask, chat: StandIn, crowd: list[Member]) -> None:
    codes = owe(crowd, ALERTS)
    said = [f"Có tin lạ số {number} ở thôn, đề nghị xác minh" for number in range(UPDATES)]
    randomness = random.Random(7)
    for kill in range(KILLS):
        for number in range(kill, UPDATES, KILLS):
            chat.state.say(FIRST_CHAT + number % CROWD, said[number])
        worker, calls = Worker(desk, chat.url), len(chat.state.calls)
        until(lambda n=calls: len(chat.state.calls) > n, 30, 0.01)
        time.sleep(randomness.uniform(0.0, 0.8))
        worker.kill()
    worker = Worker(desk, chat.url)
    done = until(lambda: open_alerts() == 0 and not chat.state.updates.pending() and _inbox_is_empty(), 240, 0.5)
    worker.end()
    assert done, f"{open_alerts()} alerts still open"

    sent = texts_with_codes(chat, codes)
    lost = [code for code, texts in sent.items() if not texts]
    copies = {code: texts for code, texts in sent.items() if len(texts) > 1}
    extra = sum(len(texts) - 1 for texts in copies.values())
    unmarked = [code for code, texts in copies.items() if any(REPEAT not in text for text in texts[1:])]
    # While a report's questions are open, its sender's next words are part of it: each message is in one or the other.
    reports = [*db.session.scalars(select(QuickReport.text)), *db.session.scalars(select(QuickReportPart.text))]
    print(f"kills={KILLS} lost={len(lost)} duplicates={extra} unmarked={len(unmarked)} messages={len(reports)}")  # noqa: T201
    assert lost == []
    assert extra <= KILLS
    assert unmarked == []
    assert Counter(reports) == Counter(said)
    assert db.session.scalar(select(func.count(Incident.id))) == ALERTS


def _inbox_is_empty() -> bool:
    return db.session.scalar(select(func.count(Update.id)).where(Update.state == InboxState.new)) == 0


@pytest.mark.slow
@pytest.mark.promise("R2")
def test_two_workers_double_nothing(desk: Flask, chat: StandIn, crowd: list[Member]) -> None:
    codes = owe(crowd, 150)
    workers = [Worker(desk, chat.url), Worker(desk, chat.url)]
    assert until(lambda: open_alerts() == 0, 120, 0.2)
    assert [worker.end()[0] for worker in workers] == [0, 0]
    sent = texts_with_codes(chat, codes)
    assert {len(texts) for texts in sent.values()} == {1}


@pytest.mark.slow
@pytest.mark.promise("R11")
def test_an_alert_leaves_within_a_second_of_its_commit(desk: Flask, chat: StandIn, crowd: list[Member]) -> None:
    """The worker is idle; from the commit to the call of the Bot API, forty times, each to a chat that is not being paced."""
    worker = Worker(desk, chat.url)
    try:
        assert until(lambda: any(call.method == "setMyCommands" for call in chat.state.calls), 30)
        delays = []
        for number in range(40):
            before = len([c for c in chat.state.calls if c.method == "sendMessage"])
            with transaction():
                alerts.tell(AlertKind.test, [crowd[number]], f"quick:{number}")
            committed = utc_now()
            assert until(lambda n=before: len([c for c in chat.state.calls if c.method == "sendMessage"]) > n, 10, 0.01)
            call = [c for c in chat.state.calls if c.method == "sendMessage"][-1]
            delays.append((call.at - committed).total_seconds())
        delays.sort()
        p95 = delays[int(len(delays) * 0.95) - 1]
        print(f"commit to call: median {statistics.median(delays):.3f} s, p95 {p95:.3f} s")  # noqa: T201
        assert p95 < 1.0
    finally:
        worker.end()


@pytest.mark.slow
@pytest.mark.promise("R23")
def test_a_stand_by_takes_over_and_a_worker_ends_cleanly(desk: Flask, chat: StandIn) -> None:
    first = Worker(desk, chat.url)
    assert until(lambda: any(call.method == "setMyCommands" for call in chat.state.calls), 30)
    second = Worker(desk, chat.url)
    time.sleep(2.5)
    first.kill()
    chat.state.say(cast.CHATS["giang"], "Có tin vỡ đập, dân hoang mang")
    assert until(lambda: _report_count() == 1, 30)
    code, said = second.end()
    assert (code, said) == (0, "")


def _report_count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(QuickReport.id))) or 0


def test_a_worker_refuses_a_schema_it_does_not_know(sqlite_desk: Flask, chat: StandIn) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    worker = Worker(sqlite_desk, chat.url)
    _, said = worker.process.communicate(timeout=30)
    assert worker.process.returncode == 1
    assert "9999" in said.decode()


def test_failed_states_are_shown_not_hidden(sqlite_desk: Flask, chat: StandIn) -> None:
    """A refusal for good: the fact stands on the alert, the lead is told. (That it costs one attempt: tests/bots.)"""
    chat.state.fault("blocked", chat=cast.CHATS["mai"])
    (code,) = owe([by_username("mai")], 1)
    worker = Worker(sqlite_desk, chat.url)
    try:
        assert until(lambda: _state_of(code) == AlertState.failed, 60)
        assert until(_undelivered_told, 60)
    finally:
        worker.end()


def _state_of(code: str) -> str | None:
    db.session.rollback()
    return db.session.scalar(
        select(Alert.state)
        .join(Incident, Incident.id == Alert.incident_id)
        .where(Incident.code == code, Alert.kind == AlertKind.incident_new)
    )


def _undelivered_told() -> bool:
    db.session.rollback()
    told = db.session.scalars(
        select(Alert.member_id).where(Alert.kind == AlertKind.undelivered, Alert.state == AlertState.sent)
    ).all()
    return by_username("binh").id in told
