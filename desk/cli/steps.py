"""``desk step``: the checklist of an incident."""

from typing import Any

import click

from desk.cli.speaking import acting, by_option, local_time, speaks
from incidents.cases import doing
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


@group.command("tick")
@click.argument("code")
@click.argument("step")
@click.option("--result", default="", help="proof or document number")
@click.option("--at", default=None, metavar="TIME", help="when it was done in fact")
@click.option("--reason", default="")
@by_option
@speaks
def tick(code: str, step: str, result: str, at: str | None, reason: str, username: str) -> dict[str, Any]:
    """The step is done. STEP: its key, full key or number."""
    return _row(doing.tick(acting(username), code, step, result=result, at=local_time(at), reason=reason))


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
