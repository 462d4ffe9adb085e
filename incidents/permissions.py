"""Who may do what: domain book 2.7 and 2.8 as one table, read by every verb.

A cell is ``y`` yes · ``own`` only for the own agency's part · ``2``/``3`` only up to that severity · ``own2`` both ·
``-`` no. Who holds several roles has the union of them.
"""

from dataclasses import dataclass

from incidents.errors import NotAllowed
from incidents.vocabulary import ROLES, AgencyType, Role, Source

SEES_ALL = frozenset({Role.duty, Role.deputy, Role.lead, Role.leader, Role.analyst, Role.auditor})
SEES_OWN_AGENCY = frozenset({Role.member, Role.contact, Role.verifier, Role.spokesperson})

_COLUMNS = [
    "duty",
    "member",
    "contact",
    "verifier",
    "spokesperson",
    "deputy",
    "lead",
    "leader",
    "press",
    "analyst",
    "auditor",
    "admin",
]
_TABLE = """
quick_report        y    y    y    y    y    y    y    y    -    y    -    -
open_incident       y    -    -    -    -    y    y    -    -    y    -    -
triage              y    -    -    -    -    y    y    -    -    -    -    -
decline             2    -    -    -    -    y    y    -    -    -    -    -
merge               2    -    -    -    -    y    y    -    -    -    -    -
raise_severity      3    -    -    -    -    3    y    y    -    -    -    -
lower_severity      -    -    -    -    -    3    y    y    -    -    -    -
assign              2    -    -    -    -    y    y    y    -    -    -    -
acknowledge         own  own  own  own  own  own  own  -    -    -    -    -
add_entry           y    own  own  own  own  y    y    y    -    y    -    -
do_step             own  own  own  own  own  own  own  own  -    own  -    -
skip_step           -    -    -    -    -    soft y    -    -    -    -    -
correct_anchor      2    -    -    -    -    y    y    -    -    -    -    -
determine_impact    -    -    -    -    own  y    y    y    -    -    -    -
record_demand       -    own  own  own  -    own  own  -    -    -    -    -
activate_task_force -    -    -    -    -    -    -    y    -    -    -    -
start_playbook      y    -    -    -    -    y    y    -    -    -    -    -
move                y    -    -    -    -    y    y    -    -    -    -    -
transfer            -    -    -    -    -    y    y    y    -    -    -    -
close               2    -    -    -    -    2    y    -    -    -    -    -
reopen              -    -    -    -    -    y    y    y    -    -    -    -
restrict            -    -    -    -    -    y    y    y    -    -    -    -
sort_quick_report   y    -    -    -    -    y    y    -    -    y    -    -
run_drill           y    -    -    -    -    y    y    -    -    y    -    -
see_deliveries      y    -    -    -    -    y    y    -    -    -    -    y
resend_alert        y    -    -    -    -    y    y    -    -    -    -    -
handle_parked       -    -    -    -    -    -    -    -    -    -    -    y
manage_members      -    -    -    -    -    -    -    -    -    -    -    y
verify_timeline     -    -    -    -    -    -    y    -    -    -    y    y
propose_activation  -    -    -    -    -    y    y    y    -    -    -    -
edit_roster         y    -    -    -    -    y    y    -    -    -    -    y
edit_ladder         -    -    -    -    -    y    y    -    -    -    -    y
test_ladder         y    -    -    -    -    y    y    -    -    -    -    y
read_planning       y    y    y    y    y    y    y    y    -    y    y    y
edit_playbook       -    -    -    -    -    y    -    -    -    y    -    y
approve_playbook    -    -    -    -    -    -    y    -    -    -    -    -
rebase_playbook     -    -    -    -    -    -    y    -    -    -    -    -
propose_planning    -    -    -    -    -    y    -    -    -    -    -    y
approve_planning    -    -    -    -    -    -    y    -    -    -    -    -
add_lesson          y    own  own  own  own  y    y    y    -    y    -    -
"""
RIGHTS: dict[str, dict[str, str]] = {
    line.split()[0]: dict(zip(_COLUMNS, line.split()[1:], strict=True)) for line in _TABLE.strip().splitlines()
}


@dataclass(frozen=True)
class Actor:
    """Who acts, as read once at the edge: the member, the agency and the roles valid today, and the way it came.

    A plain value, so that a verb's transaction never has to load the person again.
    """

    id: int | None
    name: str
    agency_id: int | None = None
    agency_code: str = ""
    agency_name: str = ""
    agency_type: str = ""
    is_standing: bool = False
    is_head: bool = False
    roles: frozenset[str] = frozenset()
    source: Source = Source.web
    lang: str = "vi"

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def is_police(self) -> bool:
        return self.agency_type == AgencyType.police


CLOCKWORK = Actor(None, "Hệ thống", source=Source.time)
"""What time alone causes is done by nobody; only ``incidents.due`` and delivery act as it."""


def may(actor: Actor, action: str, *, severity: int = 1, own: bool = True, hard: bool = False) -> bool:
    """Whether ``actor`` may do ``action`` on an incident of ``severity`` (1–4).

    ``own``: the actor's agency has the part concerned. ``hard``: a legal clock is touched (skipping).
    """
    if actor.source is Source.time and actor.id is None:
        return True
    cells = RIGHTS[action]
    return any(_allows(cells.get(role, "-"), severity, own, hard) for role in actor.roles)


def _allows(cell: str, severity: int, own: bool, hard: bool) -> bool:
    match cell:
        case "y":
            return True
        case "own":
            return own
        case "soft":
            return not hard
        case "2" | "3":
            return severity <= int(cell)
        case _:
            return False


def who_may(action: str, severity: int = 1) -> tuple[str, str]:
    """The roles that may do ``action``, in words, Vietnamese and English."""
    roles = [role for role, cell in RIGHTS[action].items() if _allows(cell, severity, own=True, hard=False)]
    return ", ".join(ROLES[r][0] for r in roles), ", ".join(ROLES[r][1] for r in roles)


def require(actor: Actor, action: str, *, severity: int = 1, own: bool = True, hard: bool = False) -> None:
    """Raise ``NotAllowed``, naming who may, unless ``actor`` may do ``action``."""
    if not may(actor, action, severity=severity, own=own, hard=hard):
        who, who_en = who_may(action, severity)
        raise NotAllowed(who=who, who_en=who_en)
