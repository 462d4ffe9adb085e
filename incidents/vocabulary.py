"""The words the desk stores, their labels, and the table of allowed moves (domain book, sections 2 and 4).

Stored values are English ``snake_case`` and never change after release; labels are ``(Vietnamese, English)`` and may.
"""

from collections.abc import Mapping
from enum import StrEnum

Label = tuple[str, str]


class AgencyType(StrEnum):
    party_office = "party_office"
    party_commission = "party_commission"
    provincial_committee = "provincial_committee"
    committee_office = "committee_office"
    department = "department"
    police = "police"
    military_border = "military_border"
    district = "district"
    commune = "commune"
    provincial_press = "provincial_press"
    central_press = "central_press"
    portal = "portal"
    front_unions = "front_unions"
    journalists_association = "journalists_association"
    telecom = "telecom"
    platform = "platform"
    central_body = "central_body"


OUTSIDE_AGENCY_TYPES = (AgencyType.telecom, AgencyType.platform, AgencyType.central_body)


class Role(StrEnum):
    duty = "duty"
    member = "member"
    contact = "contact"
    verifier = "verifier"
    spokesperson = "spokesperson"
    deputy = "deputy"
    lead = "lead"
    leader = "leader"
    press = "press"
    analyst = "analyst"
    auditor = "auditor"
    admin = "admin"


ROLES: Mapping[str, Label] = {
    Role.duty: ("Cán bộ trực", "Duty officer"),
    Role.member: ("Thành viên Tổ", "Task-force member"),
    Role.contact: ("Đầu mối cơ quan", "Focal point"),
    Role.verifier: ("Cán bộ kiểm chứng", "Verifier"),
    Role.spokesperson: ("Người phát ngôn", "Spokesperson"),
    Role.deputy: ("Tổ phó", "Deputy lead"),
    Role.lead: ("Tổ trưởng", "Lead"),
    Role.leader: ("Lãnh đạo tỉnh", "Provincial leader"),
    Role.press: ("Cơ quan báo chí", "Press"),
    Role.analyst: ("Cán bộ tổng hợp", "Analyst"),
    Role.auditor: ("Kiểm tra, nhật ký", "Auditor"),
    Role.admin: ("Quản trị", "Administrator"),
}

SECOND_FACTOR_ROLES = frozenset({Role.lead, Role.deputy, Role.leader, Role.admin})


class Kind(StrEnum):
    communication_incident = "communication_incident"
    suspected_false = "suspected_false"
    press_coverage = "press_coverage"
    public_feedback = "public_feedback"
    impersonation = "impersonation"
    harmful_content = "harmful_content"
    watch = "watch"


KINDS: Mapping[str, Label] = {
    Kind.suspected_false: ("Thông tin có dấu hiệu giả, sai sự thật", "Suspected false information"),
    Kind.press_coverage: ("Báo chí phản ánh", "Press coverage"),
    Kind.public_feedback: ("Phản ánh, kiến nghị của dư luận", "Public feedback"),
    Kind.impersonation: ("Giả mạo, lừa đảo", "Impersonation, scam"),
    Kind.harmful_content: ("Thông tin xấu, độc", "Harmful content"),
    Kind.communication_incident: ("Sự cố truyền thông", "Communication incident"),
    Kind.watch: ("Cảnh báo, theo dõi", "Watch item"),
}

# What stands in a title and in chat before any verdict (G13, G30): never the myth, never an accusation.
NEUTRAL_TITLES: Mapping[str, Label] = {
    Kind.suspected_false: ("Tin chưa kiểm chứng", "Unverified information"),
    Kind.press_coverage: ("Báo chí phản ánh", "Press coverage"),
    Kind.public_feedback: ("Phản ánh của dư luận", "Public feedback"),
    Kind.impersonation: ("Nghi giả mạo", "Suspected impersonation"),
    Kind.harmful_content: ("Nội dung cần xử lý", "Content to be handled"),
    Kind.communication_incident: ("Sự việc truyền thông", "Communication incident"),
    Kind.watch: ("Theo dõi thông tin", "Watch item"),
}

# Kinds for which label, takedown and referral for identity do not exist at all (G1).
PROTECTED_KINDS = frozenset({Kind.public_feedback, Kind.press_coverage})


