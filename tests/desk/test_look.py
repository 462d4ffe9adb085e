"""The visual ground: contrast, sizes, no inline style or script, and what the small pieces say."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template, render_template_string
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined, meta

DESK = Path(__file__).parents[2] / "desk"
CSS = (DESK / "static/desk.css").read_text()
SCRIPT = (DESK / "static/desk.js").read_text()
SPRITE = (DESK / "static/icons.svg").read_text()
TEMPLATES = sorted((DESK / "templates").rglob("*.html"))
NOW = datetime(2026, 10, 15, 20, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MAY_READ = {"me", "lang", "theme", "nav", "on_duty", "duty", "banners", "server_now", "version", "rehearsal_chat_url"}
FROM_FLASK = {"_", "url_for", "csrf_token", "get_flashed_messages", "self", "dict", "request"}


def tokens(opening: str) -> dict[str, str]:
    """Colour tokens of the rule that begins with opening: name → #RRGGBB."""
    body = CSS.split(opening, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", body))


THEMES = {"light": tokens(":root {"), "dark": tokens(':root[data-bs-theme="dark"] {')}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1–21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


READ = [(ink, ground) for ink in ("ink", "muted", "primary") for ground in ("page", "card", "sunk")]
READ += [("on-primary", "primary"), ("drill", "drill-bg"), ("primary", "drill-bg"), ("primary", "info-bg")]
READ += [(state, ground) for state in ("done", "soon", "late", "info") for ground in ("page", "card", "sunk")]
READ += [(state, f"{state}-bg") for state in ("done", "soon", "late", "info")]
READ += [(text, f"{state}-bg") for text in ("ink", "muted") for state in ("done", "soon", "late", "info")]
READ += [(text, "late-bg") for text in ("primary", "soon", "info")] + [(f"s{n}", f"s{n}-bg") for n in range(1, 5)]
SEEN = [(edge, ground) for edge in ("edge", "focus") for ground in ("page", "card")]
SEEN += [(f"s{n}-edge", ground) for n in range(1, 5) for ground in ("page", "card")]
SEEN += [(state, "sunk") for state in ("primary", "soon", "late")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), SEEN)
def test_an_edge_stands_out_from_its_ground(theme: str, edge: str, ground: str) -> None:
    assert contrast(THEMES[theme][edge], THEMES[theme][ground]) >= 3


def test_the_dark_of_the_system_is_the_dark_of_the_member() -> None:
    assert tokens(':root:not([data-bs-theme="light"]) {') == THEMES["dark"]
    assert THEMES["dark"].keys() == THEMES["light"].keys()


def test_severity_grows_darker_with_each_level_on_a_grey_printer() -> None:
    fills = [luminance(THEMES["light"][f"s{level}-bg"]) for level in range(1, 5)]
    assert fills == sorted(fills, reverse=True)
    assert len(set(fills)) == 4


@pytest.mark.parametrize(("name", "most"), [("desk.js", 15_000), ("icons.svg", 4_000), ("favicon.svg", 1_000)])
def test_a_file_keeps_its_size(name: str, most: int) -> None:
    assert (DESK / "static" / name).stat().st_size <= most


def test_the_style_sheet_keeps_its_size_on_the_wire() -> None:
    assert len(gzip.compress(CSS.encode(), 9)) <= 8_000


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|<style\b|javascript:", text, re.IGNORECASE)
    assert all('src="' in tag for tag in re.findall(r"<script\b[^>]*>", text))


def test_the_style_sheet_and_script_ask_nothing_of_another_host() -> None:
    links = re.findall(
        r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", re.sub(r"^\s*//.*|/\*.*?\*/", "", CSS + SCRIPT, flags=re.M | re.S)
    )
    assert links == []


def test_every_drawing_asked_for_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9]+)"', SPRITE))
    source = "".join(path.read_text() for path in TEMPLATES)
    asked = set(re.findall(r'icon\("([a-z0-9]+)"\)', source)) | {f"sev{level}" for level in range(1, 5)}
    assert asked <= drawn
    assert {"plus", "board", "inbox", "steps", "fail", "address", "admin"} <= drawn
    assert len(drawn) <= 30


def test_the_script_speaks_only_words_the_page_gives_it() -> None:
    said = {re.sub(r"([A-Z])", lambda m: "-" + m[1].lower(), name) for name in re.findall(r"\bT\.(t[A-Z]\w+)", SCRIPT)}
    given = set(re.findall(r"data-(t-[a-z-]+)=", (DESK / "templates/base.html").read_text()))
    assert said == given
    assert not re.search("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", SCRIPT, re.IGNORECASE)


