"""Every sentence the bots say, under the keys of the bot's book: (Vietnamese, English), HTML with ``<b>`` only.

Words in braces are facts, escaped when they are filled in. Three lines at most: what happened, whether it is saved,
what comes next.
"""

from collections.abc import Mapping

from bots.wording.notice_sentences import NOTICES
from bots.wording.shape import escape
from bots.wording.step_sentences import STEPS
from incidents.vocabulary import Label

_DIALOGUE: Mapping[str, Label] = {
    # Linking
    "link.hello": (
        "Trợ lý trực xin chào. Mở <b>Tài khoản → Địa chỉ nhận</b> trên web, quét mã QR hoặc gửi mã 6 số. Mã dùng một lần, "
        "hết hạn sau 10 phút.",
        "Hello from the duty assistant. On the web open <b>Account → Addresses</b>, scan the QR code or send the six "
        "digits. The code works once, for ten minutes.",
    ),
    "link.claimed": (
        "Đã nhận mã. Bấm “Đúng là tôi” trên web để hoàn tất.",
        "Code received. Press “That is me” on the web to finish.",
    ),
    "link.done": (
        "Đã liên kết: {name} – {agency}. Thử chuyển tiếp một tin thấy bất thường.",
        "Linked: {name} – {agency}. Try forwarding something unusual.",
    ),
    "link.bad": (
        "Mã không đúng hoặc đã hết hạn. Lấy mã mới trên web.",
        "The code is wrong or has expired. Get a new one on the web.",
    ),
    "link.wait": (
        "Đã nhập sai nhiều lần. Thử lại sau 10 phút.",
        "Too many wrong codes. Try again in ten minutes.",
    ),
    "link.taken": (
        "Tài khoản Telegram này đã liên kết với một thành viên khác. Liên hệ quản trị.",
        "This Telegram account is linked to another member already. Ask the administrator.",
    ),
    "link.stranger": ("Tài khoản này chưa được liên kết.", "This account is not linked."),
    "link.back": (
        "Đã nối lại. Trong lúc gián đoạn có {count} thông báo không đến được đây; xem lại trên web.",
        "Reconnected. Meanwhile {count} alerts could not arrive here; see them on the web.",
    ),
    # Quick report
    "qr.ask": (
        "Gửi nội dung, ảnh hoặc đường dẫn cần báo. Không gửi bí mật nhà nước qua đây.",
        "Send the text, picture or link to be reported. No state secrets here.",
    ),
    "qr.stored": (
        "Đã ghi nhận <b>{number}</b> lúc {at}. Mức độ?",
        "Recorded as <b>{number}</b> at {at}. How serious is it?",
    ),
    "qr.level": ("{number}: đã ghi {level}.", "{number}: noted as {level}."),
    "qr.kind": ("{number}. Loại?", "{number}. Kind?"),
    "qr.told": (
        "Đang báo trực ban {duty} về {number}. Mã sự việc sẽ gửi khi mở.",
        "Telling {duty} on duty about {number}. The incident's code follows when it is opened.",
    ),
    "qr.told_nobody": (
        "{number} đã lưu ở mục Chờ phân loại, nhưng chưa có trực ban nào nhận được qua chat. Gọi điện nếu gấp.",
        "{number} is kept for sorting, but nobody on duty can be reached by chat. Telephone if it is urgent.",
    ),
    "qr.new": (
        "<b>{number}</b> từ {agency}, {severity}, {kind}. Nhận lúc {at}.{files}",
        "<b>{number}</b> from {agency}, {severity}, {kind}. Arrived {at}.{files}",
    ),
    "qr.closed": ("<b>{number}</b> từ {agency}: {state}.", "<b>{number}</b> from {agency}: {state}."),
    "qr.opened": (
        "{number} đã mở thành <b>{code}</b> (Cấp {severity}).",
        "{number} was opened as <b>{code}</b> (level {severity}).",
    ),
    "qr.linked": (
        "Đã gộp {number} vào <b>{code}</b>, người giữ việc đã thấy.",
        "{number} was joined to <b>{code}</b>; its holder has seen it.",
    ),
    "qr.answered": ("Trực ban trả lời {number}: {reason}", "Duty answers {number}: {reason}"),
    "qr.ignored": (
        "{number} không mở thành sự việc. Lý do: {reason}",
        "{number} was not opened as an incident. Reason: {reason}",
    ),
    "qr.wait": (
        "Đã lưu {number} ở mục Chờ phân loại và báo trực ban. Không cần làm gì thêm.",
        "{number} is kept for sorting and duty was told. Nothing more is needed.",
    ),
    "qr.undone": (
        "Đã rút {number}, không báo thêm ai. Nội dung vẫn lưu.",
        "{number} is withdrawn, nobody else will be told. The content stays stored.",
    ),
    "qr.added": ("Đã thêm vào {number}: {what}.", "Added to {number}: {what}."),
    "qr.more": (
        "Gửi ảnh hoặc ghi chú trong tin tiếp theo, sẽ thêm vào {number}.",
        "Send the picture or note as the next message; it is added to {number}.",
    ),
    "qr.offline": (
        "Tin gửi lúc {sent} được ghi nhận lúc {at} (mất kết nối).",
        "Sent at {sent}, recorded at {at} (connection lost).",
    ),
    "edit.done": ("Đã cập nhật {number} theo tin vừa sửa.", "{number} was updated to the edited message."),
    "name.warn": (
        "Có số cá nhân trong tin. Đã che khi hiển thị trong chat.",
        "The message has a private number. It is masked in chat.",
    ),
    "file.big": (
        "Tệp lớn hơn 20 MB, Telegram không cho tải. Phần chữ của {number} đã lưu. Gửi tệp qua web: {link}",
        "The file is larger than 20 MB, Telegram does not hand it over. The text of {number} is stored. Send it on the web: {link}",
    ),
    "file.bad": (
        "{number}: không nhận tệp này ({why}). Phần chữ đã lưu.",
        "{number}: this file is not accepted ({why}). The text is stored.",
    ),
    "file.wait": (
        "{number} đã ghi nhận; tệp chưa tải được, sẽ thử lại.",
        "{number} is recorded; the file could not be fetched yet and will be tried again.",
    ),
    "contact.no": ("Không lưu danh bạ cá nhân.", "No contacts are kept."),
    "secret.no": (
        "Nội dung có dấu độ mật nên không lưu. Chuyển qua kênh mật theo quy định.",
        "The text bears a secrecy stamp and was not stored. Use the channel the rules prescribe.",
    ),
    "secret.told": (
        "{name} vừa gửi nội dung có dấu độ mật qua chat lúc {at}. Nội dung không được lưu.",
        "{name} sent a text with a secrecy stamp by chat at {at}. It was not stored.",
    ),
    # Sorting by duty
    "sort.done": ("{number} đã được phân loại: {state}.", "{number} has been sorted: {state}."),
    "sort.into": (
        "Gộp {number} vào sự việc nào? Chọn số hoặc gửi mã.",
        "Which incident does {number} join? Choose a number or send a code.",
    ),
    "sort.reply": (
        "Gửi lời trả lời cho {number} trong tin tiếp theo. Chữ này sẽ đến người báo tin.",
        "Send the answer to {number} as the next message. Its sender will read these words.",
    ),
    "sort.reason": (
        "Gửi lý do bỏ qua {number} trong tin tiếp theo. Người báo tin sẽ đọc lý do này.",
        "Send the reason for ignoring {number} as the next message. Its sender will read it.",
    ),
    "sort.answered": ("Đã gửi lời trả lời cho người báo {number}.", "The sender of {number} gets the answer."),
    "sort.ignored": ("Đã bỏ qua {number}, lý do đã lưu.", "{number} is ignored, the reason is kept."),
    # Cards
    "card.accepted": ("Đã nhận việc {code} lúc {at}.", "{code} accepted at {at}."),
    "card.second": ("{who} đã nhận {code} lúc {at}.", "{who} accepted {code} at {at}."),
    "card.closed": ("✔ <b>{code}</b> · {status} {at}", "✔ <b>{code}</b> · {status} {at}"),
    "card.bare": ("<b>{code}</b> · đã chuyển trao đổi riêng", "<b>{code}</b> · moved to a private exchange"),
    "card.private": (
        "<b>{code}</b> · Cấp {severity} · có việc cho anh/chị",
        "<b>{code}</b> · level {severity} · a task for you",
    ),
    "card.task": (
        "<b>{code}</b> · {severity} · {title} · Đề nghị {agency} {task}{due}.",
        "<b>{code}</b> · {severity} · {title} · {agency} is asked: {task}{due}.",
    ),
    "card.raised": (
        "<b>{code}</b> được nâng lên {severity}. Thẻ sự việc đã cập nhật.",
        "<b>{code}</b> was raised to {severity}. The card is up to date.",
    ),
    "card.there": (
        "Thẻ của <b>{code}</b> đã cập nhật ở tin này.",
        "The card of <b>{code}</b> is up to date in this message.",
    ),
    # Choices by number
    "ask.which": ("Trả lời cho việc nào?", "For which one?"),
    "ask.none": (
        "Không có câu hỏi nào đang chờ. Gửi nội dung cần báo hoặc /viec.",
        "Nothing is being asked. Send what is to be reported, or /viec.",
    ),
    "ask.range": ("Chọn một trong các số: {numbers}.", "Choose one of these numbers: {numbers}."),
    "ask.cancel": (
        "Đã bỏ câu hỏi. Những gì đã lưu vẫn còn{number}.",
        "The question is dropped. What was stored stays{number}.",
    ),
    "ask.received": (
        "Nhận việc {code}, hay chỉ báo đã xem?",
        "Accept {code}, or only say that it was seen?",
    ),
    "ask.seen": ("Đã hiểu: chỉ xem, chưa nhận việc {code}.", "Noted: seen, {code} is not accepted."),
    "old": ("Nút này đã hết hạn. Trạng thái mới nhất:\n{state}", "This button has expired. Latest state:\n{state}"),
    "old.bare": (
        "Nút này đã hết hạn. Gửi /viec để xem việc hiện có.",
        "This button has expired. Send /viec for what is open.",
    ),
    # Commands
    "help": (
        "<b>Trợ lý trực</b>\n"
        "Gửi hoặc chuyển tiếp chữ, ảnh, đường dẫn: thành tin báo nhanh, lưu ngay.\n"
        "/baocao – báo nhanh\n"
        "/viec – việc và bước của cơ quan mình · /truc – ai đang trực\n"
        "/sk mã – tình trạng một sự việc\n"
        "/nhan mã – nhận việc\n"
        "/tat – bỏ câu hỏi đang chờ, dữ liệu đã lưu vẫn còn\n"
        "/lang vi|en – ngôn ngữ\n"
        "/id – mã Telegram của tài khoản này\n"
        "Trả lời câu hỏi bằng nút hoặc gõ số.\n"
        "Sửa tin thì bản cũ vẫn giữ; xóa tin thì bot không biết.\n"
        "<b>Không gửi bí mật nhà nước qua đây.</b>",
        "<b>Duty assistant</b>\n"
        "Send or forward text, pictures, links: they become a quick report, stored at once.\n"
        "/baocao – quick report\n"
        "/viec – tasks and steps of your agency · /truc – who is on duty\n"
        "/sk CODE – state of one incident\n"
        "/nhan CODE – accept a task\n"
        "/tat – drop the open question, stored things stay\n"
        "/lang vi|en – language\n"
        "/id – the Telegram number of this account\n"
        "Answer questions with the buttons or by typing the number.\n"
        "An edited message keeps its old version; the bot never learns of a deleted one.\n"
        "<b>Do not send state secrets here.</b>",
    ),
    "work.none": ("Không có việc nào đang chờ.", "Nothing is waiting for you."),
    "work.list": ("Việc đang chờ:\n{lines}", "Waiting for you:\n{lines}"),
    "duty.now": ("{lines}", "{lines}"),
    "duty.agency": ("Trực {agency}:", "On duty, {agency}:"),
    "duty.one": ("{name}{phone} – đến {until}", "{name}{phone} – until {until}"),
    "duty.next": ("Kế tiếp: {name}, {at}", "Next: {name}, {at}"),
    "duty.gap": ("Không có ai trong ca trực.", "Nobody is on shift."),
    "duty.gap_told": (
        "Không có ai trong ca trực. Gọi: {names}",
        "Nobody is on shift. Call: {names}",
    ),
    "work.line": ("{n}. {code} · {title} · {what}", "{n}. {code} · {title} · {what}"),
    "work.accept": ("chưa nhận việc", "not accepted yet"),
    "work.step": ("bước {position}{due}", "step {position}{due}"),
    "work.code": (
        "Thêm mã sự việc, ví dụ /sk 123 hoặc /sk TG-2026-0045.",
        "Add the code, such as /sk 123 or /sk TG-2026-0045.",
    ),
    "lang.done": ("Đã chọn tiếng Việt.", "English from now on."),
    "lang.which": ("Chọn /lang vi hoặc /lang en.", "Choose /lang vi or /lang en."),
    "id": ("Mã Telegram của tài khoản này: {id}.", "The Telegram number of this account: {id}."),
    # Errors
    "what": (
        "Chưa hiểu nội dung này. Gửi tin cần báo hoặc /help.",
        "Not understood. Send what is to be reported, or /help.",
    ),
    "refused": ("{text}", "{text}"),
    "none": (
        "Không tìm thấy {what}, hoặc không có quyền xem.",
        "{what} was not found, or you have no right to see it.",
    ),
    "slow": (
        "Quá nhiều tin trong một phút. Tin đã gửi vẫn được lưu, trả lời tiếp sau ít phút.",
        "Too many messages in a minute. What was sent is stored; answers go on in a few minutes.",
    ),
    "fault": (
        "Có lỗi, mã {mark}. Tin đã lưu, quản trị đã được báo.",
        "A fault, mark {mark}. The message is stored, the administrator was told.",
    ),
    "fault.told": (
        "Có tin đến không xử lý được, mã {mark}. Xem mục Tin đến bị giữ trên web.",
        "An incoming update could not be worked through, mark {mark}. See the parked updates on the web.",
    ),
    # Deliveries
    "undelivered": (
        "Không báo được cho {name} về {subject}: {reason}. Liên hệ bằng cách khác.",
        "{name} could not be reached about {subject}: {reason}. Use another way.",
    ),
    "test": (
        "Đây là tin thử gửi lúc {at}. Địa chỉ này nhận được thông báo.",
        "This is a test sent at {at}. Alerts arrive at this address.",
    ),
    "again": ("(gửi lại)", "(sent again)"),
    "exercise": ("<b>DIỄN TẬP</b>", "<b>DIỄN TẬP</b> (drill)"),
    "see": ("Xem: {link}", "See: {link}"),
}
SENTENCES: Mapping[str, Label] = {**_DIALOGUE, **STEPS, **NOTICES}


def say(key: str, lang: str, /, **facts: object) -> str:
    """The sentence of ``key`` with its facts escaped. Raises KeyError for an unknown key or a missing fact."""
    sentence = SENTENCES[key][0 if lang == "vi" else 1]
    return sentence.format(**{name: fact if isinstance(fact, Html) else escape(fact) for name, fact in facts.items()})


class Html(str):
    """A piece that is HTML of ours already and is not escaped again."""

    __slots__ = ()
