"""``desk playbook``: the library, checked and started."""

from pathlib import Path
from typing import Any

import click

from desk.cli.speaking import acting, by_option, refuse, speaks
from incidents.cases import checklist
from playbooks import loader, shelf
from playbooks.model import BadPlaybook


@click.group("playbook")
def group() -> None:
    """Playbooks."""


@group.command("list")
@speaks
def list_() -> list[dict[str, Any]]:
    """The playbooks of the library."""
    return [
        {"code": p.code, "key": p.key, "version": p.version, "steps": len(p.steps), "name": p.name}
        for p in shelf.all_playbooks()
    ]


@group.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@speaks
def check(files: tuple[Path, ...]) -> dict[str, Any]:
    """Read the library, or the TOML FILES given, and say what is wrong with them."""
    try:
        read = [loader.read(path) for path in files] if files else list(shelf.all_playbooks())
    except BadPlaybook as fault:
        refuse(str(fault))
    return {"playbooks": len(read), "steps": sum(len(p.steps) for p in read), "faults": 0}


@group.command("start")
@click.argument("code")
@click.argument("key")
@by_option
@speaks
def start(code: str, key: str, username: str) -> dict[str, Any]:
    """Start a playbook on an incident; one that runs already is left as it is."""
    incident = checklist.start_playbook(acting(username), code, key)
    return {"code": incident.code, "playbooks": [row["code"] for row in incident.playbooks]}
