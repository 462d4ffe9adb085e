"""The `desk` command as others rely on it: names, JSON, exit codes, one line for a refusal."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk.cli import main
from playbooks.worktime import ZONE


class Shell:
    """A shell in which `desk` is typed, over one data folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"DESK_DATA_DIR": str(folder), "DESK_TELEGRAM_TOKEN": "1:test", "LANG": "C.UTF-8"}.items():
            monkeypatch.setenv(name, value)
        for name in ("DESK_DATABASE_URL", "DESK_BASE_URL", "DESK_BIND"):
            monkeypatch.delenv(name, raising=False)

    def type(self, *words: str, given: str = "") -> Result:
        return CliRunner().invoke(main, list(words), input=given)

    def ok(self, *words: str, given: str = "") -> Any:
        result = self.type(*words, "--json", given=given)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *words: str) -> str:
        result = self.type(*words)
        assert result.exit_code == 1, result.output
        assert len(result.stderr.strip().splitlines()) == 1
        return result.stderr.strip()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(tmp_path, monkeypatch)
    made.ok("init", "--pack", "2025", "--admin", "chi")
    for username, role in (("an", "duty"), ("binh", "lead"), ("son", "deputy")):
        words = ("member", "add", username, "--name", f"Người {username}", "--agency", "so_vhttdl", "--role", role)
        made.ok(*words, "--password-stdin", given="ba con trâu gặm cỏ\n")
    return made


def test_init_makes_one_administrator_once(shell: Shell) -> None:
    again = shell.ok("init")
    assert again["admin"] is None
    assert [m["username"] for m in shell.ok("member", "list") if "admin" in m["roles"]] == ["chi"]


def test_the_main_job_from_the_shell(shell: Shell) -> None:
    logged = shell.ok(
        "incident", "log", "--what", "Tin vỡ đập", "--kind", "suspected_false", "--severity", "2",
        "--category", "disaster", "--place", "xã Bảo Nhai", "--link", "https://x.example/1", "--by", "an",
    )  # fmt: skip
    code = logged["code"]
    assert re.fullmatch(r"TG-\d{4}-0001", code)
    assert [row["code"] for row in shell.ok("incident", "list")] == [code]
    assert shell.ok("incident", "assign", code, "x_bac_ha", "--by", "binh")["agency"] == "x_bac_ha"
    assert shell.ok("incident", "acknowledge", code, "--by", "an")["holder"] == "an"
    assert shell.ok("incident", "note", code, "đã gọi xã", "--by", "an")["code"] == code
    assert shell.ok("incident", "move", code, "triage", "--by", "an")["status"] == "triage"
    shown = shell.ok("incident", "show", code)
    assert {row["agency"] for row in shown["agencies"]} == {"so_vhttdl", "x_bao_nhai", "x_bac_ha"}
    assert shown["timeline"][0]["text"] == "Tin vỡ đập"


def test_steps_and_playbooks_from_the_shell(shell: Shell) -> None:
    code = shell.ok("incident", "log", "--what", "Tin", "--kind", "suspected_false", "--by", "an")["code"]
    steps = shell.ok("step", "list", code)
    assert steps[0]["step"] == "capture_evidence"
    assert "còn thiếu: ảnh, tệp hoặc đường dẫn" in shell.refused("step", "tick", code, "capture_evidence", "--by", "an")
    proof = ("--result", "https://laocai.gov.vn/1")
    assert shell.ok("step", "tick", code, "capture_evidence", *proof, "--by", "an")["state"] == "done"
    assert shell.ok("step", "reopen", code, "1", "--by", "an")["state"] == "open"
    assert shell.ok("step", "skip", code, "1", "--reason", "đã có ảnh", "--by", "binh")["state"] == "skipped"
    assert {p["code"] for p in shell.ok("playbook", "list")} == {f"PB-0{number}" for number in range(1, 9)}
    assert shell.ok("playbook", "check")["faults"] == 0
    assert shell.ok("playbook", "start", code, "PB-02", "--by", "an")["playbooks"] == ["PB-01", "PB-02"]


