"""law, playbooks, roster, escalation and task force

The province's own amendments and playbook versions, shifts and hand-overs, ladders with their running rungs, the activated
task force, answers behind a severity, lessons; proof and approval on steps, warnings on clocks, an acceptance that expires.
"""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = (
    "amendments",
    "feed_keys",
    "hand_overs",
    "ladder_tests",
    "playbook_versions",
    "rungs",
    "shifts",
    "activations",
    "assessments",
    "lessons",
    "shift_swaps",
    "activation_members",
    "escalations",
)
STEP_MEMBERS = ("submitted_by_id", "approved_by_id")


def upgrade() -> None:
    _create_tables()
    _add_columns()
    _add_members()
    _carry_warnings()
    op.drop_column("clocks", "soon_at")
    _begin_waiting()


def downgrade() -> None:
    _end_what_activations_granted()
    op.add_column("clocks", sa.Column("soon_at", sa.DateTime(timezone=True), nullable=True))
    _carry_back()
    for column in ("approved_by_id", "submitted_by_id"):
        _drop_member(column)
    for table, columns in reversed(_columns().items()):
        for index in [one for one in INDEXES if one[1] == table]:
            op.drop_index(index[0], table_name=table)
        for column in reversed(columns):
            op.drop_column(table, column.name)
    for table in reversed(TABLES):
        op.drop_table(table)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _count(name: str, first: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=first)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _columns() -> dict[str, list[sa.Column]]:
    return {
        "assignments": [
            _text("note", 300),
            _time("expected_at"),
            _time("expires_at"),
            _time("asked_at"),
            _count("round", "1"),
        ],
        "clocks": [sa.Column("warn_at", sa.JSON(), nullable=False, server_default="[]"), _text("reason", 500)],
        "incidents": [_time("still_at"), _time("still_asked_at"), _count("hold_round", "1")],
        "steps": [
            _text("document", 200),
            _count("file_count", "0"),
            sa.Column("settled", sa.JSON(), nullable=False, server_default="{}"),
            _time("submitted_at"),
            _time("approved_at"),
        ],
    }


INDEXES = [
    ("ix_assignments_expires_at", "assignments", "expires_at"),
    ("ix_incidents_still_at", "incidents", "still_at"),
]


def _add_columns() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, column in INDEXES:
        op.create_index(name, table, [column])


def _add_members() -> None:
    """On SQLite a column may bring its reference along; making the table anew would lose what refers to it."""
    for column in STEP_MEMBERS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"ALTER TABLE steps ADD COLUMN {column} INTEGER REFERENCES members (id)")
        else:
            op.add_column("steps", sa.Column(column, sa.Integer(), nullable=True))
            op.create_foreign_key(f"fk_steps_{column}", "steps", "members", [column], ["id"])


