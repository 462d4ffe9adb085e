"""The facts that conditions ask for, in words, and who supplies each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROTECTED_KINDS = frozenset({"public_feedback", "press_coverage"})
"""Kinds of incident in which opinion is spoken: never labelled, never taken down (guard rule G1)."""


@dataclass(frozen=True)
class Fact:
    """A fact: its words, and the values it may have (`choices`, value -> words; yes or no when empty).

    `asked`: a person answers it in a form; otherwise it comes from the incident's records.
    """

    vi: str
    en: str
    choices: Mapping[Any, tuple[str, str]] = field(default_factory=dict)
    asked: bool = False

    @property
    def words(self) -> tuple[str, str]:
        """The fact in Vietnamese and in English."""
        return self.vi, self.en


_KINDS = {
    "suspected_false": ("Thông tin có dấu hiệu giả, sai sự thật", "Suspected false information"),
    "press_coverage": ("Báo chí phản ánh", "Press coverage"),
    "public_feedback": ("Phản ánh, kiến nghị của dư luận", "Public feedback"),
    "impersonation": ("Giả mạo, lừa đảo", "Impersonation, scam"),
    "harmful_content": ("Thông tin xấu, độc", "Harmful content"),
    "communication_incident": ("Sự cố truyền thông", "Communication incident"),
    "watch": ("Cảnh báo, theo dõi", "Watch item"),
}
_CATEGORIES = {
    "policy": ("Chính sách, pháp luật", "Policy, law"),
    "economy": ("Kinh tế, tài chính, đầu tư, giá cả", "Economy, finance, prices"),
    "land": ("Đất đai, giải phóng mặt bằng, tái định cư", "Land, resettlement"),
    "health_food": ("Y tế, dược, an toàn thực phẩm", "Health, food safety"),
    "disaster": ("Thiên tai, mưa lũ, sạt lở, thủy điện", "Disaster, flood, hydropower"),
    "epidemic": ("Dịch bệnh (người, vật nuôi)", "Epidemic"),
    "security": ("An ninh quốc gia, trật tự, an toàn xã hội", "Security, public order"),
    "border": ("Biên giới, cửa khẩu, đối ngoại", "Border, foreign affairs"),
    "ethnic_religion": ("Dân tộc, tôn giáo, tín ngưỡng", "Ethnic affairs, religion"),
    "education": ("Giáo dục, thi cử, học đường", "Education"),
    "tourism": ("Du lịch, lễ hội, dịch vụ", "Tourism, festivals"),
    "environment": ("Môi trường, khoáng sản", "Environment, minerals"),
    "transport": ("Giao thông, công trình, tai nạn", "Transport, works, accidents"),
    "relief": ("Cứu trợ, từ thiện, an sinh", "Relief, welfare"),
    "organisation": ("Tổ chức bộ máy, cán bộ, sáp nhập", "Organisation, mergers"),
    "official_conduct": ("Hành vi, phát ngôn của cán bộ, công chức", "Conduct of officials"),
    "fake_account": ("Tài khoản, trang, văn bản giả mạo", "Fake accounts and documents"),
    "scam_link": ("Đường dẫn lừa đảo", "Scam links"),
    "data_leak": ("Lộ lọt thông tin, dữ liệu cá nhân", "Data leak"),
    "other": ("Lĩnh vực khác", "Other"),
}
_SEVERITY = {
    1: ("Cấp 1 – Theo dõi", "1 – watch"),
    2: ("Cấp 2 – Sự cố", "2 – incident"),
    3: ("Cấp 3 – Nghiêm trọng", "3 – serious"),
    4: ("Cấp 4 – Khủng hoảng", "4 – crisis"),
}
_HARM = {
    "a": ("a – đặc biệt nghiêm trọng", "a – especially serious"),
    "b": ("b – nguy hại", "b – harmful"),
}
_ACCESS = {
    "a": ("a – không được tiếp cận", "a – closed"),
    "b": ("b – tiếp cận có điều kiện", "b – conditional"),
    "c": ("c – được tiếp cận", "c – open"),
}
_VERDICT = {
    "false": ("Là tin giả, tin sai sự thật", "False information"),
    "not_false": ("Không phải tin giả, tin sai sự thật", "Not false information"),
    "unverifiable": ("Không có điều kiện xác thực", "Cannot be verified"),
}
_ACCURACY = {
    "accurate": ("Đúng", "Accurate"),
    "partly": ("Đúng một phần", "Partly accurate"),
    "inaccurate": ("Sai", "Inaccurate"),
    "opinion": ("Là ý kiến, nhận định", "An opinion"),
}
_PRESS = {
    "online": ("Báo điện tử, kênh trên mạng", "Online press"),
    "daily": ("Báo ngày, phát thanh, truyền hình", "Daily press, radio, television"),
    "weekly": ("Báo tuần", "Weekly"),
    "magazine": ("Tạp chí in", "Printed magazine"),
}


def _asked(vi: str, en: str, choices: Mapping[Any, tuple[str, str]] | None = None) -> Fact:
    return Fact(vi, en, choices or {}, asked=True)


FACTS: Mapping[str, Fact] = {
    "kind": Fact("loại sự việc", "kind of incident", _KINDS),
    "category": Fact("lĩnh vực", "field", _CATEGORIES),
    "severity": Fact("cấp độ", "severity", _SEVERITY),
    "verdict": Fact("kết luận kiểm chứng", "verdict", _VERDICT),
    "harm_class": _asked("độ nguy hại", "harm class", _HARM),
    "access_class": _asked("nhóm tiếp cận", "access class", _ACCESS),
    "accuracy": _asked("phản ánh đúng hay sai", "accuracy of the report", _ACCURACY),
    "press_kind": _asked("loại hình báo chí", "kind of press", _PRESS),
    "safety": _asked("có nguy hiểm cho người", "people are in danger"),
    "source_known": _asked("đã biết nguồn đăng", "the source is known"),
    "urgent": _asked("khẩn cấp, đe dọa an ninh quốc gia", "urgent, a threat to national security"),
    "large_impact": _asked("sự kiện có tác động lớn", "large impact"),
    "opinion_divided": _asked("dư luận có nhiều ý kiến không thống nhất", "public opinion is divided"),
    "ai_generated": _asked("ảnh, giọng nói, video do AI tạo", "made by AI"),
    "impersonates_agency": _asked("giả mạo cơ quan, lãnh đạo", "impersonates an agency or leader"),
    "cross_province": _asked("liên quan từ 2 tỉnh hoặc 2 bộ", "concerns two provinces or ministries"),
    "crime_suspected": _asked("có dấu hiệu tội phạm", "a crime is suspected"),
    "children_involved": _asked("liên quan đến trẻ em", "children are involved"),
    "police_demand": _asked(
        "Công an yêu cầu gỡ theo Luật An ninh mạng", "removal demanded under the cybersecurity law"
    ),
    "people_affected": _asked("có người dân bị ảnh hưởng trực tiếp", "people are directly affected"),
    "personal_data": _asked("lộ dữ liệu cá nhân", "personal data leaked"),
    "location_or_biometric_data": _asked("lộ dữ liệu vị trí, sinh trắc học", "location or biometric data leaked"),
    "system_breached": _asked("hệ thống thông tin bị xâm nhập, sự cố", "an information system was breached"),
    "serious_system_incident": _asked("sự cố hệ thống nghiêm trọng", "the system incident is serious"),
    "secret_suspected": _asked("nghi có bí mật nhà nước", "a state secret is suspected"),
    "disaster_announced": _asked("đã công bố tình huống thiên tai, khẩn cấp", "a disaster has been announced"),
    "crisis_flagged": Fact("đã đề xuất Cấp 4", "severity 4 proposed"),
    "impact_determined": Fact("đã xác định có tác động dư luận", "impact on the public determined"),
    "press_asked": Fact("báo chí yêu cầu trả lời hoặc chuyển kiến nghị đến", "the press asked or forwarded a petition"),
    "request_expired": Fact("yêu cầu gỡ đã quá hạn", "the removal request is overdue"),
    "refused_twice": _asked("tòa soạn hai lần không thực hiện", "the newsroom refused twice"),
    "beyond_authority": _asked("vượt thẩm quyền của tỉnh", "beyond the province's authority"),
    "responding_after_24h": Fact("sau 24 giờ vẫn đang ứng phó", "still responding after 24 hours"),
    "protected": Fact(
        "ý kiến, phản ánh, phê bình: không gắn nhãn, không gỡ", "opinion or criticism: no label, no removal"
    ),
}
"""Names a condition may use; a fact that is missing or None is unknown.

Supplied from the incident's records, not asked in a form: `severity`, `kind`, `category`, `crisis_flagged` (its moment is
set), `request_expired` (a takedown request past its due time), `responding_after_24h` (still
responding 24 hours after the crisis was flagged), `impact_determined` (impact_determined_at is set), `press_asked`
(press_inquiry_at or petition_received_at is set), and `verdict`, which the step that concludes settles; before that it is missing. `protected` is derived, by condition.py.
"""

SETTLED = frozenset(name for name, fact in FACTS.items() if fact.choices) - {"kind", "category", "severity"}
"""Facts that the tick of a step may settle; kind, field and severity have their own verbs, rights and reasons (G16)."""


def is_protected(facts: Mapping[str, object]) -> bool:
    """Whether the incident is criticism or an opinion, which guard rule G1 keeps out of the decision matrix.

    Never unknown: as long as nobody called it an opinion, its kind decides.
    """
    told = facts.get("protected") is True
    return told or facts.get("kind") in PROTECTED_KINDS or facts.get("accuracy") == "opinion"
