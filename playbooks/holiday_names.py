"""The Vietnamese names of the days off that the library `holidays` knows by their English ones."""

import re
from datetime import date

_NAMES = {
    "New Year's Day": "Tết Dương lịch",
    "29 of Lunar New Year": "Tết Nguyên đán (29 tháng Chạp)",
    "Lunar New Year's Eve": "Tết Nguyên đán (ngày cuối năm âm lịch)",
    "Lunar New Year": "Tết Nguyên đán (mùng 1)",
    "Second Day of Lunar New Year": "Tết Nguyên đán (mùng 2)",
    "Third Day of Lunar New Year": "Tết Nguyên đán (mùng 3)",
    "Fourth Day of Lunar New Year": "Tết Nguyên đán (mùng 4)",
    "Fifth Day of Lunar New Year": "Tết Nguyên đán (mùng 5)",
    "Hung Kings' Commemoration Day": "Giỗ Tổ Hùng Vương",
    "Liberation Day/Reunification Day": "Ngày Chiến thắng 30/4",
    "International Labor Day": "Ngày Quốc tế Lao động",
    "National Day": "Quốc khánh",
    "Independence Day": "Quốc khánh",
    "Vietnam Cultural Day": "Ngày Văn hóa Việt Nam",
}
_SWAPPED = re.compile(r"Day off \(substituted from (\d\d)/(\d\d)/(\d{4})\)")
_SWAPPED_VI = "Nghỉ hoán đổi cho ngày {day}"
_SWAPPED_EN = "Day off in exchange for {day}"


def both(name: str) -> tuple[str, str]:
    """(Vietnamese, English) of a day off as the library names it; a day with two names keeps both.

    A name that is not known is kept as it is: a day off without a Vietnamese name is still a day off.
    """
    parts = [_both(part.strip()) for part in name.split(";")]
    return "; ".join(vi for vi, _ in parts), "; ".join(en for _, en in parts)


def _both(name: str) -> tuple[str, str]:
    if found := _SWAPPED.fullmatch(name):
        month, day, year = (int(part) for part in found.groups())
        shown = f"{date(year, month, day):%d/%m/%Y}"
        return _SWAPPED_VI.format(day=shown), _SWAPPED_EN.format(day=shown)
    if name.endswith(" (observed)"):
        plain = name.removesuffix(" (observed)")
        return f"{_NAMES.get(plain, plain)} (nghỉ bù)", name
    return _NAMES.get(name, name), name