class Category(StrEnum):
    policy = "policy"
    economy = "economy"
    land = "land"
    health_food = "health_food"
    disaster = "disaster"
    epidemic = "epidemic"
    security = "security"
    border = "border"
    ethnic_religion = "ethnic_religion"
    education = "education"
    tourism = "tourism"
    environment = "environment"
    transport = "transport"
    relief = "relief"
    organisation = "organisation"
    official_conduct = "official_conduct"
    fake_account = "fake_account"
    scam_link = "scam_link"
    data_leak = "data_leak"
    other = "other"


CATEGORIES: Mapping[str, Label] = {
    Category.policy: ("Chính sách, pháp luật", "Policy, law"),
    Category.economy: ("Kinh tế, tài chính, đầu tư, giá cả", "Economy, finance, prices"),
    Category.land: ("Đất đai, giải phóng mặt bằng, tái định cư", "Land, resettlement"),
    Category.health_food: ("Y tế, dược, an toàn thực phẩm", "Health, food safety"),
    Category.disaster: ("Thiên tai, mưa lũ, sạt lở, thủy điện", "Disaster, flood, hydropower"),
    Category.epidemic: ("Dịch bệnh (người, vật nuôi)", "Epidemic"),
    Category.security: ("An ninh quốc gia, trật tự, an toàn xã hội", "Security, public order"),
    Category.border: ("Biên giới, cửa khẩu, đối ngoại", "Border, foreign affairs"),
    Category.ethnic_religion: ("Dân tộc, tôn giáo, tín ngưỡng", "Ethnic affairs, religion"),
    Category.education: ("Giáo dục, thi cử, học đường", "Education"),
    Category.tourism: ("Du lịch, lễ hội, dịch vụ", "Tourism, festivals"),
    Category.environment: ("Môi trường, khoáng sản", "Environment, minerals"),
    Category.transport: ("Giao thông, công trình, tai nạn", "Transport, works, accidents"),
    Category.relief: ("Cứu trợ, từ thiện, an sinh", "Relief, welfare"),
    Category.organisation: ("Tổ chức bộ máy, cán bộ, sáp nhập", "Organisation, mergers"),
    Category.official_conduct: ("Hành vi, phát ngôn của cán bộ, công chức", "Conduct of officials"),
    Category.fake_account: ("Tài khoản, trang, văn bản giả mạo", "Fake accounts and documents"),
    Category.scam_link: ("Đường dẫn lừa đảo", "Scam links"),
    Category.data_leak: ("Lộ lọt thông tin, dữ liệu cá nhân", "Data leak"),
    Category.other: ("Lĩnh vực khác", "Other"),
}

SEVERITIES: Mapping[int, Label] = {
    1: ("Theo dõi", "Watch"),
    2: ("Sự cố", "Incident"),
    3: ("Nghiêm trọng", "Serious"),
    4: ("Khủng hoảng", "Crisis"),
}
SEVERITY_SIGNS: Mapping[int, str] = {1: "🔵", 2: "🟨", 3: "🔶", 4: "🛑"}
SEVERITY_CRITERIA: Mapping[int, Label] = {
    1: ("1 nguồn, dưới 1.000 tương tác, chưa có báo chí", "One source, under 1,000 reactions, no press"),
    2: (
        "1.000–10.000 tương tác hoặc từ 3 nguồn; ảnh hưởng uy tín 1 cơ quan",
        "1,000–10,000 reactions or three sources; one agency's standing",
    ),
    3: (
        "Báo Trung ương đã đăng, hoặc ảnh hưởng an toàn, sức khỏe, hoặc nhiều xã",
        "National press, or safety and health, or several communes",
    ),
    4: (
        "Nguy cơ hoang mang sâu sắc, kích động, tụ tập; liên quan an ninh, biên giới, lãnh đạo cấp cao",
        "Deep panic, incitement, crowds; security, border, senior leaders",
    ),
}


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


class Part(StrEnum):
    lead_agency = "lead_agency"
    support = "support"


PARTS: Mapping[str, Label] = {
    Part.lead_agency: ("Chủ trì", "Leads"),
    Part.support: ("Phối hợp", "Coordinates"),
}


class StepState(StrEnum):
    open = "open"
    done = "done"
    skipped = "skipped"


