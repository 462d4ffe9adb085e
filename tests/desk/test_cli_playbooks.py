"""Playbooks from the shell: a file is checked with its line, taken out, and taken in as a draft."""

from pathlib import Path

from tests.desk.test_cli import Shell, shell

__all__ = ["shell"]
PB01 = "pb01_false_info_social"


def test_a_playbook_is_taken_out_changed_and_taken_in(shell: Shell, tmp_path: Path) -> None:
    written = shell.type("playbook", "export", PB01)
    assert written.exit_code == 0
    file = tmp_path / "mine.toml"
    file.write_text(written.stdout.replace("amount = 30", "amount = 20", 1), "utf-8")
    assert shell.ok("playbook", "check", str(file)) == {"playbooks": 1, "steps": 13, "faults": 0}
    made = shell.ok("playbook", "import", str(file), "--by", "chi")
    assert made == {"key": PB01, "version": 2, "state": "draft"}
    assert {row["draft"] for row in shell.ok("playbook", "list") if row["code"] == "PB-01"} == {2}
    assert "amount = 20" in shell.type("playbook", "export", PB01, "--version", "2").stdout
    assert "đã có bản thảo" in shell.refused("playbook", "import", str(file), "--by", "chi")


def test_a_broken_file_is_told_with_file_and_line(shell: Shell, tmp_path: Path) -> None:
    text = shell.type("playbook", "export", PB01).stdout
    broken = tmp_path / "broken.toml"
    broken.write_text(text.replace('roles = ["duty"]', 'roles = ["sheriff"]', 1), "utf-8")
    line = next(n for n, row in enumerate(broken.read_text("utf-8").splitlines(), 1) if "sheriff" in row)
    assert shell.refused("playbook", "check", str(broken)).startswith(f"broken.toml:{line}: ")
    assert f"dòng {line}" in shell.refused("playbook", "import", str(broken), "--by", "chi")
    both = shell.type("playbook", "check", str(broken), str(broken))
    assert both.exit_code == 1
    assert len(both.stderr.strip().splitlines()) == 2
    binary = tmp_path / "latin.toml"
    binary.write_bytes(b"key = 'a'\nname = '\xff'\n")
    assert shell.refused("playbook", "import", str(binary), "--by", "chi").startswith("latin.toml:2: ")


def test_who_may_not_edit_takes_nothing_in(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(shell.type("playbook", "export", PB01).stdout, "utf-8")
    assert "cần quyền" in shell.refused("playbook", "import", str(file), "--by", "an")
    assert "no playbook pb99" in shell.refused("playbook", "export", "pb99")
    assert "Không tìm thấy" in shell.refused("playbook", "export", PB01, "--version", "9")
