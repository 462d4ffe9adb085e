"""Every form of an incident, sent wrongly: one sentence, what was typed still in the page, nothing written."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests.desk.screens.conftest import Browser, main_of

Open = Callable[..., Browser]
LONG = "dài lắm " * 2_500  # 20,000 characters

# who · page of the incident · what is sent · status · part of the sentence
CASES = [
    ("an", "note", {"text": ""}, 400, "Chưa ghi nội dung."),
    ("an", "note", {"text": LONG}, 400, "tối đa 10.000"),
    ("an", "note", {"text": "Đập", "happened_at": "99:99"}, 400, "Giờ này không đọc được"),
    ("an", "note", {"text": "Đập", "happened_at": "10:00 01/01/2099"}, 400, "Thời điểm này chưa tới."),
    ("an", "note", {"text": "Đập", "corrects": "mười"}, 400, "Ghi số của diễn biến"),
    ("an", "note", {"text": "Đập", "corrects": "999"}, 404, "Không tìm thấy"),
    ("an", "note", {"text": "Đập", "corrects": "1"}, 400, "Chỉ sửa được diễn biến do người ghi"),
    ("an", "note", {"text": "TUYỆT MẬT"}, 400, "dấu độ mật"),
    ("lan", "note", {"text": "Đập"}, 403, "Việc này cần quyền"),
    ("ha", "acknowledge", {}, 403, "Việc này cần quyền"),
    ("an", "steps/fast_intake/tick", {"result": LONG}, 400, "tối đa"),
    ("an", "steps/fast_intake/tick", {"result": "Xong", "at": "10:00 01/01/2099"}, 400, "chưa tới"),
    ("an", "steps/fast_intake/tick", {"result": "Xong", "at": "10:00 01/01/2020"}, 400, "cần ghi lý do"),
    ("an", "steps/fast_intake/tick", {"result": "Xong", "at": "mai"}, 400, "Giờ này không đọc được"),
    ("an", "steps/fast_intake/tick", {"result": "MẬT"}, 400, "dấu độ mật"),
    ("an", "steps/no_such_step/tick", {}, 404, "Không tìm thấy"),
    ("lan", "steps/fast_intake/tick", {"result": "Xong"}, 403, "Việc này cần quyền"),
    ("binh", "steps/fast_intake/skip", {"reason": "  "}, 400, "Cần ghi lý do không áp dụng."),
    ("binh", "steps/fast_intake/skip", {"reason": LONG}, 400, "tối đa 500"),
    ("an", "steps/fast_intake/skip", {"reason": "Không cần"}, 403, "Việc này cần quyền"),
    ("binh", "assign", {"agency": "", "part": "support"}, 400, "Chọn cơ quan."),
    ("binh", "assign", {"agency": "nope", "part": "support"}, 400, "Không có cơ quan"),
    ("binh", "assign", {"agency": "pa05", "part": "owner", "purpose": "Xác minh"}, 400, "Chọn chủ trì hoặc phối hợp."),
    ("binh", "assign", {"agency": "pa05", "part": "support", "purpose": LONG}, 400, "tối đa 300"),
    ("binh", "assign", {"agency": "pa05", "part": "support", "due_at": "25:00"}, 400, "Giờ này không đọc được"),
    ("binh", "assign", {"agency": "pa05", "part": "support", "due_at": "10:00 01/01/2020"}, 400, "Hạn phải ở sau"),
    ("an", "assign", {"agency": "pa05", "part": "support", "purpose": "Xác minh"}, 403, "Việc này cần quyền"),
    ("an", "move", {}, 400, "Chọn trạng thái mới."),
    ("an", "move", {"to": "nope"}, 400, "Không có trạng thái"),
    ("an", "move", {"to": "closed", "reason": "Xong rồi"}, 409, "Không thể chuyển từ “Mới tiếp nhận” sang “Kết thúc”."),
    ("binh", "move", {"to": "not_accepted", "declined": "x"}, 409, "còn thiếu: lý do không thuộc phạm vi"),
    ("binh", "move", {"to": "merged", "into": "SK-2026-9999", "reason": "Trùng"}, 404, "Không tìm thấy SK-2026-9999"),
    ("binh", "move", {"to": "merged", "reason": "Trùng"}, 400, "Cần mã sự việc nhận gộp"),
    ("an", "move", {"to": "triage", "reason": LONG}, 400, "tối đa 500"),
    ("giang", "move", {"to": "triage", "reason": "Xem"}, 403, "Việc này cần quyền"),
    ("an", "severity", {"severity": "7", "reason": "Lan nhanh"}, 400, "Chọn mức độ từ Cấp 1 đến Cấp 4."),
    ("an", "severity", {"severity": "", "reason": "Lan nhanh"}, 400, "Chọn mức độ"),
    ("binh", "severity", {"severity": "4"}, 400, "Cần ghi lý do đổi mức độ."),
    ("binh", "severity", {"severity": "4", "reason": LONG}, 400, "tối đa 500"),
    ("an", "severity", {"severity": "1", "reason": "Ít người"}, 403, "Việc này cần quyền"),
    ("an", "edit", {"kind": "nope", "place": "Bảo Nhai"}, 400, "không có trong danh sách"),
    ("an", "edit", {"kind": "suspected_false", "place": LONG}, 400, "tối đa 200"),
    ("giang", "edit", {"kind": "watch", "place": "Bản mới"}, 403, "Việc này cần quyền"),
    ("an", "playbook", {"key": "nope"}, 404, "Không tìm thấy"),
    ("giang", "playbook", {"key": "pb01_false_info_social"}, 403, "Việc này cần quyền"),
    ("binh", "anchor", {"anchor": "nope", "at": "00:01"}, 400, "Không có mốc"),
    ("binh", "anchor", {"anchor": "concluded_at", "at": ""}, 400, "Ghi giờ của mốc."),
    ("binh", "anchor", {"anchor": "concluded_at", "at": "10:00 01/01/2099"}, 400, "chưa tới"),
    ("binh", "anchor", {"anchor": "received_at", "at": "00:01"}, 400, "Cần ghi lý do sửa mốc."),
    ("giang", "anchor", {"anchor": "concluded_at", "at": "00:01", "reason": "Xong"}, 403, "Việc này cần quyền"),
    ("binh", "restrict", {}, 400, "Chọn ít nhất một người"),
    ("binh", "restrict", {"readers": "99999"}, 400, "Chọn ít nhất một người"),
    ("an", "restrict", {"readers": "1"}, 403, "Việc này cần quyền"),
]  # fmt: skip


@pytest.fixture
def rumour(log: Callable[..., str]) -> str:
    return log(
        "Có tin vỡ đập", 3, kind="suspected_false", category="disaster", place="Bảo Nhai", flags={"safety": True}
    )


@pytest.mark.parametrize(("who", "page", "fields", "status", "words"), CASES, ids=lambda value: str(value)[:40])
def test_a_wrong_form_says_why_keeps_the_text_and_writes_nothing(
    browser: Open, rumour: str, written: Any, who: str, page: str, fields: dict[str, str], status: int, words: str
) -> None:
    before = written()
    answer = browser(who).send(f"/incidents/{rumour}/{page}", **fields)
    shown = unescape(main_of(answer.text))
    assert answer.status_code == status
    assert words in shown
    assert rumour in shown
    assert written() == before
    typed = [
        value.strip()
        for name, value in fields.items()
        if name in ("text", "result", "reason", "purpose", "place", "at", "into")
    ]
    if who not in ("lan",):  # the auditor has no form to hold it
        assert all(value in shown for value in typed)


@pytest.mark.parametrize("page", ["", "/assign", "/move", "/severity", "/edit", "/playbook", "/anchor", "/restrict"])
def test_an_unknown_code_reads_like_one_that_may_not_be_seen(browser: Open, rumour: str, page: str) -> None:
    unknown = browser("pao").get(f"/incidents/SK-2026-9999{page}")
    hidden = browser("pao").get(f"/incidents/{rumour}{page}")
    assert unknown.status_code == hidden.status_code == 404
    assert main_of(unknown.text) == main_of(hidden.text)
    assert "Không tìm thấy, hoặc không có quyền xem." in hidden.text


@pytest.mark.parametrize("page", ["note", "acknowledge", "assign", "move", "severity", "edit", "playbook", "anchor", "restrict",
                                  "steps/fast_intake/tick", "steps/fast_intake/skip", "steps/fast_intake/reopen"])  # fmt: skip
def test_a_form_for_an_incident_one_may_not_see_is_answered_like_an_unknown_one(
    browser: Open, rumour: str, written: Any, page: str
) -> None:
    before = written()
    unknown = browser("pao").send(f"/incidents/SK-2026-9999/{page}", text="Đập", reason="vì", to="triage")
    hidden = browser("pao").send(f"/incidents/{rumour}/{page}", text="Đập", reason="vì", to="triage")
    assert unknown.status_code == hidden.status_code == 404
    assert main_of(unknown.text) == main_of(hidden.text)
    assert written() == before


@pytest.mark.parametrize(("code", "status"), [
    ("../../etc", 404), ("SK-2026-0001'--", 404), ("%00", 404), ("x" * 3000, 404), ("SK-2026", 404),
])  # fmt: skip
def test_a_code_nobody_gave_is_not_found(browser: Open, code: str, status: int) -> None:
    assert browser("an").get(f"/incidents/{code}").status_code == status


@pytest.mark.parametrize(("fields", "words"), [
    ({"what": "", "severity": "2"}, "Chưa ghi nội dung."),
    ({"what": LONG, "severity": "2"}, "tối đa 10.000"),
    ({"what": "Đập vỡ", "severity": "9"}, "Chọn mức độ"),
    ({"what": "Đập vỡ", "severity": "2", "kind": "nope"}, "Không có loại sự việc"),
    ({"what": "Đập vỡ", "severity": "2", "category": "nope"}, "Không có lĩnh vực"),
    ({"what": "Đập vỡ", "severity": "2", "link": "javascript:alert(1)"}, "Đường dẫn phải bắt đầu"),
    ({"what": "Đập vỡ", "severity": "2", "place": "x" * 201}, "tối đa 200 chữ"),
    ({"what": "Đập vỡ", "severity": "2", "happened_at": "31/02/2026 10:00"}, "Giờ này không đọc được"),
    ({"what": "Đập vỡ", "severity": "2", "happened_at": "10:00 01/01/2099"}, "Thời điểm này chưa tới."),
    ({"what": "Đập vỡ", "severity": "2", "happened_at": "10:00 01/01/2003"}, "quá xa"),
])  # fmt: skip
def test_ghi_nhanh_sent_wrongly_says_why_and_keeps_the_text(
    browser: Open, written: Any, fields: dict[str, str], words: str
) -> None:
    before = written()
    answer = browser("an").send("/incidents/new", **fields)
    shown = unescape(main_of(answer.text))
    assert answer.status_code == 400
    assert words in shown
    assert all(
        value.strip() in shown for name, value in fields.items() if name in ("what", "link", "place", "happened_at")
    )
    assert written() == before
