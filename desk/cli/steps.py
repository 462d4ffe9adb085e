"""``desk step``: the checklist of an incident."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from desk.cli.speaking import acting, by_option, local_time, speaks
from incidents.cases import approvals, doing
from incidents.cases.models import Step
from incidents.people.members import OPERATOR
from incidents.reading import case


@click.group("step")
def group() -> None:
    """Steps of an incident."""


def _row(step: Step) -> dict[str, Any]:
    return {
        "number": step.position,
        "step": step.key,
        "playbook": step.playbook,
        "state": step.state,
        "name": step.name,
        "applies": step.applies,
        "submitted_at": step.submitted_at,
        "gate": step.plan.get("gate") or {},
        "approval": step.plan.get("approval", ""),
        "clocks": [
            {
                "due_at": clock.due_at,
                "anchor": clock.anchor,
                "hard": clock.hard,
                "basis": clock.citation,
                "state": clock.state,
            }
            for clock in step.clocks
        ],
    }


@group.command("list")
@click.argument("code")
@click.option("--by", "username", required=False, metavar="USERNAME")
@speaks
def list_(code: str, username: str | None) -> list[dict[str, Any]]:
    """The steps with their clocks."""
    return [_row(step) for step in case.read(acting(username) if username else OPERATOR, code).steps]


def _given(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a step may be given: proof, document, facts it settles, pictures."""
    for option in (
        click.option("--picture", "files", multiple=True, type=click.Path(exists=True, dir_okay=False), help="proof"),
        click.option("--settle", multiple=True, metavar="FACT=VALUE", help="a fact the step settles: verdict=false"),
        click.option("--document", default="", help="number and date of the document"),
        click.option("--result", default="", help="one line or link of proof"),
    ):
        command = option(command)
    return command


def _pieces(result: str, document: str, settle: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    pairs = [one.partition("=") for one in settle]
    if bad := next((name for name, sign, value in pairs if not (name and sign and value)), None):
        raise click.UsageError(f"--settle {bad}: FACT=VALUE")
    return {
        "result": result,
        "document": document,
        "settled": {name: value for name, _, value in pairs},
        "pictures": [(Path(file).name, Path(file).read_bytes()) for file in files],
    }


@group.command("tick")
@click.argument("code")
@click.argument("step")
@_given
@click.option("--at", default=None, metavar="TIME", help="when it was done in fact")
@click.option("--reason", default="")
@by_option
@speaks
def tick(code: str, step: str, at: str | None, reason: str, username: str, **given: Any) -> dict[str, Any]:
    """The step is done. STEP: its key, full key or number. Exit 1 with what is missing."""
    actor = acting(username)
    return _row(doing.tick(actor, code, step, at=local_time(at), reason=reason, **_pieces(**given)))


@group.command("submit")
@click.argument("code")
@click.argument("step")
@_given
@by_option
@speaks
def submit(code: str, step: str, username: str, **given: Any) -> dict[str, Any]:
    """Ask another person to approve the step."""
    return _row(approvals.submit(acting(username), code, step, **_pieces(**given)))


@group.command("approve")
@click.argument("code")
@click.argument("step")
@by_option
@speaks
def approve(code: str, step: str, username: str) -> dict[str, Any]:
    """Approve what was submitted: the step is done. Never by who submitted it."""
    return _row(approvals.approve(acting(username), code, step))


@group.command("return")
@click.argument("code")
@click.argument("step")
@click.option("--reason", required=True)
@by_option
@speaks
def send_back(code: str, step: str, reason: str, username: str) -> dict[str, Any]:
    """Send back what was submitted, with the reason."""
    return _row(approvals.send_back(acting(username), code, step, reason))


@group.command("skip")
@click.argument("code")
@click.argument("step")
@click.option("--reason", required=True)
@by_option
@speaks
def skip(code: str, step: str, reason: str, username: str) -> dict[str, Any]:
    """The step does not apply, with the reason."""
    return _row(doing.skip(acting(username), code, step, reason))


@group.command("reopen")
@click.argument("code")
@click.argument("step")
@click.option("--reason", default="")
@by_option
@speaks
def reopen(code: str, step: str, reason: str, username: str) -> dict[str, Any]:
    """A step ticked or skipped by mistake is open again."""
    return _row(doing.reopen(acting(username), code, step, reason))
