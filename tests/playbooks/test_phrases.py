"""Conditions said in words."""

import pytest

from playbooks import condition, shelf
from playbooks.phrases import in_words


@pytest.mark.parametrize(
    ("text", "vi", "en"),
    [
        ("", "luôn luôn", "always"),
        ("large_impact", "sự kiện có tác động lớn", "large impact"),
        ("not source_known", "không (đã biết nguồn đăng)", "not (the source is known)"),
        ("severity >= 3", "cấp độ từ Cấp 3 – Nghiêm trọng trở lên", "severity 3 – serious or higher"),
        ("severity <= 2", "cấp độ từ Cấp 2 – Sự cố trở xuống", "severity 2 – incident or lower"),
        ("severity < 2", "cấp độ dưới Cấp 2 – Sự cố", "severity below 2 – incident"),
        ("severity > 2", "cấp độ trên Cấp 2 – Sự cố", "severity above 2 – incident"),
        ("accuracy == 'partly'", "phản ánh đúng hay sai là Đúng một phần", "accuracy of the report is Partly accurate"),
        (
            "access_class != 'a'",
            "nhóm tiếp cận không phải là a – không được tiếp cận",
            "access class is not a – closed",
        ),
        (
            "press_kind not in ('online', 'weekly')",
            "loại hình báo chí không phải là Báo điện tử, kênh trên mạng hoặc Báo tuần",
            "kind of press is not Online press or Weekly",
        ),
        (
            "urgent and (safety or crime_suspected == True)",
            "khẩn cấp, đe dọa an ninh quốc gia và (có nguy hiểm cho người hoặc có dấu hiệu tội phạm là có)",
            "urgent, a threat to national security and (people are in danger or a crime is suspected is yes)",
        ),
    ],
)
def test_a_condition_is_said_in_both_languages(text, vi, en):
    assert in_words(text) == (vi, en)


def test_every_condition_of_the_library_is_said_without_a_name_of_the_code():
    for book in shelf.all_playbooks():
        texts = [book.fits, book.beside, *(step.when for step in book.steps)]
        texts += [deadline.when for step in book.steps for deadline in step.deadlines]
        for text in texts:
            vi, en = in_words(text)
            assert vi
            assert en
            assert "_" not in vi + en
            assert "==" not in vi + en


def test_what_is_no_condition_is_refused():
    with pytest.raises(condition.BadCondition):
        in_words("severity >")
