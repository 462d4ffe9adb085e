"""``desk doctor``: what makes a desk unsafe refuses, what makes it weak warns (promises 7)."""

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from desk.settings import Settings
from incidents import migrations
from incidents.cases import audience, ladder, timeline
from incidents.db import db, utc_now
from incidents.people import agencies, members, roster
from incidents.planning import bases, shelf
from incidents.telling.models import Alert, Update
from incidents.vocabulary import SECOND_FACTOR_ROLES, SEVERITIES, AddressState, AlertState, InboxState, Role


@dataclass(frozen=True)
class Finding:
    """One line. ``refuses``: the desk must not go into use so."""

    id: str
    ok: bool
    refuses: bool
    says: str


Check = Callable[[Settings], str]
_CHECKS: list[tuple[str, bool, Check]] = []


def check(number: str, *, refuses: bool) -> Callable[[Check], Check]:
    """Register a check; it returns what is wrong, or an empty text."""

    def register(function: Check) -> Check:
        _CHECKS.append((number, refuses, function))
        return function

    return register


def examine(chosen: Settings) -> list[Finding]:
    """Run every check; one that fails to run is itself a finding."""
    findings = []
    for number, refuses, function in _CHECKS:
        try:
            fault = function(chosen)
        except SQLAlchemyError as error:
            fault = f"the database does not answer: {type(error).__name__}"
        title = (function.__doc__ or "").splitlines()[0].rstrip(".")
        findings.append(Finding(number, not fault, bool(fault) and refuses, f"{title}: {fault or 'ok'}"))
    return findings


def show(findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
        return
    for finding in findings:
        mark = "ok" if finding.ok else "REFUSE" if finding.refuses else "warn"
        click.echo(f"{finding.id} {mark:6} {finding.says}")


@check("D01", refuses=True)
def secret_key(chosen: Settings) -> str:
    """Secret key of at least 50 characters, not a word repeated."""
    key = chosen.secret_key
    return "" if len(key) >= 50 and len(set(key)) >= 5 else f"{len(key)} characters, {len(set(key))} different"


@check("D02", refuses=True)
def https(chosen: Settings) -> str:
    """The desk's address is https, so that cookies are secure."""
    return "" if chosen.is_https else f"DESK_BASE_URL is {chosen.base_url}"


@check("D03", refuses=True)
def not_a_rehearsal(chosen: Settings) -> str:
    """No rehearsal and no example data."""
    return "this data folder holds a rehearsal" if chosen.is_rehearsal else ""


@check("D04", refuses=True)
def database(chosen: Settings) -> str:
    """Database settings that lose nothing."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            version = connection.dialect.server_version_info or (0,)
            return "" if version >= (13,) else f"PostgreSQL {version[0]} is too old"
        wanted = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
        found = {name: str(connection.execute(text(f"PRAGMA {name}")).scalar()) for name in wanted}
        wrong = [f"{name} is {value}" for name, value in found.items() if value != wanted[name]]
        return ", ".join(wrong)


@check("D05", refuses=True)
def schema(chosen: Settings) -> str:
    """Schema at its one head."""
    found, wanted = migrations.current(), migrations.head()
    return "" if found == wanted else f"at {found}, wanted {wanted}"


@check("D06", refuses=True)
def timelines(chosen: Settings) -> str:
    """Every timeline verifies, its key lies outside the database."""
    _, faults = timeline.verify()
    return "" if not faults else f"{len(faults)} faults, first {faults[0].code} #{faults[0].number} {faults[0].what_en}"


@check("D08", refuses=True)
def disk(chosen: Settings) -> str:
    """Room on the disk, keys readable by their owner only."""
    usage = shutil.disk_usage(chosen.data_dir)
    if usage.free < usage.total * 0.05:
        return f"{usage.free // 1024**2} MB free"
    keys = [path for path in Path(chosen.data_dir).glob("*.key") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return ", ".join(f"{path.name} can be read by others" for path in keys)


@check("D09", refuses=True)
def second_factors(chosen: Settings) -> str:
    """Lead, deputy, leader and administrator accounts have a second factor."""
    without = [m.username for m in members.holding(*SECOND_FACTOR_ROLES) if m.totp_confirmed_at is None]
    return f"missing for {', '.join(without)}" if without else ""


@check("D10", refuses=False)
def enough_people(chosen: Settings) -> str:
    """At least two administrators and two leads or deputies."""
    admins, leads = len(members.holding(Role.admin)), len(members.holding(Role.lead, Role.deputy))
    return "" if admins >= 2 and leads >= 2 else f"{admins} administrators, {leads} leads and deputies"


@check("D12", refuses=False)
def stuck(chosen: Settings) -> str:
    """Nothing parked, no failed alert."""
    parked = db.session.scalar(select(func.count(Update.id)).where(Update.state == InboxState.parked)) or 0
    failed = db.session.scalar(select(func.count(Alert.id)).where(Alert.state == AlertState.failed)) or 0
    return f"{parked} parked updates, {failed} failed alerts" if parked or failed else ""


@check("D13", refuses=False)
def duty(chosen: Settings) -> str:
    """Somebody is on shift all of the next seven days, and every level of the ladder has people."""
    standing = agencies.having("standing_agency", members.today())
    if standing is None:
        return "no standing agency today"
    now = utc_now()
    bare = roster.gaps(standing.id, now, now + timedelta(days=7))
    reach = audience.reach()
    targets = {rung.target for severity in SEVERITIES for rung in ladder.rungs("incident", None, severity)}
    empty = sorted(target for target in targets if not reach.on(target))
    told = [f"{len(bare)} gaps in the roster within 7 days"] if bare else []
    return "; ".join(told + ([f"nobody is {', '.join(empty)}"] if empty else []))


@check("D14", refuses=False)
def addresses(chosen: Settings) -> str:
    """Everybody on duty, leads and deputies can be reached."""
    people = members.holding(Role.duty, Role.lead, Role.deputy)
    lost = [m.username for m in people if not any(a.state == AddressState.linked for a in m.addresses)]
    return f"no working address: {', '.join(lost)}" if lost else "" if people else "nobody is on duty"


@check("D17", refuses=False)
def telegram(chosen: Settings) -> str:
    """A bot token is set."""
    return "" if chosen.telegram_token else "DESK_TELEGRAM_TOKEN is not set: rehearsal chat only"


@check("D19", refuses=False)
def buttons(chosen: Settings) -> str:
    """The address can stand in a button."""
    host = chosen.base_url.split("//", 1)[1].split("/")[0].split(":")[0]
    usable = "." in host and not host.startswith("127.")
    return "" if usable else f"Telegram refuses buttons to {host}; links are written as text"


@check("D22", refuses=False)
def legal_bases(chosen: Settings) -> str:
    """Playbooks cite law that is in force today."""
    today, known = members.today(), bases.catalogue()
    cited = {key for p in shelf.in_force() for s in p.steps for key in s.bases}
    gone = sorted(key for key in cited if known.in_force(key, today) is None)
    return f"not in force on {today:%d/%m/%Y}: {', '.join(gone)}" if gone else ""


@check("D23", refuses=False)
def proxies(chosen: Settings) -> str:
    """Behind https stands a proxy whose number is known, so that client addresses are real."""
    unset = chosen.is_https and not chosen.trusted_proxies
    return "DESK_TRUSTED_PROXIES is 0: every client seems to come from the proxy" if unset else ""


@check("D24", refuses=False)
def worker(chosen: Settings) -> str:
    """The worker has given a sign of life in the last minute."""
    from desk.metrics import worker_is_stopped

    return "no sign of it" if worker_is_stopped(utc_now()) else ""
