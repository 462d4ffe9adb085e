"""``desk init``, ``run``, ``web``, ``worker``, ``chat``, ``doctor``."""

import sys
from dataclasses import replace
from typing import Any

import click

from desk import create_app, doctor, ports, rehearsal, supervise, web
from desk import worker as working
from desk.cli.speaking import read_settings, refuse, speaks
from desk.settings import Settings
from incidents import migrations
from incidents.people import agencies, members
from incidents.vocabulary import Role


@click.command()
@click.option("--pack", type=click.Choice(["2023", "2025"]), default="2025", show_default=True)
@click.option("--admin", default="admin", show_default=True, metavar="NAME", help="account of the first administrator")
@speaks
def init(pack: str, admin: str) -> dict[str, Any]:
    """Migrate, load the organisation pack, make the first administrator with a one-time password (good for 24 hours)."""
    migrations.upgrade()
    loaded = agencies.load_pack(pack)
    made: dict[str, Any] = {"schema": migrations.current(), "pack": pack, "agencies": loaded}
    if members.holding(Role.admin):
        return made | {"admin": None, "one_time_password": None, "note": "an administrator exists already"}
    standing = agencies.having("standing_agency", members.today())
    code = standing.code if standing else "ubnd_tinh"
    member, password = members.add(members.OPERATOR, admin, "Quản trị", code, [Role.admin])
    return made | {"admin": member.username, "one_time_password": password}


@click.command()
def run() -> None:
    """Everything: web, worker and, without a bot token, the rehearsal chat. Ends cleanly on SIGTERM or Ctrl+C."""
    chosen = read_settings()
    app = create_app(chosen)
    with app.app_context():
        if migrations.current() is None:
            if chosen.telegram_token:
                refuse("This desk is empty. Run `desk init` first, then `desk member add` for each member.")
            rehearsal.seed(chosen)
        elif migrations.current() != migrations.head():
            migrations.upgrade()
    chosen = _free_ports(read_settings())
    with create_app(chosen).app_context():
        chat = rehearsal.is_allowed(chosen)
        welcome = rehearsal.welcome(chosen) if chosen.is_rehearsal else _address(chosen)
    commands = [supervise.desk("web"), supervise.desk("worker")] + ([supervise.desk("chat")] if chat else [])
    sys.exit(supervise.run(commands, started=lambda: click.echo(welcome)))


def _address(chosen: Settings) -> str:
    return f"Desk  {chosen.base_url}\nStop  Ctrl+C"


def _free_ports(chosen: Settings) -> Settings:
    """A rehearsal moves to the next free port and says so; a real desk keeps its address or refuses."""
    if not chosen.is_rehearsal:
        if not ports.is_free(chosen.bind):
            refuse(f"The address {chosen.bind} is taken. Set DESK_BIND to another one, or end what uses it.")
        return chosen
    bind = ports.next_free(chosen.bind)
    host, _, port = bind.rpartition(":")
    chat = ports.next_free(f"127.0.0.1:{chosen.rehearsal_port}", besides=int(port))
    base_url = chosen.base_url if bind == chosen.bind else f"http://{bind}"
    moved = replace(chosen, bind=bind, base_url=base_url, rehearsal_port=int(chat.rpartition(":")[2]))
    ports.tell_children(moved)
    return moved


@click.command("web")
def web_() -> None:
    """The web server alone."""
    web.serve(read_settings())


@click.command()
def worker() -> None:
    """The worker alone: clocks, chat, delivery. A second one stands by."""
    sys.exit(working.run(create_app(read_settings())))


@click.command()
def chat() -> None:
    """The rehearsal chat alone, on this machine only."""
    chosen = read_settings()
    app = create_app(chosen)
    with app.app_context():
        if not rehearsal.is_allowed(chosen):
            refuse("The rehearsal chat does not start beside a bot token or beside incidents that are no exercise.")
        personas = rehearsal.personas()
    rehearsal.serve_chat(chosen, personas)


@click.command("doctor")
@click.option("--strict", is_flag=True, help="warnings refuse too")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def doctor_(strict: bool, as_json: bool) -> None:
    """Check settings and state, one line each; exit 1 on anything that makes the desk unsafe."""
    chosen = read_settings()
    with create_app(chosen).app_context():
        findings = doctor.examine(chosen)
    doctor.show(findings, as_json=as_json)
    sys.exit(1 if any(f.refuses or (strict and not f.ok) for f in findings) else 0)


COMMANDS = (init, run, web_, worker, chat, doctor_)