STEP_STATES: Mapping[str, Label] = {
    StepState.open: ("Chưa xong", "Open"),
    StepState.done: ("Xong", "Done"),
    StepState.skipped: ("Không áp dụng", "Skipped"),
}

PHASES: Mapping[str, Label] = {
    "intake": ("Tiếp nhận", "Intake"),
    "verify": ("Kiểm chứng", "Verify"),
    "respond": ("Ứng phó", "Respond"),
    "follow": ("Theo dõi", "Follow"),
    "close": ("Kết thúc", "Close"),
}


class ClockState(StrEnum):
    waiting = "waiting"
    running = "running"
    met = "met"
    met_late = "met_late"
    missed = "missed"
    waived = "waived"
    transferred = "transferred"
    cancelled = "cancelled"


CLOCK_STATES: Mapping[str, Label] = {
    ClockState.waiting: ("chờ mốc", "waiting for its anchor"),
    ClockState.running: ("đang chạy", "running"),
    ClockState.met: ("đạt", "met"),
    ClockState.met_late: ("đạt trễ", "met late"),
    ClockState.missed: ("lỡ", "missed"),
    ClockState.waived: ("miễn", "waived"),
    ClockState.transferred: ("đã chuyển", "transferred"),
    ClockState.cancelled: ("hủy", "cancelled"),
}

ANCHORS: Mapping[str, Label] = {
    "occurred_at": ("xảy ra", "occurred"),
    "detected_at": ("phát hiện", "detected"),
    "received_at": ("tiếp nhận", "received"),
    "opened_at": ("mở sự việc", "opened"),
    "impact_determined_at": ("xác định có tác động dư luận", "impact determined"),
    "assigned_at": ("giao việc", "assigned"),
    "accepted_at": ("nhận việc", "accepted"),
    "concluded_at": ("kết luận", "concluded"),
    "labelled_at": ("gắn nhãn", "labelled"),
    "published_at": ("công bố", "published"),
    "first_statement_at": ("phát ngôn lần đầu", "first statement"),
    "proposed_at": ("đề nghị gỡ", "removal proposed"),
    "demanded_at": ("Công an yêu cầu gỡ", "removal demanded by the police"),
    "removed_at": ("đã gỡ", "removed"),
    "letter_sent_at": ("gửi văn bản", "letter sent"),
    "letter_received_at": ("tòa soạn nhận văn bản", "letter received"),
    "corrected_at": ("đã cải chính", "corrected"),
    "press_inquiry_at": ("báo chí yêu cầu trả lời", "press inquiry"),
    "petition_received_at": ("nhận kiến nghị báo chuyển đến", "petition received"),
    "breach_detected_at": ("phát hiện lộ dữ liệu", "breach detected"),
    "system_incident_at": ("sự cố hệ thống", "system incident"),
    "crisis_flagged_at": ("đề xuất Cấp 4", "crisis flagged"),
    "activated_at": ("kích hoạt Tổ công tác", "task force activated"),
    "stood_down_at": ("kết thúc kích hoạt", "stood down"),
    "conclusion_issued_at": ("có kết luận khiếu nại, tố cáo", "complaint concluded"),
    "ministry_notice_at": ("Bộ yêu cầu giải thích", "ministry notice"),
    "appointment_decided_at": ("quyết định giao người phát ngôn", "spokesperson appointed"),
    "label_error_found_at": ("phát hiện gắn nhãn sai", "label error found"),
    "measures_done_at": ("xong các biện pháp", "measures done"),
    "closed_at": ("kết thúc", "closed"),
    "reopened_at": ("mở lại", "reopened"),
}

UNITS: Mapping[str, Label] = {
    "minute": ("phút", "min"),
    "hour": ("giờ", "h"),
    "working_hour": ("giờ làm việc", "working hours"),
    "day": ("ngày", "days"),
    "working_day": ("ngày làm việc", "working days"),
    "month": ("tháng", "months"),
    "at_once": ("ngay", "at once"),
}


class Source(StrEnum):
    web = "web"
    telegram = "telegram"
    api = "api"
    cli = "cli"
    time = "time"


SOURCES: Mapping[str, Label] = {
    Source.web: ("web", "web"),
    Source.telegram: ("Telegram", "Telegram"),
    Source.api: ("API", "API"),
    Source.cli: ("dòng lệnh", "command line"),
    Source.time: ("tự động", "automatic"),
}


