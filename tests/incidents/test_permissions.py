"""Who may do what: the table of the domain book, copied here by hand a second time, and the verbs' use of it."""

import pytest

from incidents.errors import NotAllowed
from incidents.permissions import CLOCKWORK, RIGHTS, Actor, may, require, who_may
from incidents.vocabulary import Role

# Domain book 2.8, read row by row: action → roles that may at Cấp 1 for their own part.
MAY_AT_LEAST_ONCE = {
    "quick_report": {"duty", "member", "contact", "verifier", "spokesperson", "deputy", "lead", "leader", "analyst"},
    "open_incident": {"duty", "deputy", "lead", "analyst"},
    "triage": {"duty", "deputy", "lead"},
    "decline": {"duty", "deputy", "lead"},
    "merge": {"duty", "deputy", "lead"},
    "raise_severity": {"duty", "deputy", "lead", "leader"},
    "lower_severity": {"deputy", "lead", "leader"},
    "assign": {"duty", "deputy", "lead", "leader"},
    "acknowledge": {"duty", "member", "contact", "verifier", "spokesperson", "deputy", "lead"},
    "add_entry": {"duty", "member", "contact", "verifier", "spokesperson", "deputy", "lead", "leader", "analyst"},
    "do_step": {
        "duty", "member", "contact", "verifier", "spokesperson", "deputy", "lead", "leader", "analyst",
    },
    "skip_step": {"deputy", "lead"},
    "correct_anchor": {"duty", "deputy", "lead"},
    "determine_impact": {"spokesperson", "deputy", "lead", "leader"},
    "record_demand": {"member", "contact", "verifier", "deputy", "lead"},
    "transfer": {"deputy", "lead", "leader"},
    "close": {"duty", "deputy", "lead"},
    "reopen": {"deputy", "lead", "leader"},
    "restrict": {"deputy", "lead", "leader"},
    "run_drill": {"duty", "deputy", "lead", "analyst"},
}  # fmt: skip


def holding(*roles: str) -> Actor:
    return Actor(1, "Thử", roles=frozenset(roles))


@pytest.mark.parametrize("action", MAY_AT_LEAST_ONCE)
def test_the_table_is_the_domain_books(action: str) -> None:
    assert {role.value for role in Role if may(holding(role), action)} == MAY_AT_LEAST_ONCE[action]


@pytest.mark.parametrize(
    ("role", "action", "severity", "allowed"),
    [
        ("duty", "assign", 2, True),
        ("duty", "assign", 3, False),
        ("duty", "raise_severity", 3, True),
        ("duty", "raise_severity", 4, False),
        ("deputy", "lower_severity", 3, True),
        ("deputy", "lower_severity", 4, False),
        ("deputy", "close", 3, False),
        ("lead", "close", 4, True),
        ("duty", "close", 2, True),
        ("duty", "merge", 3, False),
    ],
)
def test_rights_end_at_a_severity(role: str, action: str, severity: int, allowed: bool) -> None:
    assert may(holding(role), action, severity=severity) is allowed


def test_own_means_the_own_agencys_part_only() -> None:
    assert may(holding("contact"), "do_step", own=True)
    assert not may(holding("contact"), "do_step", own=False)


def test_a_deputy_waives_soft_clocks_only() -> None:
    assert may(holding("deputy"), "skip_step", hard=False)
    assert not may(holding("deputy"), "skip_step", hard=True)
    assert may(holding("lead"), "skip_step", hard=True)


def test_auditor_press_and_admin_change_no_incident() -> None:
    machine = {"see_deliveries", "handle_parked", "manage_members", "verify_timeline"}
    machine |= {"read_planning", "edit_roster", "edit_ladder", "test_ladder", "edit_playbook", "propose_planning"}
    for action in RIGHTS.keys() - machine:
        assert not may(holding("auditor", "press", "admin"), action)


def test_a_refusal_names_who_may() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(holding("contact"), "close", severity=4)
    assert "Tổ trưởng" in refused.value.text("vi")
    assert "Lead" in refused.value.text("en")
    assert who_may("close", 4) == ("Tổ trưởng", "Lead")


def test_the_clockwork_may_do_what_time_causes() -> None:
    assert may(CLOCKWORK, "add_entry", severity=4)
    assert not may(Actor(None, "nobody"), "add_entry")
