"""``desk member``: accounts and Telegram codes."""

import sys
from typing import Any

import click

from desk.cli.speaking import speaks
from incidents.people import link_codes, members
from incidents.vocabulary import Role


@click.group("member")
def group() -> None:
    """Members of the desk."""


@group.command("add")
@click.argument("username")
@click.option("--name", required=True)
@click.option("--agency", required=True, metavar="CODE")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--password-stdin", is_flag=True, help="read the password from standard input")
@speaks
def add(username: str, name: str, agency: str, roles: tuple[str, ...], password_stdin: bool) -> dict[str, Any]:
    """Add a member; without --password-stdin a one-time password is printed."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    member, one_time = members.add(members.OPERATOR, username, name, agency, list(roles), password)
    made = {"username": member.username, "name": member.name, "agency": agency, "roles": sorted(roles)}
    return made | ({"one_time_password": one_time} if one_time else {})


@group.command("list")
@speaks
def list_() -> list[dict[str, Any]]:
    """All members."""
    return [
        {
            "username": member.username,
            "name": member.name,
            "agency": member.agency.code,
            "roles": sorted(members.roles_on(member)),
            "active": member.is_active,
            "addresses": [f"{a.channel}:{a.state}" for a in member.addresses],
        }
        for member in members.all_members()
    ]


@group.command("disable")
@click.argument("username")
@speaks
def disable(username: str) -> dict[str, Any]:
    """End an account now: sessions and chat addresses with it."""
    members.disable(members.OPERATOR, username)
    return {"username": username, "active": False}


@group.command("link-code")
@click.argument("username")
@click.option("--minutes", default=10, type=click.IntRange(1, 24 * 60), help="how long the code is good")
@speaks
def link_code(username: str, minutes: int) -> dict[str, Any]:
    """A one-time Telegram code. Whoever sends it to the bot is linked: hand it to the member in person."""
    member = members.by_username(username)
    code = link_codes.make_code(members.OPERATOR, member, needs_confirmation=False, minutes=minutes)
    return {"code": code.digits, "start": code.word, "expires_at": code.expires_at}
