"""The small fixed cast of every story: who they are, and each as the actor of a verb.

An and Mai on duty · Bình lead · Sơn deputy · Hà leader · Giang focal point of xã Bảo Nhai · Páo of xã Bắc Hà ·
Cường of the police · Lan auditor · Chi administrator · Phong of the press. Dung is a stranger and has no account.
"""

from incidents.db import db, transaction, utc_now
from incidents.people import members
from incidents.people.models import Address, MemberRole
from incidents.permissions import Actor
from incidents.vocabulary import AddressState, Role, Source

PASSWORD = "ba con trâu gặm cỏ"
DUNG = 909
CHATS = {"an": 101, "mai": 102, "binh": 103, "son": 104, "ha": 105, "giang": 106, "pao": 107, "cuong": 108}
_MEMBERS = (
    ("an", "Nguyễn An", "so_vhttdl", Role.duty),
    ("mai", "Hoàng Thị Mai", "so_vhttdl", Role.duty),
    ("binh", "Trần Văn Bình", "so_vhttdl", Role.lead),
    ("son", "Lò Văn Sơn", "so_vhttdl", Role.deputy),
    ("ha", "Lê Thị Hà", "ubnd_tinh", Role.leader),
    ("giang", "Vàng Thị Giang", "x_bao_nhai", Role.contact),
    ("pao", "Sùng A Páo", "x_bac_ha", Role.contact),
    ("cuong", "Đỗ Mạnh Cường", "pa05", Role.member),
    ("lan", "Đinh Thị Lan", "vp_tinh_uy", Role.auditor),
    ("chi", "Tạ Linh Chi", "so_vhttdl", Role.admin),
    ("phong", "Vũ Thanh Phong", "bao_ptth", Role.press),
)


def join() -> None:
    """Make the cast's accounts; those with a chat are linked."""
    for username, name, agency, role in _MEMBERS:
        member, _ = members.add(members.OPERATOR, username, name, agency, [role], PASSWORD)
        if username in CHATS:
            link(member.id, CHATS[username], name)


def link(member_id: int, chat: int, label: str = "", position: int = 0) -> int:
    """Give a member a Telegram chat without the ceremony. Returns the address's id."""
    with transaction():
        now = utc_now()
        address = Address(
            member_id=member_id,
            channel="telegram",
            external_id=str(chat),
            label=label,
            position=position,
            state=AddressState.linked,
            linked_at=now,
            changed_at=now,
        )
        db.session.add(address)
        db.session.flush()
        return address.id


def give(username: str, role: Role) -> None:
    """One more role from today on."""
    with transaction():
        member = members.by_username(username)
        db.session.add(MemberRole(member=member, role=role, valid_from=members.today()))


def actor(username: str, source: Source = Source.web) -> Actor:
    """The member as who acts, with the rights of this moment."""
    return members.actor_of(members.by_username(username), source)