def test_a_step_is_submitted_and_approved_from_the_shell(shell: Shell) -> None:
    what = ("--what", "Tin vỡ đập", "--kind", "suspected_false", "--severity", "3", "--place", "xã Bảo Nhai")
    code = shell.ok("incident", "log", *what, "--by", "an")["code"]
    shell.ok("playbook", "start", code, "PB-02", "--by", "an")
    step, proof = (code, "short_warning"), ("--result", "https://laocai.gov.vn/1")
    assert "duyệt của" in shell.refused("step", "tick", *step, *proof, "--by", "an")
    assert shell.ok("step", "submit", *step, *proof, "--by", "an")["submitted_at"]
    assert "không tự duyệt" in shell.refused("step", "approve", *step, "--by", "an")
    assert shell.ok("step", "return", *step, "--reason", "thiếu giờ", "--by", "son")["submitted_at"] is None
    shell.ok("step", "submit", *step, "--by", "an")
    assert shell.ok("step", "approve", *step, "--by", "son")["state"] == "done"


def test_what_is_owed_and_what_came_in(shell: Shell) -> None:
    shell.ok("incident", "log", "--what", "Tin", "--by", "an")
    assert {row["state"] for row in shell.ok("outbox", "list")} == {"queued"}
    assert shell.ok("outbox", "list", "--state", "failed") == []
    assert shell.ok("outbox", "retry") == {"queued": 0}
    assert shell.ok("inbox", "list") == []
    assert shell.ok("timeline", "verify")["faults"] == 0


def test_a_link_code_is_six_digits_and_a_start_word(shell: Shell) -> None:
    code = shell.ok("member", "link-code", "an")
    assert re.fullmatch(r"\d{6}", code["code"])
    assert len(code["start"]) == 32


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("incident", "show", "SK-2020-0001"), "Không tìm thấy"),
        (("incident", "acknowledge", "SK-2020-0001", "--by", "an"), "Không tìm thấy"),
        (("incident", "log", "--what", " ", "--by", "an"), "Chưa ghi nội dung."),
        (("incident", "log", "--what", "x" * 20_000, "--by", "an"), "tối đa 10.000"),
        (("incident", "log", "--what", "x", "--by", "nobody"), "Không tìm thấy thành viên"),
        (("member", "add", "x y", "--name", "N", "--agency", "so_vhttdl", "--role", "duty"), "Tài khoản"),
        (("member", "add", "moi", "--name", "Mới", "--agency", "nowhere", "--role", "duty"), "nowhere"),
        (("playbook", "start", "SK-2020-0001", "PB-99", "--by", "an"), "Không tìm thấy"),
    ],
)
def test_a_refusal_is_one_line_in_vietnamese_and_exit_1(shell: Shell, words: tuple[str, ...], says: str) -> None:
    assert says in shell.refused(*words)


@pytest.mark.parametrize(
    "words",
    [
        ("incident", "log"),
        ("incident", "log", "--what", "x", "--severity", "9", "--by", "an"),
        ("nothing",),
        ("step", "skip", "x", "y"),
    ],
)
def test_wrong_use_is_exit_2(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.type(*words).exit_code == 2


def test_the_doctor_refuses_a_desk_that_is_not_safe_yet(shell: Shell) -> None:
    result = shell.type("doctor", "--json")
    findings = {row["id"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert findings["D02"]["refuses"]  # no https
    assert findings["D09"]["refuses"]  # no second factors
    assert findings["D05"]["ok"]
    assert findings["D06"]["ok"]
    assert "nobody is leader" in findings["D13"]["says"]


def test_an_english_shell_is_answered_in_english(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert "was not found" in shell.refused("incident", "show", "SK-2020-0001")


def test_the_roster_is_kept_and_read_from_the_shell(shell: Shell) -> None:
    day = (datetime.now(ZONE) + timedelta(days=2)).strftime("%d/%m/%Y")
    made = shell.ok("shift", "add", "an", "--from", f"06:00 {day}", "--to", f"14:00 {day}", "--note", "cổng chính")
    assert (made["agency"], made["username"]) == ("so_vhttdl", "an")
    listed = shell.ok("shift", "list", "--days", "4")
    assert [row["username"] for row in listed] == [None, "an", None], "the gaps stand between the shifts"
    assert "Trùng" in shell.refused("shift", "add", "an", "--from", f"13:00 {day}", "--to", f"15:00 {day}")
    wrong = shell.refused(
        "shift", "add", "an", "--agency", "x_bao_nhai", "--from", f"06:00 {day}", "--to", f"14:00 {day}"
    )
    assert "không xếp được vào lịch trực" in wrong
