"""``desk playbook``: versions listed, files checked, taken in and out; started on an incident."""

import sys
from pathlib import Path
from typing import Any

import click

from desk.cli.speaking import acting, by_option, refuse, speaks
from incidents.cases import checklist
from incidents.people.members import OPERATOR
from incidents.planning import shelf, version_rows, versions
from playbooks import fields, loader
from playbooks.model import BadPlaybook
from playbooks.shelf import UnknownPlaybook

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("playbook")
def group() -> None:
    """Playbooks."""


@group.command("list")
@speaks
def list_() -> list[dict[str, Any]]:
    """The playbooks in force, and the number of a draft."""
    drafts = version_rows.drafts()
    return [
        {
            "code": p.code,
            "key": p.key,
            "version": p.version,
            "steps": len(p.steps),
            "draft": drafts[p.key].version if p.key in drafts else "",
            "name": p.name,
        }
        for p in shelf.in_force()
    ]


@group.command("check")
@click.argument("files", nargs=-1, type=_FILE)
@speaks
def check(files: tuple[Path, ...]) -> dict[str, Any]:
    """Read the library, or the TOML FILES given, and say file, line and fault of what is wrong with them."""
    read, faults = [], []
    for path in files:
        try:
            read.append(loader.read(path))
        except BadPlaybook as fault:
            faults.append(str(fault))
    if faults:
        for fault in faults[:-1]:
            click.echo(fault, err=True)
        refuse(faults[-1])
    checked = read if files else list(shelf.shipped().values())
    return {"playbooks": len(checked), "steps": sum(len(p.steps) for p in checked), "faults": 0}


@group.command("start")
@click.argument("code")
@click.argument("key")
@by_option
@speaks
def start(code: str, key: str, username: str) -> dict[str, Any]:
    """Start a playbook on an incident; one that runs already is left as it is."""
    incident = checklist.start_playbook(acting(username), code, key)
    return {"code": incident.code, "playbooks": [row["code"] for row in incident.playbooks]}


@group.command("export")
@click.argument("key")
@click.option("--version", "number", type=int, default=None, help="a version; the one in force when not given")
@speaks
def export(key: str, number: int | None) -> None:
    """Write a version of a playbook to standard output as TOML."""
    try:
        version = number if number is not None else shelf.get(key).version
    except UnknownPlaybook as error:
        refuse(str(error.args[0]))
    sys.stdout.write(versions.export(OPERATOR, key, version)[1])


@group.command("import")
@click.argument("file", type=_FILE)
@by_option
@speaks
def import_(file: Path, username: str) -> dict[str, Any]:
    """Take a TOML FILE in as a draft; nothing of a broken file is kept."""
    try:
        text = fields.file_text(file, BadPlaybook)
    except BadPlaybook as fault:
        refuse(str(fault))
    row = versions.import_toml(acting(username), text, file.name)
    return {"key": row.key, "version": row.version, "state": row.state}