def _drop_member(column: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(f"fk_steps_{column}", "steps", type_="foreignkey")
    op.drop_column("steps", column)


_CLOCKS = sa.table(
    "clocks", sa.column("id"), sa.column("soon_at", sa.DateTime(timezone=True)), sa.column("warn_at", sa.JSON)
)


def _carry_warnings() -> None:
    """A clock that runs keeps the one warning it had."""
    rows = op.get_bind().execute(sa.select(_CLOCKS.c.id, _CLOCKS.c.soon_at).where(_CLOCKS.c.soon_at.is_not(None))).all()
    for number, at in rows:
        aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        op.get_bind().execute(_CLOCKS.update().where(_CLOCKS.c.id == number).values(warn_at=[aware.isoformat()]))


def _carry_back() -> None:
    for number, times in op.get_bind().execute(sa.select(_CLOCKS.c.id, _CLOCKS.c.warn_at)).all():
        known = json.loads(times) if isinstance(times, str) else times
        if known:
            at = datetime.fromisoformat(known[-1])
            kept = at.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else at
            op.get_bind().execute(_CLOCKS.update().where(_CLOCKS.c.id == number).values(soon_at=kept))


# What runs at the upgrade waits by the ladders this revision brings, counted from the upgrade: nobody is called at once for
# what an older desk never chased. Track → severity → the first rung that has a minute (place, minutes, target).
_FIRST_RUNG = {
    "incident": {2: (1, 30, "deputy"), 3: (1, 10, "deputy"), 4: (2, 5, "deputy")},
    "agency": {1: (1, 120, "deputy"), 2: (1, 120, "deputy"), 3: (1, 15, "deputy"), 4: (1, 15, "deputy")},
}
_SILENCE = {1: timedelta(hours=24), 2: timedelta(hours=4), 3: timedelta(minutes=60), 4: timedelta(minutes=30)}
_TOLD_AS = 2  # the level of a quick report whose sender named none
_WHEN = sa.DateTime(timezone=True)

_INCIDENTS = sa.table(
    "incidents",
    *(sa.column(name) for name in ("id", "severity", "holder_id", "hold_round")),
    sa.column("is_open", sa.Boolean),
    sa.column("still_at", _WHEN),
)
_PARTS = sa.table(
    "assignments",
    *(sa.column(name) for name in ("id", "incident_id", "accepted_by_id", "round", "ended_at")),
    sa.column("accepted_at", _WHEN),
    sa.column("expires_at", _WHEN),
)
_REPORTS = sa.table("quick_reports", *(sa.column(name) for name in ("id", "severity", "state", "incident_id")))
_ASKED = sa.table("clocks", sa.column("assignment_id"))
_ALERTS = sa.table("alerts", sa.column("kind"), sa.column("cause"))
_ESCALATIONS = sa.table(
    "escalations",
    *(sa.column(name) for name in ("key", "incident_id", "assignment_id", "quick_report_id", "round", "level")),
    *(sa.column(name) for name in ("target", "state")),
    *(sa.column(name, _WHEN) for name in ("started_at", "due_at", "next_at")),
    sa.column("told", sa.JSON),
)


def _begin_waiting() -> None:
    """Whatever nobody has taken climbs from now on, whoever holds something is asked when he has been silent."""
    bind, now = op.get_bind(), datetime.now(UTC)
    rounds = _rounds_before()
    open_incidents = sa.select(_INCIDENTS.c.id, _INCIDENTS.c.severity, _INCIDENTS.c.holder_id)
    levels: dict[int, int] = {}
    for row in bind.execute(open_incidents.where(_INCIDENTS.c.is_open.is_(True))).all():
        levels[row.id] = row.severity
        mine = _INCIDENTS.update().where(_INCIDENTS.c.id == row.id)
        if row.holder_id is not None:
            bind.execute(mine.values(still_at=_kept(now + _SILENCE[row.severity])))
            continue
        first = rounds.get(("incident", row.id), 0) + 1
        bind.execute(mine.values(hold_round=first))
        _wait("incident", row.severity, f"incident:{row.id}", first, now, incident_id=row.id)
    _begin_parts(levels, rounds, now)
    waiting = sa.select(_REPORTS.c.id, _REPORTS.c.severity).where(_REPORTS.c.state == "told")
    for row in bind.execute(waiting.where(_REPORTS.c.incident_id.is_(None))).all():
        first = rounds.get(("quick_report", row.id), 0) + 1
        _wait("incident", row.severity or _TOLD_AS, f"quick_report:{row.id}", first, now, quick_report_id=row.id)


def _begin_parts(levels: dict[int, int], rounds: dict[tuple[str, int], int], now: datetime) -> None:
    """Agencies that were asked to accept: a part without a clock is the standing agency's own, nobody's to accept."""
    bind = op.get_bind()
    holders = sa.select(_INCIDENTS.c.holder_id).where(_INCIDENTS.c.id == _PARTS.c.incident_id).scalar_subquery()
    wanted = sa.select(
        _PARTS.c.id, _PARTS.c.incident_id, _PARTS.c.accepted_at, _PARTS.c.accepted_by_id, holders.label("holder_id")
    )
    asked = {row[0] for row in bind.execute(sa.select(_ASKED.c.assignment_id).distinct())}
    for row in bind.execute(wanted.where(_PARTS.c.ended_at.is_(None))).all():
        if row.incident_id not in levels:
            continue
        mine, severity = _PARTS.update().where(_PARTS.c.id == row.id), levels[row.incident_id]
        if row.accepted_at is None and row.id in asked:
            first = rounds.get(("assignment", row.id), 0) + 1
            bind.execute(mine.values(round=first))
            _wait(
                "agency",
                severity,
                f"assignment:{row.id}",
                first,
                now,
                incident_id=row.incident_id,
                assignment_id=row.id,
            )
        elif row.accepted_at is not None and row.accepted_by_id != row.holder_id:
            bind.execute(mine.values(expires_at=_kept(now + _SILENCE[severity])))


def _rounds_before() -> dict[tuple[str, int], int]:
    """After a way down and up again: the rounds whose alerts were told already, by (subject, id)."""
    found: dict[tuple[str, int], int] = {}
    causes = op.get_bind().execute(sa.select(_ALERTS.c.cause).where(_ALERTS.c.kind == "escalation"))
    for (cause,) in causes:
        subject, number, count, _ = cause.split(":")
        key = (subject, int(number))
        found[key] = max(found.get(key, 0), int(count))
    return found


def _wait(track: str, severity: int, key: str, count: int, now: datetime, **subject: int) -> None:
    rung = _FIRST_RUNG[track].get(severity)
    if rung is None:
        return  # at that level nobody is chased
    place, minutes, target = rung
    due_at = _kept(now + timedelta(minutes=minutes))
    values = {
        "key": f"{key}:{count}:{place}", "round": count, "level": place, "target": target, "state": "waiting", "told": [],
        "started_at": _kept(now), "due_at": due_at, "next_at": due_at,
    }  # fmt: skip
    op.get_bind().execute(_ESCALATIONS.insert().values(**values, **subject))


def _kept(at: datetime) -> datetime:
    """SQLite keeps times without a zone, in UTC."""
    return at.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else at


_LOG = sa.table(
    "log_lines",
    *(sa.column(name) for name in ("id", "action", "subject", "network_address", "source")),
    sa.column("at", _WHEN),
)
_ROLES = sa.table("member_roles", sa.column("id"), sa.column("valid_to", sa.Date))
_READERS = sa.table("incident_readers", sa.column("incident_id"), sa.column("member_id"))


def _end_what_activations_granted() -> None:
    """An older desk knows no activation: roles and sight that hang on one would never end there."""
    bind, now = op.get_bind(), datetime.now(UTC)
    yesterday = now.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date() - timedelta(days=1)
    granted = sa.select(_LOG.c.subject).where(_LOG.c.action == "grant_activation_role")
    for subject in {row.subject for row in bind.execute(granted).all()}:
        mine = (_ROLES.c.id == int(subject.rpartition(":")[2]), _ROLES.c.valid_to.is_(None))
        if bind.execute(_ROLES.update().where(*mine).values(valid_to=yesterday)).rowcount:
            _note("end_activation_role", subject, now)
    let_in: set[str] = set()
    actions = ("grant_activation_reader", "end_activation_reader")
    lines = sa.select(_LOG.c.action, _LOG.c.subject).where(_LOG.c.action.in_(actions)).order_by(_LOG.c.id)
    for action, subject in bind.execute(lines).all():
        let_in = let_in | {subject} if action == actions[0] else let_in - {subject}
    for subject in sorted(let_in):
        _, incident_id, member_id = subject.split(":")
        mine = (_READERS.c.incident_id == int(incident_id), _READERS.c.member_id == int(member_id))
        bind.execute(_READERS.delete().where(*mine))
        _note("end_activation_reader", subject, now)


def _note(action: str, subject: str, now: datetime) -> None:
    row = _LOG.insert().values(at=_kept(now), action=action, subject=subject, network_address="", source="cli")
    op.get_bind().execute(row)


def _create_tables() -> None:
    op.create_table(
        "amendments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["members.id"], name=op.f("fk_amendments_decided_by_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["members.id"], name=op.f("fk_amendments_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    with op.batch_alter_table("amendments", schema=None) as batch_op:
        batch_op.create_index("ix_amendments_subject_state", ["subject", "state"], unique=False)

    op.create_table(
        "feed_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_feed_keys_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_keys")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_keys_token_hash")),
    )
    with op.batch_alter_table("feed_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_keys_member_id"), ["member_id"], unique=False)

    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("from_member_id", sa.Integer(), nullable=False),
        sa.Column("to_member_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("listed", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_to_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_hand_overs_agency_id")),
        sa.ForeignKeyConstraint(["from_member_id"], ["members.id"], name=op.f("fk_hand_overs_from_member_id")),
        sa.ForeignKeyConstraint(["to_member_id"], ["members.id"], name=op.f("fk_hand_overs_to_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    with op.batch_alter_table("hand_overs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_overs_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "ladder_tests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_ladder_tests_agency_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["members.id"], name=op.f("fk_ladder_tests_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_tests")),
    )
    op.create_table(
        "playbook_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("lessons", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retire_reason", sa.String(length=500), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["members.id"], name=op.f("fk_playbook_versions_approved_by_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["members.id"], name=op.f("fk_playbook_versions_changed_by_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["members.id"], name=op.f("fk_playbook_versions_created_by_id")),
        sa.ForeignKeyConstraint(["retired_by_id"], ["members.id"], name=op.f("fk_playbook_versions_retired_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_versions")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_playbook_versions_key_version")),
    )
    op.create_table(
        "rungs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(length=20), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_rungs_agency_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["members.id"], name=op.f("fk_rungs_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rungs")),
    )
    with op.batch_alter_table("rungs", schema=None) as batch_op:
        batch_op.create_index("ix_rungs_track_agency_id", ["track", "agency_id"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdraw_reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_shifts_agency_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["members.id"], name=op.f("fk_shifts_made_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_shifts_member_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["members.id"], name=op.f("fk_shifts_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index("ix_shifts_agency_id_ends_at", ["agency_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shifts_member_id"), ["member_id"], unique=False)

    op.create_table(
        "activations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=False),
        sa.Column("round_the_clock", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_decision", sa.String(length=100), nullable=False),
        sa.Column("end_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["ended_by_id"], ["members.id"], name=op.f("fk_activations_ended_by_id")),
        sa.ForeignKeyConstraint(["head_id"], ["members.id"], name=op.f("fk_activations_head_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_activations_incident_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["members.id"], name=op.f("fk_activations_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
    )
    with op.batch_alter_table("activations", schema=None) as batch_op:
        batch_op.create_index("ix_activations_ends_at", ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_activations_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("floors", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_assessments_incident_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_assessments_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessments_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("playbook", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_into", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_lessons_incident_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["members.id"], name=op.f("fk_lessons_made_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["members.id"], name=op.f("fk_lessons_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lessons_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "shift_swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("to_member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["members.id"], name=op.f("fk_shift_swaps_asked_by_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_shift_swaps_shift_id")),
        sa.ForeignKeyConstraint(["to_member_id"], ["members.id"], name=op.f("fk_shift_swaps_to_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_swaps")),
    )
    with op.batch_alter_table("shift_swaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_swaps_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_swaps_to_member_id"), ["to_member_id"], unique=False)

    op.create_table(
        "activation_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name=op.f("fk_activation_members_activation_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_activation_members_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_members")),
    )
    with op.batch_alter_table("activation_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activation_members_activation_id"), ["activation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activation_members_member_id"), ["member_id"], unique=False)

    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("quick_report_id", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_escalations_assignment_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_escalations_incident_id")),
        sa.ForeignKeyConstraint(["quick_report_id"], ["quick_reports.id"], name=op.f("fk_escalations_quick_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("key", name=op.f("uq_escalations_key")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalations_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalations_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index("ix_escalations_next_at", ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalations_quick_report_id"), ["quick_report_id"], unique=False)
