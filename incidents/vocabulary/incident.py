"""Kinds, categories, severities, classes, and what a timeline entry may be."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label


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


HARM_CLASSES: Mapping[str, Label] = {
    "a": ("a – đặc biệt nghiêm trọng", "a – especially serious"),
    "b": ("b – nguy hại", "b – harmful"),
}
ACCESS_CLASSES: Mapping[str, Label] = {
    "a": ("a – không được tiếp cận", "a – closed"),
    "b": ("b – tiếp cận có điều kiện", "b – conditional"),
    "c": ("c – được tiếp cận", "c – open"),
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
    steps_changed = "steps_changed"  # facts changed: steps appeared or were hidden
    step_submitted = "step_submitted"
    step_returned = "step_returned"
    clock_waived = "clock_waived"
    clocks_moved = "clocks_moved"
    update_due = "update_due"
    escalated = "escalated"
    given_back = "given_back"
    playbook_rebased = "playbook_rebased"
    activated = "activated"
    stood_down = "stood_down"
    lesson = "lesson"