class EntryKind(StrEnum):
    opened = "opened"
    quick_report = "quick_report"
    note = "note"
    correction = "correction"
    edited = "edited"
    severity = "severity"
    moved = "moved"
    assigned = "assigned"
    assignment_ended = "assignment_ended"
    acknowledged = "acknowledged"
    playbook_started = "playbook_started"
    step_done = "step_done"
    step_skipped = "step_skipped"
    step_reopened = "step_reopened"
    anchor = "anchor"
    clock_soon = "clock_soon"
    clock_overdue = "clock_overdue"
    undelivered = "undelivered"
    merged = "merged"
    restricted = "restricted"


class QuickReportState(StrEnum):
    asked = "asked"  # stored, the sender is still being asked for level and kind
    told = "told"  # duty has been told, waits for sorting
    opened = "opened"
    linked = "linked"
    answered = "answered"
    ignored = "ignored"
    withdrawn = "withdrawn"


QUICK_REPORT_STATES: Mapping[str, Label] = {
    QuickReportState.asked: ("Đang hỏi thêm", "Being asked"),
    QuickReportState.told: ("Chờ phân loại", "Waiting for sorting"),
    QuickReportState.opened: ("Đã mở sự việc", "Incident opened"),
    QuickReportState.linked: ("Đã gộp vào sự việc", "Joined to an incident"),
    QuickReportState.answered: ("Đã trả lời", "Answered"),
    QuickReportState.ignored: ("Bỏ qua", "Ignored"),
    QuickReportState.withdrawn: ("Đã rút", "Withdrawn"),
}
QUICK_REPORT_WAITING = (QuickReportState.asked, QuickReportState.told)


class AlertKind(StrEnum):
    incident_new = "incident_new"  # a card
    assigned = "assigned"  # a card with the agency's task
    card = "card"  # edit of a card already sent
    severity_raised = "severity_raised"
    step_soon = "step_soon"
    step_overdue = "step_overdue"
    quick_report_new = "quick_report_new"  # to duty, with buttons
    quick_report_answer = "quick_report_answer"  # to the sender, answer of the dialogue
    reply = "reply"  # any other answer of the bot to its own listener
    undelivered = "undelivered"  # somebody could not be reached
    test = "test"


class AlertState(StrEnum):
    queued = "queued"
    leased = "leased"
    retry = "retry"
    sent = "sent"
    failed = "failed"
    superseded = "superseded"
    expired = "expired"
    held = "held"


ALERT_STATES: Mapping[str, Label] = {
    AlertState.queued: ("xếp hàng", "queued"),
    AlertState.leased: ("đang gửi", "being sent"),
    AlertState.retry: ("đang thử lại", "retrying"),
    AlertState.sent: ("đã gửi", "sent"),
    AlertState.failed: ("lỗi", "failed"),
    AlertState.superseded: ("không còn cần", "no longer needed"),
    AlertState.expired: ("đã hết hạn", "expired"),
    AlertState.held: ("đang giữ", "held"),
}
ALERT_OPEN = (AlertState.queued, AlertState.leased, AlertState.retry)


class InboxState(StrEnum):
    new = "new"
    done = "done"
    parked = "parked"
    ignored = "ignored"


class AddressState(StrEnum):
    linked = "linked"
    broken = "broken"  # refused for good; comes back by itself when the person writes again
    off = "off"


HARM_CLASSES: Mapping[str, Label] = {
    "a": ("a – đặc biệt nghiêm trọng", "a – especially serious"),
    "b": ("b – nguy hại", "b – harmful"),
}
ACCESS_CLASSES: Mapping[str, Label] = {
    "a": ("a – không được tiếp cận", "a – closed"),
    "b": ("b – tiếp cận có điều kiện", "b – conditional"),
    "c": ("c – được tiếp cận", "c – open"),
}


def label(table: Mapping[str, Label] | Mapping[int, Label], key: object, lang: str = "vi") -> str:
    """The label of ``key`` in ``lang`` ("vi" or "en"); a key the table does not know is shown as it is."""
    found = table.get(key)  # type: ignore[call-overload]
    return str(key) if found is None else str(found[0 if lang == "vi" else 1])
