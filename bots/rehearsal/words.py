"""Every word of the chat page, in both languages: key → (Vietnamese, English)."""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES = ("vi", "en")

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Trò chuyện diễn tập", "Rehearsal chat"),
    "banner": ("DIỄN TẬP – không gửi ra ngoài", "REHEARSAL – nothing is sent outside"),
    "skip": ("Tới khung soạn tin", "Go to the composer"),
    "other_language": ("English", "Tiếng Việt"),
    "personas": ("Nhân vật", "People to play"),
    "unread": ("tin chưa xem", "unread"),
    "nobody": (
        "Chưa có nhân vật. Tạo thành viên mẫu rồi mở lại trang này.",
        "Nobody to play yet. Create example members, then open this page again.",
    ),
    "private": ("riêng", "private"),
    "bot": ("Trợ lý trực", "Duty assistant"),
    "empty": ("Chưa có tin. Gửi tin đầu tiên ở khung bên dưới.", "No messages yet. Send the first one below."),
    "edited": ("đã sửa", "edited"),
    "forwarded": ("Chuyển tiếp từ", "Forwarded from"),
    "reply": ("Trả lời", "In reply to"),
    "photo": ("Ảnh", "Photo"),
    "open_photo": ("Mở ảnh cỡ đầy đủ", "Open the photo in full size"),
    "not_shown": ("Ảnh này không hiển thị được.", "This photo cannot be shown."),
    "file": ("Tệp", "File"),
    "reacted": ("Bot thả dấu", "Reaction of the bot"),
    "edit": ("Sửa tin này", "Edit this message"),
    "new_text": ("Nội dung mới", "New text"),
    "save": ("Lưu", "Save"),
    "write": ("Nhắn tin", "Message"),
    "choose_photo": ("Ảnh hoặc tệp, tối đa 25 MB", "Photo or file, 25 MB at most"),
    "forward_from": ("Chuyển tiếp từ", "Forward from"),
    "forward_none": ("Không, tự viết", "No, own words"),
    "forward_channel": ("Kênh công khai “Hóng Chuyện Phố Núi”", "Public channel “Hóng Chuyện Phố Núi”"),
    "forward_hidden": ("Người ẩn tài khoản", "Somebody with a hidden account"),
    "send": ("Gửi", "Send"),
    "reload": ("Tải lại để xem tin mới", "Reload to see new messages"),
    "lost": ("Mất kết nối với trang diễn tập, đang thử lại.", "Lost the rehearsal server, trying again."),
    "not_sent": ("Chưa gửi được. Nội dung vẫn còn ở đây.", "Not sent. The text is still here."),
    "faults": ("Sự cố giả lập", "Played faults"),
    "faults_hint": (
        "Áp dụng cho cuộc trò chuyện đang mở; mất mạng và trễ mạng áp dụng cho tất cả.",
        "They strike the open conversation; no network and slow network strike all.",
    ),
    "flood": ("429 · 30 giây", "429 · 30 seconds"),
    "server_error": ("500 × 5", "500 × 5"),
    "lost_answer": ("Mất câu trả lời", "Lose an answer"),
    "blocked": ("Chặn bot", "Block the bot"),
    "duplicate_update": ("Gửi lặp tin kế tiếp", "Repeat the next message"),
    "blackhole": ("Mất mạng 60 giây", "No network for 60 seconds"),
    "slow": ("Trễ mạng", "Slow network"),
    "slow_unit": ("mili giây", "milliseconds"),
    "set": ("Đặt", "Set"),
    "in_force": ("Đang có hiệu lực", "In force"),
    "flood_on": ("429, yêu cầu chờ", "429, told to wait"),
    "server_error_on": ("Lỗi 500", "Error 500"),
    "blackhole_on": ("Mất mạng", "No network"),
    "no_faults": ("Không có sự cố nào.", "None."),
    "until": ("đến", "until"),
    "left": ("còn lần", "times left"),
    "mend": ("Bỏ", "End"),
    "calls": ("Lịch sử gọi API", "API call log"),
    "no_calls": ("Chưa có lượt gọi nào.", "No calls yet."),
    "no_answer": ("không trả lời", "no answer"),
    "play_title": ("Diễn tập: chơi kịch bản S1", "Drill: play scenario S1"),
    "speed": ("Tốc độ", "Speed"),
    "start": ("Bắt đầu", "Start"),
    "stop": ("Dừng", "Stop"),
    "playing": ("Đang chơi, đã gửi", "Playing, sent"),
    "played": ("Đã xong, đã gửi", "Over, sent"),
    "progress": ("Tiến độ kịch bản", "Progress of the scenario"),
    "error_empty": ("Chưa có nội dung. Nhập chữ hoặc chọn ảnh.", "Nothing to send. Write something or choose a photo."),
    "error_big": (
        "Tệp lớn hơn 25 MB nên chưa gửi. Chọn tệp nhỏ hơn.",
        "The file is above 25 MB and was not sent. Choose a smaller one.",
    ),
    "error_caption": (
        "Chú thích ảnh dài quá 1.024 ký tự nên chưa gửi. Rút ngắn hoặc gửi chữ riêng.",
        "The caption is above 1,024 characters and was not sent. Shorten it or send the text by itself.",
    ),
    "error_long": (
        "Tin sửa dài quá 4.096 ký tự nên chưa lưu. Rút ngắn nội dung.",
        "The edited message is above 4,096 characters and was not saved. Shorten it.",
    ),
    "error_gone": ("Tin này không còn để bấm hoặc sửa.", "This message is no longer there."),
    "error_form": (
        "Yêu cầu thiếu thông tin. Tải lại trang rồi thử lại.",
        "Something is missing. Reload and try again.",
    ),
}


def words(lang: str) -> Mapping[str, str]:
    """Return all words of one language; anything but `en` is Vietnamese."""
    column = LANGUAGES.index("en") if lang == "en" else 0
    return MappingProxyType({key: texts[column] for key, texts in _WORDS.items()})
