"""Example versions of the rehearsal: PB-02 with a second version in force, PB-01 with a draft that waits for approval."""

from dataclasses import replace

from incidents.people import members
from incidents.people.members import today
from incidents.permissions import Actor
from incidents.planning import drafting, versions
from incidents.vocabulary import Source

DAM, RUMOUR = "pb02_rumour_disaster", "pb01_false_info_social"


def make_versions() -> None:
    """Drafted by Sơn, approved by Bình, by the same verbs people use. After the incidents, which keep version 1."""
    son, binh = _as("son"), _as("binh")
    row = versions.new_draft(son, DAM)
    first = versions.playbook_of(row).steps[0]
    added = replace(
        first,
        key="call_dam_operator",
        name="Gọi chủ hồ, chủ đập để hỏi mực nước",
        name_en="Call the operator of the dam for the water level",
        how="Gọi số trực của chủ hồ, ghi giờ gọi, người trả lời và mực nước. Chưa công bố số liệu này.",
        how_en="Call the operator's duty number; note the time, who answered and the level. Do not publish it yet.",
        after=(first.key,),
        sets="",
    )
    drafting.add_step(son, DAM, row.revision, added, 2)
    versions.approve(binh, DAM, "QĐ 45/QĐ-TCT (ví dụ)", today())
    row = versions.new_draft(son, RUMOUR)
    second = versions.playbook_of(row).steps[1]
    shorter = replace(second.deadlines[0], amount=45, unit="minute")
    drafting.change_step(son, RUMOUR, row.revision, second.key, {"deadlines": (shorter, *second.deadlines[1:])})


def _as(username: str) -> Actor:
    return members.actor_of(members.by_username(username), Source.web)
