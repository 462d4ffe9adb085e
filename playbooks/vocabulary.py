"""The closed word lists of playbooks and legal bases: keys as stored, each with its Vietnamese and English label."""

from collections.abc import Mapping

from playbooks.facts import FACTS, PROTECTED_KINDS, Fact

__all__ = ["ANCHORS", "APPROVALS", "DUTY_ANCHORS", "EVIDENCE_GATES", "FACTS", "PHASES", "PROTECTED_KINDS", "ROLES"]
__all__ += ["SELECTORS", "UNITS", "Fact", "Labels"]

Labels = Mapping[str, tuple[str, str]]

ANCHORS: Labels = {
    "occurred_at": ("xảy ra", "occurred"),
    "detected_at": ("phát hiện", "detected"),
    "received_at": ("tiếp nhận", "received"),
    "impact_determined_at": ("xác định có tác động dư luận", "impact determined"),
    "assigned_at": ("giao việc", "assigned"),
    "accepted_at": ("nhận việc", "accepted"),
    "concluded_at": ("kết luận", "concluded"),
    "labelled_at": ("gắn nhãn", "labelled"),
    "published_at": ("công bố", "published"),
    "first_statement_at": ("phát ngôn lần đầu", "first statement"),
    "proposed_at": ("đề nghị gỡ", "takedown proposed"),
    "demanded_at": ("Công an yêu cầu nền tảng gỡ", "takedown demanded by the police"),
    "removed_at": ("đã gỡ", "removed"),
    "letter_sent_at": ("gửi văn bản", "letter sent"),
    "letter_received_at": ("tòa soạn nhận văn bản", "letter received by the newsroom"),
    "corrected_at": ("cải chính", "corrected"),
    "press_inquiry_at": ("báo chí yêu cầu trả lời", "press enquiry"),
    "petition_received_at": ("nhận kiến nghị báo chuyển đến", "petition forwarded by the press"),
    "breach_detected_at": ("phát hiện lộ dữ liệu", "data breach detected"),
    "system_incident_at": ("sự cố hệ thống", "system incident"),
    "crisis_flagged_at": ("đề xuất Cấp 4", "crisis flagged"),
    "activated_at": ("kích hoạt Tổ", "task force activated"),
    "stood_down_at": ("kết thúc hoạt động Tổ", "task force stood down"),
    "checked_at": ("có kết quả kiểm tra độc lập", "independent check finished"),
    "conclusion_issued_at": ("có kết luận khiếu nại, tố cáo", "complaint conclusion issued"),
    "ministry_notice_at": ("Bộ yêu cầu giải thích", "ministry notice"),
    "appointment_decided_at": ("quyết định giao người phát ngôn", "spokesperson appointed"),
    "label_error_found_at": ("phát hiện gắn nhãn sai", "label error found"),
    "measures_done_at": ("xong các biện pháp", "measures done"),
    "closed_at": ("kết thúc sự việc", "closed"),
    "reopened_at": ("mở lại", "reopened"),
}
"""Moments of an incident, its claims and requests that a clock may run from."""

DUTY_ANCHORS: Labels = {
    "valid_from": ("văn bản có hiệu lực", "document in force"),
    "last_held_at": ("lần thực hiện trước", "last time it was done"),
    "meeting_at": ("giờ tổ chức họp báo", "time of the press conference"),
    "complaint_received_at": ("nhận khiếu nại của người dùng", "user complaint received"),
}
"""Moments of duties that belong to no incident: legal bases may name them, steps may not."""

UNITS: Labels = {
    "minute": ("phút", "min"),
    "hour": ("giờ", "h"),
    "working_hour": ("giờ làm việc", "working hours"),
    "day": ("ngày", "days"),
    "working_day": ("ngày làm việc", "working days"),
    "month": ("tháng", "months"),
    "at_once": ("ngay", "at once"),
}

PHASES: Labels = {
    "intake": ("Tiếp nhận", "Intake"),
    "verify": ("Kiểm chứng", "Verification"),
    "respond": ("Ứng phó", "Response"),
    "follow": ("Theo dõi", "Follow-up"),
    "close": ("Kết thúc", "Closing"),
}

ROLES = frozenset(
    {"duty", "member", "contact", "verifier", "spokesperson", "deputy", "lead", "leader", "press"}
    | {"analyst", "auditor", "admin", "head"}
)

SELECTORS: Labels = {
    "@standing": ("cơ quan thường trực", "standing agency"),
    "@concerned": ("cơ quan được nêu", "agency concerned"),
    "@verifying": ("cơ quan kiểm chứng", "verifying agency"),
    "@commune": ("UBND cấp xã nơi xảy ra", "commune of the place"),
    "@police": ("công an cấp xã nơi xảy ra", "commune police of the place"),
}
"""Agencies that only the incident knows; everything else in Step.agencies is an agency code."""

APPROVALS: Labels = {
    "": ("không cần duyệt", "no approval"),
    "chain": ("theo trình tự duyệt phát ngôn của cấp độ sự việc", "by the approval chain of the severity"),
    "not_drafter": ("người duyệt khác người soạn", "somebody other than the drafter"),
    "police": ("Công an", "police"),
    "head": ("thủ trưởng cơ quan thực hiện", "head of the agency that does the step"),
    "deputy": ("Tổ phó hoặc lãnh đạo cơ quan thường trực", "deputy lead"),
    "deputy_from_c3": ("từ Cấp 3: Tổ phó hoặc lãnh đạo cơ quan thường trực", "deputy lead from severity 3"),
    "lead": ("Tổ trưởng", "lead"),
    "leader_at_c4": ("Tổ trưởng; Cấp 4: lãnh đạo UBND tỉnh", "lead; at severity 4 a provincial leader"),
    "leader": ("Chủ tịch hoặc Phó Chủ tịch UBND tỉnh", "Chairman or Vice Chairman of the province"),
    "authority": ("người có thẩm quyền theo pháp luật", "whoever the law names"),
}

EVIDENCE_GATES: Labels = {
    "": ("không cần chứng cứ", "no evidence"),
    "words": ("một dòng nói đã làm gì", "one line saying what was done"),
    "link": ("đường dẫn", "a link"),
    "file": ("tệp hoặc ảnh", "a file or picture"),
    "any": ("tệp, ảnh hoặc đường dẫn", "a file, a picture or a link"),
}
"""What must stand as proof before a step can be ticked: Gate.evidence."""
