"""The ``desk`` command: every verb from a shell, with ``--json`` for machines.

Exit 0 on success, 1 on a refusal said in one line, 2 on wrong use.
"""

import click

from desk import VERSION
from desk.cli import incidents, members, playbooks, running, shifts, steps, telling, timeline


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION)
def main() -> None:
    """Bàn điều phối sự cố truyền thông – the crisis desk."""


for command in (*running.COMMANDS, members.group, incidents.group, steps.group, telling.outbox, telling.inbox):
    main.add_command(command)
for command in (shifts.group, playbooks.group, timeline.group):
    main.add_command(command)
