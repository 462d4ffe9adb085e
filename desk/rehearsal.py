"""The rehearsal: example members and incidents, a chat on this machine, nothing that leaves it (promises S38).

A mark in the data folder says that its data is a rehearsal's: every incident there is an exercise, and the second
factor is not asked for.
"""

import json
import signal
import threading
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select

from bots.rehearsal import Persona, StandIn, scenario, start
from desk import create_app, example_playbooks, examples, examples_roster
from desk.settings import Settings, kept_key
from incidents import migrations
from incidents.cases.models import Incident
from incidents.db import db
from incidents.people import agencies, members, passwords, sessions
from incidents.people.models import Session
from incidents.vocabulary import ROLES, label

MARK = "rehearsal"
_FIRST_MESSAGE_AFTER = 15.0  # seconds after somebody has signed in for the first time
_SHOWN = ("an", "binh", "ha", "giang", "chi")


def seed(chosen: Settings) -> None:
    """Make this empty data folder a rehearsal: schema, agencies of today, members of every role, six incidents."""
    mark = chosen.data_dir / MARK
    mark.write_text(json.dumps({"password": passwords.make_one_time(), "greeted": False}), "utf-8")
    mark.chmod(0o600)
    app = create_app(chosen)
    with app.app_context():
        migrations.upgrade()
        agencies.load_pack("2025")
        examples.make_members(_notes(chosen)["password"])
        examples.make_incidents()
        example_playbooks.make_versions()
        examples_roster.make_roster()


def _notes(chosen: Settings) -> dict[str, str]:
    return dict(json.loads((chosen.data_dir / MARK).read_text("utf-8")))


def is_allowed(chosen: Settings) -> bool:
    """The chat never stands beside a real bot, nor over incidents that are no exercise."""
    if chosen.telegram_token:
        return False
    real = select(Incident.id).where(Incident.exercise.is_(False)).limit(1)
    return db.session.scalar(real) is None


def bot(chosen: Settings) -> tuple[str, str]:
    """Token and API root the worker uses: the real ones, the rehearsal's, or none at all."""
    if chosen.telegram_token:
        return chosen.telegram_token, chosen.telegram_api_url
    if not is_allowed(chosen):
        return "", ""
    return _token(chosen), f"http://127.0.0.1:{chosen.rehearsal_port}"


def _token(chosen: Settings) -> str:
    return f"7210001:{kept_key(chosen.data_dir, 'rehearsal.key').hex()}"


def personas() -> list[Persona]:
    """One per linked member, and a stranger."""
    found = []
    for member in members.all_members():
        for address in member.addresses:
            if address.channel == "telegram" and address.external_id.isdecimal():
                roles = ", ".join(label(ROLES, role) for role in sorted(members.roles_on(member)))
                found.append(Persona(int(address.external_id), member.name, f"{roles} · {member.agency.name}"))
    return [*found, Persona(examples.STRANGER, "Dung", "người lạ, chưa liên kết")]


def serve_chat(chosen: Settings, cast: Sequence[Persona]) -> None:
    """Serve the chat until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stand_in = start(_token(chosen), port=chosen.rehearsal_port, personas=cast)
    if chosen.is_rehearsal and not _notes(chosen).get("greeted"):
        app = create_app(chosen)
        threading.Thread(target=_greet, args=(app, chosen, stand_in, cast, stop), daemon=True).start()
    while not stop.wait(1.0):
        pass
    stand_in.close()


def _greet(app: Flask, chosen: Settings, stand_in: StandIn, cast: Sequence[Persona], stop: threading.Event) -> None:
    """The first message of scenario S1 arrives by itself, once, soon after the first sign-in."""
    while not stop.wait(1.0):
        with app.app_context():
            if db.session.scalar(select(Session.id).limit(1)) is not None:
                break
    if stop.wait(_FIRST_MESSAGE_AFTER):
        return
    first = scenario.load("s1_suoi_man").lines[0]
    giang = next((p for p in cast if "Bảo Nhai" in p.note), None)
    if giang is not None:
        stand_in.state.say(giang.user_id, first.text)
        mark = chosen.data_dir / MARK
        mark.write_text(json.dumps(_notes(chosen) | {"greeted": True}), "utf-8")


def welcome(chosen: Settings) -> str:
    """What the terminal says: a single-use address to sign in, the chat, one name per role and the password."""
    link = f"{chosen.base_url}/login/once/{sessions.make_once_link()}"
    people = {member.username: member for member in members.all_members()}
    shown = [people[name] for name in _SHOWN if name in people]
    lines = [
        f"Desk  {link}   (one use, 15 minutes)",
        f"Chat  {chosen.rehearsal_url}",
        "Stop  Ctrl+C",
        "",
        f"Sign in later at {chosen.base_url}/login, password {_notes(chosen)['password']}:",
    ]
    for member in shown:
        roles = ", ".join(label(ROLES, role, "en") for role in sorted(members.roles_on(member)))
        lines.append(f"  {member.username:8} {member.name} – {roles}")
    return "\n".join(lines)