@pytest.fixture
def app() -> Flask:
    app = Flask("look", template_folder=str(DESK / "templates"), static_folder=str(DESK / "static"))
    app.config.update(SECRET_KEY="a key for this test", BOOTSTRAP_SERVE_LOCAL=True)
    Bootstrap5(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(_=lambda text: text, csrf_token=lambda: "token")
    return app


def show(app: Flask, source: str, **values: object) -> str:
    """What source prints with the macros at hand, tags taken away, spaces joined."""
    with app.test_request_context("/incidents"):
        html = render_template_string(
            '{% import "macros.html" as ui with context %}' + source, server_now=NOW, **values
        )
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def clock(minutes: int, **more: object) -> SimpleNamespace:
    values = {"label": "Phát ngôn", "due_at": (NOW + timedelta(minutes=minutes)).astimezone(UTC), "hard": True, "state": "running", "share": 0.5,
              "remaining": f"còn {minutes} phút", "late": minutes < 0, "soon": 0 <= minutes < 60, "waiting_for": ""}  # fmt: skip
    return SimpleNamespace(**(values | more))


def page(app: Flask, **values: object) -> str:
    common: dict[str, object] = {
        "me": SimpleNamespace(name="Nguyễn Hoài An", initials="An", roles=["Cán bộ trực"]), "lang": "vi", "theme": "auto", "banners": [], "version": "1.4.2",
        "nav": [SimpleNamespace(href="/incidents", label="Bảng trực", count=3, icon="board", current=True)], "on_duty": [SimpleNamespace(name="An", phone="0912 345 678")],
        "duty": SimpleNamespace(gap=True, next="Mai 06:00 24/11"),
        "server_now": NOW, "rehearsal_chat_url": None,
    }  # fmt: skip
    with app.test_request_context("/incidents?q=vo+dap"):
        return render_template("base.html", **(common | values))


def test_the_frame_reads_only_what_the_desk_gives_every_page(app: Flask) -> None:
    for name in ("base.html", "macros.html"):
        tree = app.jinja_env.parse((DESK / "templates" / name).read_text())
        assert meta.find_undeclared_variables(tree) <= MAY_READ | FROM_FLASK


def test_a_signed_out_visitor_sees_no_rail_search_or_account(app: Flask) -> None:
    html = page(app, me=None, nav=[])
    assert 'id="rail"' not in html
    assert 'role="search"' not in html
    assert 'data-live-seconds="0"' in html


def test_a_chosen_theme_is_written_and_the_automatic_one_is_not(app: Flask) -> None:
    assert '<html lang="vi" data-bs-theme="dark">' in page(app, theme="dark")
    assert '<html lang="vi">' in page(app, theme="auto")


def test_banners_stand_in_their_order_and_telegram_says_it_is_cut_off(app: Flask) -> None:
    banners = [
        SimpleNamespace(kind="telegram", text="Telegram không kết nối được từ 02:14."),
        SimpleNamespace(kind="drill", text="DIỄN TẬP"),
    ]
    html = page(app, banners=banners)
    assert html.index("band-drill") < html.index("band-telegram")
    assert "Telegram: không kết nối" in html
    assert "Telegram: thông" not in html


def test_a_preference_returns_to_the_page_it_was_chosen_on(app: Flask) -> None:
    assert 'name="next" value="/incidents?q=vo+dap"' in page(app)


@pytest.mark.parametrize(("level", "word"), [(1, "Theo dõi"), (2, "Sự cố"), (3, "Nghiêm trọng"), (4, "Khủng hoảng")])
def test_a_badge_says_its_number_and_its_word(app: Flask, level: int, word: str) -> None:
    assert show(app, "{{ ui.severity(level) }}", level=level) == f"Cấp {level}, {word}"
    assert show(app, "{{ ui.severity(level, true, long=true) }}", level=level) == f"Cấp {level} · {word} đề xuất"


def test_a_running_clock_shows_local_time_and_what_remains(app: Flask) -> None:
    assert show(app, "{{ ui.due(clock) }}", clock=clock(18)) == "Phát ngôn 20:58 (còn 18 phút)"
    assert show(app, "{{ ui.due(clock) }}", clock=clock(600)) == "Phát ngôn 06:40 16/10 (còn 600 phút)"


def test_a_clock_without_its_anchor_says_what_it_waits_for(app: Flask) -> None:
    waiting = clock(0, state="waiting", due_at=None, waiting_for="kết luận")
    assert show(app, "{{ ui.due(clock) }}{{ ui.bar(clock) }}", clock=waiting) == "Phát ngôn chờ mốc kết luận"


def test_an_entry_shows_both_times_only_when_they_lie_apart(app: Flask) -> None:
    entry = {"id": 1, "happened_at": NOW, "who": "Giang", "text": "Đập bình thường", "source": "Telegram"}
    near = SimpleNamespace(**entry, recorded_at=NOW + timedelta(minutes=5))
    far = SimpleNamespace(**entry, recorded_at=NOW + timedelta(minutes=6))
    assert show(app, "{{ ui.entry(e) }}", e=near) == "20:40 Giang · Telegram Đập bình thường"
    assert show(app, "{{ ui.entry(e) }}", e=far) == "20:40 Giang · Telegram (ghi 20:46) Đập bình thường"


def test_a_failed_alert_says_why_and_where_it_went(app: Flask) -> None:
    alert = SimpleNamespace(
        person="Lê Thị Hà", channel="Telegram", state="failed", reason="chặn bot", moved_to="e-mail"
    )
    assert (
        show(app, "{{ ui.delivery([a]) }}", a=alert) == "Lê Thị Hà · Telegram · lỗi – chặn bot – đã chuyển sang e-mail"
    )


def test_a_wrong_field_is_tied_to_its_error_and_escapes_what_was_typed(app: Flask) -> None:
    source = '{% import "macros.html" as ui with context %}{{ ui.field("place", "Nơi", typed, error="Chưa rõ nơi", hint="Xã, phường") }}'
    with app.test_request_context("/"):
        html = render_template_string(source, server_now=NOW, typed='"><script>')
    assert 'aria-describedby="f-place-hint f-place-error"' in html
    assert 'id="f-place-error"' in html
    assert "<script>" not in html


def test_a_text_area_keeps_a_first_empty_line(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            '{% import "macros.html" as ui with context %}{{ ui.field("text", "Chữ", "\\nhai", kind="textarea") }}',
            server_now=NOW,
        )
    assert ">\n\nhai</textarea>" in html
