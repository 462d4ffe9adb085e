"""The handling axis: states, the table of allowed moves, reasons for not accepting (domain 4.4)."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label


class Status(StrEnum):
    new = "new"
    triage = "triage"
    verifying = "verifying"
    responding = "responding"
    monitoring = "monitoring"
    closed = "closed"
    transferred = "transferred"
    merged = "merged"
    not_accepted = "not_accepted"


STATUSES: Mapping[str, Label] = {
    Status.new: ("Mới tiếp nhận", "New"),
    Status.triage: ("Đang sàng lọc", "In triage"),
    Status.verifying: ("Đang kiểm chứng", "Verifying"),
    Status.responding: ("Đang ứng phó", "Responding"),
    Status.monitoring: ("Theo dõi sau xử lý", "Monitoring"),
    Status.closed: ("Kết thúc", "Closed"),
    Status.transferred: ("Đã chuyển", "Transferred"),
    Status.merged: ("Đã gộp", "Merged"),
    Status.not_accepted: ("Không thuộc phạm vi", "Not accepted"),
}
ENDED = frozenset({Status.closed, Status.transferred, Status.merged, Status.not_accepted})

# Axis 1 (domain 4.4): from → to. Guards stand in incidents/cases/moves.py.
MOVES: Mapping[Status, tuple[Status, ...]] = {
    Status.new: (Status.triage, Status.merged, Status.not_accepted),
    Status.triage: (
        Status.verifying,
        Status.responding,
        Status.monitoring,
        Status.transferred,
        Status.merged,
        Status.not_accepted,
    ),
    Status.verifying: (Status.responding, Status.monitoring, Status.transferred),
    Status.responding: (Status.monitoring, Status.transferred),
    Status.monitoring: (Status.responding, Status.closed),
    Status.closed: (Status.triage,),
    Status.transferred: (Status.triage,),
    Status.not_accepted: (Status.triage,),
    Status.merged: (),
}

NOT_ACCEPTED_REASONS: Mapping[str, Label] = {
    "nd328_5_5a": ("Đang điều tra, xét xử (NĐ 328 Đ.5.5.a)", "Under investigation or trial"),
    "nd328_5_5b": ("Đã có kết luận hoặc đã công bố (NĐ 328 Đ.5.5.b)", "Concluded or published already"),
    "nd328_5_5c": ("Đang xử lý theo luật khác (NĐ 328 Đ.5.5.c)", "Handled under another law"),
    "duplicate": ("Trùng với sự việc khác", "Duplicate"),
    "out_of_area": ("Ngoài địa bàn", "Outside the province"),
    "lawful_criticism": ("Phê bình, góp ý đúng pháp luật", "Lawful criticism"),
    "not_about_province": ("Không liên quan đến tỉnh", "Not about the province"),
    "test_message": ("Tin thử", "Test message"),
}
