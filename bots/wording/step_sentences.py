"""Sentences on steps, what a step still needs, approval, clocks and taking a task: (Vietnamese, English), HTML."""

from collections.abc import Mapping

from incidents.vocabulary import Label

STEPS: Mapping[str, Label] = {
    "step.soon": (
        "⏱ Sắp đến hạn: <b>{code}</b> · {step} · hạn{law} {due} {left}.",
        "⏱ Due soon: <b>{code}</b> · {step} · due{law} {due} {left}.",
    ),
    "step.late": (
        "⏱ Trễ hạn: <b>{code}</b> · {step} · hạn{law} {due} {left}.",
        "⏱ Overdue: <b>{code}</b> · {step} · was due{law} {due} {left}.",
    ),
    "update.due": (
        "⏱ <b>{code}</b>: đã quá giờ cập nhật tình hình ({due}). Ghi một diễn biến mới.",
        "⏱ <b>{code}</b>: an update was due at {due}. Add what has happened.",
    ),
    "step.law": (" luật", " by law"),
    "step.told_late": (
        "Thông báo này gửi muộn: mốc đúng là {true_time}.",
        "This alert is late: the true time was {true_time}.",
    ),
    "step.done": (
        "✔ Xong bước {position} của {code} lúc {at}.{next}",
        "✔ Step {position} of {code} done at {at}.{next}",
    ),
    "step.next": (" Tiếp theo: bước {position}{due}.", " Next: step {position}{due}."),
    "step.same": (
        "Bước {position} của {code} đã xong: {who}, {at}.",
        "Step {position} of {code} is done already: {who}, {at}.",
    ),
    # What is missing before a step is done
    "step.waits": (
        "Chưa làm được bước {position} của {code}: cần {what}.",
        "Step {position} of {code} has to wait: {what}.",
    ),
    "step.proof": (
        "Bước {position} của {code} cần {what}. Gửi trong tin tiếp theo.",
        "Step {position} of {code} needs {what}. Send it as the next message.",
    ),
    "step.proof_more": (
        "Đã giữ. Bước {position} của {code} còn cần {what}. Gửi trong tin tiếp theo.",
        "Kept. Step {position} of {code} still needs {what}. Send it as the next message.",
    ),
    "step.again": (
        "Bước {position} của {code} đã có nội dung gửi lần trước. Gửi nội dung mới thay thế, hoặc giữ như cũ.",
        "Step {position} of {code} has what was sent last time. Send something new in its place, or keep it.",
    ),
    "step.choose": (
        "Bước {position} của {code} cần chọn: {what}.",
        "Step {position} of {code} needs a choice: {what}.",
    ),
    "step.agencies": (
        "Chưa xong được bước {position} của {code}: mới có {what}. Những gì đã gửi vẫn giữ.",
        "Step {position} of {code} cannot be done yet: {what}. What was sent is kept.",
    ),
    "step.file_wait": (
        "Ảnh cho bước {position} của {code} chưa tải được, sẽ thử lại. Không cần gửi lại.",
        "The picture for step {position} of {code} could not be fetched yet and will be tried again.",
    ),
    "step.file_bad": (
        "Không nhận ảnh này cho bước {position} của {code}: {why}. Những gì đã gửi khác vẫn giữ.",
        "This picture for step {position} of {code} is not accepted: {why}. Everything else sent is kept.",
    ),
    "step.file_kept": (
        "Ảnh vừa gửi đã lưu thành tin báo <b>{number}</b>.",
        "The picture is kept as quick report <b>{number}</b>.",
    ),
    # Approval by another person
    "step.submit_what": (
        "Gửi nội dung trình duyệt bước {position} của {code} trong tin tiếp theo.",
        "Send what is to be approved for step {position} of {code} as the next message.",
    ),
    "step.submitted": (
        "Đã trình duyệt bước {position} của {code}, chờ {who}.",
        "Step {position} of {code} is submitted and waits for {who}.",
    ),
    "step.sent_back": (
        "<b>{code}</b> · bước {position} được {by} trả lại: {reason}. Những gì đã gửi vẫn giữ.",
        "<b>{code}</b> · step {position} was sent back by {by}: {reason}. What was given is kept.",
    ),
    "approve.chat": (
        "<b>{code}</b> · bước {position}: {step} chờ duyệt. {by} trình lúc {at} (mã {mark}).\n{body}",
        "<b>{code}</b> · step {position}: {step} waits for approval. Submitted by {by} at {at} (mark {mark}).\n{body}",
    ),
    "approve.web": (
        "<b>{code}</b> · bước {position}: {step} chờ duyệt, {by} trình lúc {at}. Đọc và duyệt trên web.",
        "<b>{code}</b> · step {position}: {step} waits for approval, submitted by {by} at {at}. Read and approve on the web.",
    ),
    "approve.document": ("Văn bản: {document}", "Document: {document}"),
    "approve.settled": ("{name}: {value}", "{name}: {value}"),
    "approve.files": ("Kèm {count} ảnh, xem trên web.", "With {count} pictures, see them on the web."),
    "approve.changed": (
        "Nội dung đã thay đổi sau khi gửi đến đây, chưa duyệt. Bản hiện nay:",
        "The text has changed since it was shown; nothing is approved. This is the present one:",
    ),
    "approve.gone": (
        "Bước {position} của {code} không còn chờ duyệt.",
        "Step {position} of {code} no longer waits for approval.",
    ),
    "approve.done": (
        "✔ Đã duyệt, xong bước {position} của {code} lúc {at}.",
        "✔ Approved, step {position} of {code} is done at {at}.",
    ),
    "approve.reason": (
        "Lý do trả lại bước {position} của {code}? Gửi trong tin tiếp theo, {by} sẽ đọc.",
        "Why is step {position} of {code} sent back? Send it as the next message; {by} will read it.",
    ),
    "approve.back": (
        "Đã trả lại bước {position} của {code} cho {by}.",
        "Step {position} of {code} is back with {by}.",
    ),
    # Does not apply
    "step.skip": (
        "Lý do không áp dụng bước {position} của {code}? Bắt buộc, Tổ trưởng sẽ thấy. Gửi trong tin tiếp theo.",
        "Why does step {position} of {code} not apply? Required, the lead will see it. Send it as the next message.",
    ),
    "reason.again": ("Cần ghi lý do, ít nhất vài chữ.", "A reason is needed, at least a few words."),
    "step.skipped": (
        "Đã ghi bước {position} của {code} không áp dụng: {reason}.",
        "Step {position} of {code} is marked as not applying: {reason}.",
    ),
    # After a task is accepted
    "accept.expect": (
        "Dự kiến xong lúc mấy giờ? Trả lời tin này, ví dụ 04:30, hoặc bỏ qua.",
        "When do you expect to be done? Reply to this message, such as 04:30, or leave it.",
    ),
    "accept.noted": ("{code}: đã ghi {what}.", "{code}: noted {what}."),
    "accept.by": ("dự kiến {at}", "expected {at}"),
    "accept.words": ("lời nhắn", "the note"),
}
