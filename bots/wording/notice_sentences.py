"""Sentences of alerts that come by themselves: escalation, "still on it?", due times moved, roster, task force.

The keys of ``AlertKind.notice`` are those verbs put into ``facts["key"]``. (Vietnamese, English), HTML.
"""

from collections.abc import Mapping

from incidents.vocabulary import Label

NOTICES: Mapping[str, Label] = {
    # Escalation
    "esc.up": (
        "Chưa ai nhận <b>{code}</b> sau {minutes} phút. Báo tiếp: {names}.",
        "Nobody has taken <b>{code}</b> for {minutes} min. Told next: {names}.",
    ),
    "esc.up_agency": (
        "{agency} chưa nhận phần việc của <b>{code}</b> sau {minutes} phút. Báo tiếp: {names}.",
        "{agency} has not accepted its part of <b>{code}</b> for {minutes} min. Told next: {names}.",
    ),
    "esc.up_report": (
        "Chưa ai xử lý tin báo <b>{number}</b> sau {minutes} phút. Báo tiếp: {names}.",
        "Nobody has sorted report <b>{number}</b> for {minutes} min. Told next: {names}.",
    ),
    "esc.empty": (
        "Cấp “{level}” không có ai; đã báo thẳng {names}.",
        "Level “{level}” is empty; told {names} at once.",
    ),
    "esc.given_back": (
        "<b>{code}</b> được trả lại, chưa ai giữ.",
        "<b>{code}</b> was given back; nobody holds it.",
    ),
    "esc.reopened": (
        "<b>{code}</b> được mở lại, chưa ai giữ.",
        "<b>{code}</b> was reopened; nobody holds it.",
    ),
    "esc.given_back_agency": (
        "{agency} trả lại phần việc của <b>{code}</b>, chưa ai giữ.",
        "{agency} gave its part of <b>{code}</b> back; nobody holds it.",
    ),
    "esc.round": (
        "Nhắc lại lần {round}/3: chưa ai nhận <b>{code}</b> sau {minutes} phút.",
        "Reminder {round} of 3: nobody has taken <b>{code}</b> for {minutes} min.",
    ),
    "esc.round_agency": (
        "Nhắc lại lần {round}/3: {agency} chưa nhận phần việc của <b>{code}</b> sau {minutes} phút.",
        "Reminder {round} of 3: {agency} has not accepted its part of <b>{code}</b> for {minutes} min.",
    ),
    "esc.round_report": (
        "Nhắc lại lần {round}/3: chưa ai xử lý tin báo <b>{number}</b> sau {minutes} phút.",
        "Reminder {round} of 3: nobody has sorted report <b>{number}</b> for {minutes} min.",
    ),
    "esc.none": (
        "Đã hết các cấp, vẫn chưa ai nhận <b>{code}</b>.",
        "All levels are over and nobody has taken <b>{code}</b>.",
    ),
    "esc.none_agency": (
        "Đã hết các cấp, {agency} vẫn chưa nhận phần việc của <b>{code}</b>.",
        "All levels are over and {agency} has not accepted its part of <b>{code}</b>.",
    ),
    "esc.none_report": (
        "Đã hết các cấp, vẫn chưa ai xử lý tin báo <b>{number}</b>.",
        "All levels are over and nobody has sorted report <b>{number}</b>.",
    ),
    "esc.late": ("Thông báo này gửi muộn.", "This alert is late."),
    "esc.stop": (
        "Đã có người nhận; không cần làm gì thêm.",
        "Somebody has taken it; nothing more is needed.",
    ),
    "ladder.test": (
        "<b>THỬ – không có sự việc thật.</b> Gọi thử thang báo Cấp {severity}, cấp {level}: {target}.",
        "<b>TEST – there is no incident.</b> Trial of the ladder for level {severity}, rung {level}: {target}.",
    ),
    "ladder.received": ("Đã ghi nhận.", "Noted."),
    # Still on it?
    "card.still": (
        "Vẫn giữ <b>{code}</b>? {minutes} phút chưa có diễn biến.",
        "Still on <b>{code}</b>? No entry for {minutes} min.",
    ),
    "card.kept": ("Đã ghi: vẫn giữ {code}.", "Noted: still on {code}."),
    "card.returned": (
        "{code}: đã trả về hàng chờ và báo lại theo thang.",
        "{code}: returned, alerted again.",
    ),
    "note.ask": (
        "Gửi diễn biến của {code} trong tin tiếp theo.",
        "Send what happened in {code} as the next message.",
    ),
    "note.done": ("Đã ghi vào {code}.", "Written into {code}."),
    "hold_ended": (
        "Hết 10 phút không trả lời: <b>{code}</b> đã trả về hàng chờ và báo lại theo thang.",
        "No answer for 10 minutes: <b>{code}</b> was returned and alerted again.",
    ),
    # Due times
    "clock.moved": (
        "⏱ <b>{code}</b>: thời hạn đã đổi ({why}).\n{lines}",
        "⏱ <b>{code}</b>: due times have changed ({why}).\n{lines}",
    ),
    "clock.moved_line": ("{name}: {old} → {new}", "{name}: {old} → {new}"),
    "clock.no_time": ("chờ mốc", "waiting"),
    "clock.anchor_corrected": ("{who} sửa mốc “{anchor}”", "{who} corrected “{anchor}”"),
    "clock.counted_anew": ("{who} sửa lịch làm việc", "{who} changed the working calendar"),
    "clock.facts_changed": ("{who} cập nhật sự việc", "{who} changed the incident"),
    # Task force
    "activated": (
        "Tổ công tác được kích hoạt cho <b>{code}</b> theo {decision}. Tổ trưởng: {head}. "
        "Vai trò của anh/chị: {part}.{head_may}",
        "The task force is activated for <b>{code}</b> by {decision}. Head: {head}. Your part: {part}.{head_may}",
    ),
    "activated.head_may": (
        " Anh/chị được quyền quyết định từ lúc này.",
        " You have the power to decide from now on.",
    ),
    "activation_left": (
        "Anh/chị không còn trong Tổ công tác của <b>{code}</b>.",
        "You no longer belong to the task force for <b>{code}</b>.",
    ),
    "stood_down": (
        "Tổ công tác cho <b>{code}</b> kết thúc hoạt động theo {decision}.",
        "The task force for <b>{code}</b> is stood down by {decision}.",
    ),
    # Roster
    "swap.asked": (
        "{who} nhờ anh/chị trực thay {shift}. Trả lời trên web, mục Lịch trực.",
        "{who} asks you to take the shift {shift}. Answer on the web, under Roster.",
    ),
    "swap.accepted": (
        "Đổi ca: {to} trực thay {who} {shift}.",
        "Swap: {to} takes the shift {shift} of {who}.",
    ),
    "swap.declined": (
        "{to} không nhận trực thay {shift}. Lý do: {reason}. Ca vẫn là của anh/chị.",
        "{to} does not take the shift {shift}. Reason: {reason}. The shift stays yours.",
    ),
    "shift.soon": ("Sắp vào ca trực: {shift}, {agency}.", "Your shift is about to begin: {shift}, {agency}."),
    "shift.begun": ("Ca trực đã bắt đầu: {shift}, {agency}.", "Your shift has begun: {shift}, {agency}."),
    "handover.wanted": (
        "{who} đã bàn giao ca cho {to}. Đọc và ký nhận trên web, mục Lịch trực.",
        "{who} has handed the shift over to {to}. Read and sign on the web, under Roster.",
    ),
    "roster.gap": (
        "Lịch trực {agency} còn trống {count} khoảng trong 7 ngày tới, sớm nhất {first}.",
        "The roster of {agency} has {count} gaps within 7 days, the first {first}.",
    ),
    # Law, calendar
    "planning.proposed": (
        "Có đề xuất chờ duyệt: {subject}. Đọc và quyết định trên web.",
        "A proposal waits for a decision: {subject}. Read and decide on the web.",
    ),
    "calendar.missing": (
        "Lịch nghỉ năm {year} chưa được xác nhận. Kiểm tra và xác nhận trên web.",
        "The calendar of {year} is not confirmed. Check and confirm it on the web.",
    ),
    "subject.none": ("việc trực", "duty matters"),
}
