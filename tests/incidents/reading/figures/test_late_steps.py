"""Late steps by playbook version: counted once, exercises left out, and only what the reader may see."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from incidents.cases import doing, intake, triage
from incidents.cases.models import Incident
from incidents.db import utc_now
from incidents.errors import NotAllowed
from incidents.reading.figures import late_steps
from incidents.vocabulary import Kind
from tests import cast

PB01 = "pb01_false_info_social"
READER = "binh"


def log(**more: object) -> Incident:
    return intake.log(cast.actor("an"), "Tin sáp nhập", 2, kind=Kind.suspected_false, category="organisation", **more)  # type: ignore[arg-type]


def tick_after(incident: Incident, key: str, minutes: int) -> None:
    with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
        doing.tick(cast.actor("an"), incident.code, key, result="https://example.org/anh")


def counts(username: str = READER, version: int = 1) -> late_steps.Counts:
    return late_steps.by_version(cast.actor(username)).get((PB01, version), late_steps.Counts())


def test_done_in_time_and_late_are_told_apart(desk: Flask) -> None:
    tick_after(log(), "capture_evidence", 20)
    tick_after(log(), "capture_evidence", 50)
    found = counts()
    assert (found.done, found.in_time, found.late) == (2, 1, 1)
    assert found.late_share == 0.5


def test_an_open_step_past_its_time_is_late_too(desk: Flask) -> None:
    log()
    assert counts().late == 0
    with time_machine.travel(utc_now() + timedelta(minutes=45)):
        found = counts()
    assert (found.done, found.late) == (0, 1)


def test_a_skipped_step_is_counted_as_skipped_and_waived(desk: Flask) -> None:
    incident = log()
    doing.skip(cast.actor("binh"), incident.code, "identify_source", "đã biết nguồn")
    found = counts()
    assert (found.skipped, found.waived, found.late) == (1, 1, 0)
    with time_machine.travel(utc_now() + timedelta(minutes=45)):
        doing.skip(cast.actor("binh"), incident.code, "capture_evidence", "bài đã bị gỡ")
        found = counts()
    assert (found.skipped, found.late) == (2, 1)


def test_each_step_has_its_median_time_against_what_it_had(desk: Flask) -> None:
    for minutes in (10, 20, 90):
        tick_after(log(), "capture_evidence", minutes)
    first = late_steps.of_steps(cast.actor(READER), PB01, 1)[0]
    assert first.key == "capture_evidence"
    assert first.taken is not None
    assert round(first.taken.total_seconds() / 60) == 20
    assert first.allowed == timedelta(minutes=30)
    assert (first.counts.in_time, first.counts.late) == (2, 1)


def test_every_number_is_also_a_list(desk: Flask) -> None:
    late, in_time = log(), log()
    tick_after(late, "capture_evidence", 50)
    tick_after(in_time, "capture_evidence", 5)
    reader = cast.actor(READER)
    assert [one.code for one in late_steps.listed(reader, PB01, 1, "late")] == [late.code]
    assert [one.code for one in late_steps.listed(reader, PB01, 1, "in_time", "capture_evidence")] == [in_time.code]
    assert len(late_steps.listed(reader, PB01, 1, "done")) == 2
    assert late_steps.listed(reader, PB01, 1, "late", "apply_label") == []
    assert late_steps.listed(reader, PB01, 1, "no such") == []


def test_an_exercise_is_not_counted(desk: Flask) -> None:
    tick_after(log(flags={"exercise": True}), "capture_evidence", 50)
    assert counts() == late_steps.Counts()


def test_what_the_reader_may_not_see_is_not_counted(desk: Flask) -> None:
    incident = log()
    tick_after(incident, "capture_evidence", 50)
    assert counts().late == 1
    triage.restrict(cast.actor("son"), incident.code, [cast.actor("son").id or 0])
    assert counts().late == 0
    assert late_steps.listed(cast.actor(READER), PB01, 1, "late") == []
    assert counts("son").late == 1


def test_the_press_reads_no_figures(desk: Flask) -> None:
    with pytest.raises(NotAllowed):
        late_steps.by_version(cast.actor("phong"))
