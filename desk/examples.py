"""Example members and incidents of the rehearsal, made by the same verbs people use. Names and events are invented."""

from datetime import timedelta

from incidents.cases import approvals, assignments, doing, intake, moves, notes, quick_reports, triage
from incidents.db import db, transaction, utc_now
from incidents.people import members
from incidents.people.models import Address
from incidents.permissions import Actor
from incidents.vocabulary import AddressState, Category, Kind, Part, Role, Source, Status

STRANGER = 7_210_999
_FIRST_CHAT = 7_210_100

MEMBERS = (
    ("an", "Nguyễn An", "so_vhttdl", (Role.duty,)),
    ("mai", "Hoàng Thị Mai", "so_vhttdl", (Role.duty, Role.analyst)),
    ("binh", "Trần Văn Bình", "so_vhttdl", (Role.lead,)),
    ("son", "Lò Văn Sơn", "so_vhttdl", (Role.deputy,)),
    ("ha", "Lê Thị Hà", "ubnd_tinh", (Role.leader,)),
    ("khoa", "Phạm Đăng Khoa", "ubnd_tinh", (Role.spokesperson,)),
    ("giang", "Vàng Thị Giang", "x_bao_nhai", (Role.contact,)),
    ("pao", "Sùng A Páo", "x_bac_ha", (Role.contact,)),
    ("thu", "Đặng Minh Thu", "p_lao_cai", (Role.contact,)),
    ("cuong", "Đỗ Mạnh Cường", "pa05", (Role.member, Role.contact)),
    ("hung", "Bùi Quốc Hùng", "bch_ptds", (Role.verifier, Role.contact)),
    ("yen", "Ngô Hải Yến", "so_cong_thuong", (Role.contact,)),
    ("phong", "Vũ Thanh Phong", "bao_ptth", (Role.press,)),
    ("lan", "Đinh Thị Lan", "vp_tinh_uy", (Role.auditor,)),
    ("chi", "Tạ Linh Chi", "so_vhttdl", (Role.admin,)),
)


def make_members(password: str) -> None:
    """One or more members of every role, each linked to a chat of the rehearsal."""
    for position, (username, name, agency, roles) in enumerate(MEMBERS):
        member, _ = members.add(members.OPERATOR, username, name, agency, list(roles), password)
        if Role.press in roles:
            continue
        with transaction():
            now = utc_now()
            row = db.session.merge(member)
            row.office_phone = f"0214 3 000 {position + 101}"
            address = Address(
                member_id=row.id,
                channel="telegram",
                external_id=str(_FIRST_CHAT + position),
                label=name,
                state=AddressState.linked,
                linked_at=now,
                changed_at=now,
            )
            db.session.add(address)


def _as(username: str) -> Actor:
    return members.actor_of(members.by_username(username), Source.web)


def make_incidents() -> None:
    """Six incidents of all four levels, one clock twelve minutes late, three quick reports waiting."""
    an, mai, binh, giang = _as("an"), _as("mai"), _as("binh"), _as("giang")
    _landslide(an, binh)
    _road_call(an)
    _fake_page(mai, binh)
    _relief_money(an)
    _resort(binh)
    intake.log(
        mai,
        "Bản đồ tự vẽ về sắp xếp tỉnh lan truyền trong nhiều hội nhóm, dân hỏi có đúng không.",
        1,
        kind=Kind.watch,
        category=Category.organisation,
        place="toàn tỉnh",
    )
    quick_reports.send(giang, "Xã Bảo Nhai: bà con hỏi về đường vào đập, xin hướng dẫn trả lời", "example:1", ask=False)
    quick_reports.send(
        _as("pao"), "duong vao cho bac ha bi tac do xe tai lat, nhieu nguoi dang clip", "example:2", ask=False
    )
    quick_reports.send(
        _as("thu"), "Có tin nước sông lên nhanh ở kè phường Lào Cai, chưa xác minh", "example:3", ask=False
    )


def _landslide(an: Actor, binh: Actor) -> None:
    """Cấp 3, accepted, its first step twelve minutes late."""
    now = utc_now()
    incident = intake.log(
        an,
        "Trên mạng nói sạt lở vùi lấp cả bản ở Trịnh Tường, kèm ảnh cũ. Chưa có xác nhận của xã.",
        3,
        kind=Kind.suspected_false,
        category=Category.disaster,
        place="xã Trịnh Tường",
        happened_at=now - timedelta(minutes=40),
        received_at=now - timedelta(minutes=22),
        flags={"safety": True},
    )
    assignments.acknowledge(an, incident.code)
    assignments.assign(binh, incident.code, "bch_ptds", Part.support, purpose="Xác nhận hiện trường")
    notes.note(an, incident.code, "Đã gọi trực ban xã, đang cử người lên bản, hẹn trả lời trong 20 phút.")


def _road_call(an: Actor) -> None:
    """Cấp 4 as proposed by duty, nobody has accepted it yet."""
    intake.log(
        an,
        "Bài kêu gọi sáng mai ra chặn đường tại Cam Đường, hơn 400 lượt chia sẻ trong một giờ.",
        4,
        kind=Kind.communication_incident,
        category=Category.land,
        place="phường Cam Đường",
        happened_at=utc_now() - timedelta(hours=1),
    )


def _fake_page(mai: Actor, binh: Actor) -> None:
    """Cấp 2, in verification."""
    incident = intake.log(
        mai,
        "Trang giả danh UBND tỉnh kêu gọi chuyển tiền ủng hộ vùng lũ.",
        2,
        kind=Kind.impersonation,
        category=Category.fake_account,
        place="toàn tỉnh",
        link="https://mxh.example/p/4471?fbclid=IwAR0abc",
        flags={"impersonates_agency": True},
        received_at=utc_now() - timedelta(hours=5),
    )
    assignments.acknowledge(mai, incident.code)
    assignments.assign(binh, incident.code, "pa05", Part.support, purpose="Xác minh trang, đề nghị nền tảng khóa")
    moves.move(mai, incident.code, Status.triage)
    moves.move(mai, incident.code, Status.verifying)


def _relief_money(an: Actor) -> None:
    """Feedback of the public: no label and no takedown exists here."""
    incident = intake.log(
        an,
        "Livestream phản ánh danh sách hỗ trợ sau bão chưa niêm yết ở thôn, 2.300 tương tác.",
        2,
        kind=Kind.public_feedback,
        category=Category.relief,
        place="xã Bảo Nhai",
        received_at=utc_now() - timedelta(hours=3),
    )
    moves.move(an, incident.code, Status.triage)


def _resort(binh: Actor) -> None:
    """Press criticism, answered and being watched."""
    incident = intake.log(
        binh,
        "Báo điện tử phản ánh khu du lịch xả nước thải chưa xử lý tại Sa Pa.",
        3,
        kind=Kind.press_coverage,
        category=Category.environment,
        place="phường Sa Pa",
        received_at=utc_now() - timedelta(days=2),
    )
    assignments.acknowledge(binh, incident.code)
    moves.move(binh, incident.code, Status.triage)
    moves.move(binh, incident.code, Status.responding)
    doing.set_anchor(binh, incident.code, "impact_determined_at", utc_now() - timedelta(days=1))
    triage.edit(binh, incident.code, {"large_impact": True})
    an, page = _as("an"), "https://laocai.gov.vn/phat-ngon/rac-thai-sa-pa"
    doing.tick(an, incident.code, "record_and_notify", result="https://bao.example/bai-viet")
    approvals.submit(an, incident.code, "first_statement", result=page)
    approvals.approve(binh, incident.code, "first_statement")
    moves.move(binh, incident.code, Status.monitoring)
