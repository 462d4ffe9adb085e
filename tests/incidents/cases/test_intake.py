"""Logging an incident: what it begins with, who is told, and what is refused."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from incidents.cases import checklist, intake
from incidents.cases.models import Entry, Incident
from incidents.db import db, utc_now
from incidents.errors import BadInput, NotAllowed, StateSecret
from incidents.people import members
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, Kind
from tests import cast

DAM = "bao cao truc: tren mang dang noi vo dap suoi man, dan thon 3 dang chay len doi, xin xac minh gap"


def log_dam(severity: int = 3, **more: object) -> Incident:
    return intake.log(
        cast.actor("an"), DAM, severity, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai", **more
    )  # type: ignore[arg-type]


def counts() -> dict[str, int]:
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in (("incidents", Incident), ("entries", Entry), ("alerts", Alert))
    }


def test_an_incident_begins_with_code_title_agencies_playbook_and_alerts(desk: Flask) -> None:
    incident = log_dam()
    assert incident.code.startswith("TG-")
    assert incident.title == "Tin chưa kiểm chứng · xã Bảo Nhai"
    assert [row["code"] for row in incident.playbooks] == ["PB-02"]
    told = db.session.execute(select(Alert.kind, Alert.member_id).where(Alert.incident_id == incident.id)).all()
    by_kind = {kind: {m for k, m in told if k == kind} for kind, _ in told}
    assert by_kind[AlertKind.incident_new] == {cast.actor("mai").id}
    assert by_kind[AlertKind.assigned] == {cast.actor("giang").id}


def test_nobody_is_told_of_his_own_action(desk: Flask) -> None:
    incident = log_dam()
    assert cast.actor("an").id not in set(
        db.session.scalars(select(Alert.member_id).where(Alert.incident_id == incident.id))
    )


def test_cap_4_tells_the_lead_at_once_and_starts_the_crisis_playbook(desk: Flask) -> None:
    incident = log_dam(4)
    assert not incident.severity_confirmed  # above An's right: alarmed at once, shown as proposed
    assert {row["code"] for row in incident.playbooks} == {"PB-02", "PB-08"}
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.incident_id == incident.id)))
    assert cast.actor("binh").id in told
    assert cast.actor("ha").id not in told  # the leader is called when nobody has answered after ten minutes
    keys = [step.key for step in checklist.steps_of(incident)]
    assert len(keys) == len(set(keys))  # the first statement of both playbooks is one duty


def test_logging_takes_fourteen_statements_and_one_commit(desk: Flask) -> None:
    an = cast.actor("an")
    statements: list[str] = []
    commits: list[int] = []
    event.listen(db.engine, "before_cursor_execute", lambda c, u, s, p, x, m: statements.append(s))
    event.listen(db.engine, "commit", lambda c: commits.append(1))
    intake.log(an, DAM, 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai")
    assert len([s for s in statements if not s.startswith("BEGIN")]) <= 14  # a second later, when all is warm: 12
    assert len(commits) == 1


def test_the_same_form_sent_twice_is_one_incident(desk: Flask) -> None:
    first, second = log_dam(source_key="web:1:abc"), log_dam(source_key="web:1:abc")
    assert first.id == second.id
    assert counts()["incidents"] == 1


def test_codes_count_on_per_prefix(desk: Flask) -> None:
    codes = [
        intake.log(cast.actor("an"), "một việc", 1, kind=kind).code
        for kind in (Kind.suspected_false, Kind.press_coverage, Kind.suspected_false)
    ]
    year = utc_now().year
    assert codes == [f"TG-{year}-0001", f"SK-{year}-0001", f"TG-{year}-0002"]


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("what", {"what": ""}),
        ("what", {"what": " \u200b\n"}),
        ("what", {"what": "x" * 20_000}),
        ("severity", {"severity": None}),
        ("severity", {"severity": 5}),
        ("severity", {"severity": "cao"}),
        ("kind", {"kind": "rumour"}),
        ("category", {"category": "weather"}),
        ("link", {"link": "javascript:alert(1)"}),
        ("place", {"place": "x" * 201}),
        ("happened_at", {"happened_at": utc_now() + timedelta(days=1)}),
        ("happened_at", {"happened_at": utc_now() - timedelta(days=5000)}),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(desk: Flask, field: str, arguments: dict[str, object]) -> None:
    before = counts()
    with pytest.raises(BadInput) as refused:
        intake.log(cast.actor("an"), **({"what": DAM, "severity": 2} | arguments))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert refused.value.text("vi").endswith(".")
    assert counts() == before


def test_a_secrecy_stamp_is_refused_and_not_stored(desk: Flask) -> None:
    with pytest.raises(StateSecret):
        intake.log(cast.actor("an"), "TỐI MẬT\nkế hoạch", 2)
    assert counts() == {"incidents": 0, "entries": 0, "alerts": 0}


@pytest.mark.parametrize("username", ["giang", "lan", "chi", "phong", "ha"])
def test_who_may_not_open_is_refused(desk: Flask, username: str) -> None:
    with pytest.raises(NotAllowed):
        intake.log(cast.actor(username), DAM, 2)
    assert counts()["incidents"] == 0


def test_the_preview_names_exactly_those_who_are_told(desk: Flask) -> None:
    an = cast.actor("an")
    preview = {member.id for member in intake.who_will_be_told(an, 3, "xã Bảo Nhai")}
    incident = log_dam()
    assert preview == set(db.session.scalars(select(Alert.member_id).where(Alert.incident_id == incident.id)))


@pytest.mark.parametrize("place", ["bao nhai", "Xã Bảo Nhai", "thôn 3 xã bảo nhai", "BẢO NHAI"])
def test_the_commune_is_found_as_people_write_it(desk: Flask, place: str) -> None:
    incident = intake.log(cast.actor("an"), DAM, 2, place=place)
    assert incident.commune is not None
    assert incident.commune.code == "x_bao_nhai"


def test_with_nobody_else_on_duty_the_lead_is_told(desk: Flask) -> None:
    members.disable(members.OPERATOR, "mai")
    incident = intake.log(cast.actor("an"), DAM, 1)
    told = set(db.session.scalars(select(Alert.member_id).where(Alert.incident_id == incident.id)))
    assert told == {cast.actor("binh").id, cast.actor("son").id}
