"""The severity helper: seven questions, 0-3 each, a level with its reasons – a person decides (domain 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.errors import BadInput
from incidents.vocabulary import Label

# Question → (its words, the words of the answers 0, 1, 2, 3).
QUESTIONS: Mapping[str, tuple[Label, tuple[Label, Label, Label, Label]]] = {
    "reach": (
        ("Lan truyền", "Reach"),
        (
            ("dưới 1.000 tương tác", "under 1,000 reactions"),
            ("1.000–10.000", "1,000–10,000"),
            ("trên 10.000", "over 10,000"),
            ("trên 50.000", "over 50,000"),
        ),
    ),
    "speed": (
        ("Tốc độ", "Speed"),
        (
            ("không tăng", "not growing"),
            ("tăng đều", "growing steadily"),
            ("gấp đôi trong 6 giờ", "doubled in 6 hours"),
            ("gấp đôi trong 1 giờ", "doubled in 1 hour"),
        ),
    ),
    "press": (
        ("Báo chí", "Press"),
        (
            ("không", "none"),
            ("báo, trang địa phương", "local press or sites"),
            ("1–2 báo Trung ương", "one or two national papers"),
            ("từ 3 báo Trung ương, báo nước ngoài", "three national papers or foreign press"),
        ),
    ),
    "harm": (
        ("Tác hại", "Harm"),
        (
            ("không", "none"),
            ("uy tín 1 cơ quan", "one agency's standing"),
            ("kinh tế, sinh kế, nhiều cơ quan", "economy, livelihoods, several agencies"),
            ("an toàn, tính mạng, an ninh quốc gia", "safety, lives, national security"),
        ),
    ),
    "belief": (
        ("Niềm tin", "Belief"),
        (
            ("dư luận nghi ngờ", "people doubt it"),
            ("lẫn lộn", "mixed"),
            ("phần đông tin", "most believe it"),
            ("tin và làm theo", "believed and acted upon"),
        ),
    ),
    "vulnerable": (
        ("Tính dễ tổn thương", "Vulnerable people"),
        (
            ("không", "none"),
            ("nhóm nhỏ", "a small group"),
            ("vùng thiên tai, trẻ em, dân tộc thiểu số", "disaster areas, children, ethnic minorities"),
            ("đang có thiên tai, dịch, sự cố", "a disaster, epidemic or accident is going on"),
        ),
    ),
    "offline": (
        ("Hành động ngoài đời", "Acts offline"),
        (
            ("không", "none"),
            ("hỏi, gọi đường dây nóng", "questions, calls to the hotline"),
            ("bỏ việc, rút tiền, tranh mua, sơ tán tự phát", "leaving work, withdrawals, panic buying, flight"),
            ("tụ tập, đập phá, chặn đường", "crowds, damage, road blocks"),
        ),
    ),
}
_LEVELS = ((15, 4), (10, 3), (5, 2), (0, 1))  # from this sum on

# Why a level may not be lower than it is, whatever the sum: key → words.
FLOORS: Mapping[str, Label] = {
    "harm": (
        "tác hại đến an toàn, tính mạng, an ninh: từ Cấp 3",
        "harm to safety, lives or security: at least level 3",
    ),
    "safety": ("có nguy hiểm cho người: từ Cấp 3", "people are in danger: at least level 3"),
    "offline": ("đã tụ tập, đập phá, chặn đường: Cấp 4", "crowds, damage, road blocks: level 4"),
    "harmful_content": ("thông tin xấu, độc: từ Cấp 3", "harmful content: at least level 3"),
    "disaster": ("đang có thiên tai đã công bố: từ Cấp 3", "a disaster has been announced: at least level 3"),
}


@dataclass(frozen=True)
class Result:
    """What the answers give. ``score`` 0–21, ``by_score`` the level of the sum alone, ``floors`` keys of FLOORS."""

    score: int
    by_score: int
    level: int
    floors: tuple[str, ...]


def checked(answers: Mapping[str, str | int | None]) -> dict[str, int]:
    """Every question answered 0–3. Raises ``BadInput`` naming the first that is not."""
    made = {}
    for key, (words, _) in QUESTIONS.items():
        given = str(answers.get(key, "")).strip()
        if given not in ("0", "1", "2", "3"):
            raise BadInput(key, f"Chọn một trả lời cho “{words[0]}”.", f"Choose an answer for “{words[1]}”.")
        made[key] = int(given)
    return made


def assess(answers: Mapping[str, int], facts: Mapping[str, object]) -> Result:
    """The level that seven answers 0–3 and the incident's facts give, and which floors raised it."""
    score = sum(answers[key] for key in QUESTIONS)
    by_score = next(level for least, level in _LEVELS if score >= least)
    floors = {
        "harm": 3 if answers["harm"] == 3 else 0,
        "safety": 3 if facts.get("safety") is True else 0,
        "offline": 4 if answers["offline"] == 3 else 0,
        "harmful_content": 3 if facts.get("kind") == "harmful_content" else 0,
        "disaster": 3 if facts.get("category") == "disaster" and facts.get("disaster_announced") is True else 0,
    }
    level = max(by_score, *floors.values())
    return Result(score, by_score, level, tuple(key for key, floor in floors.items() if floor > by_score))
