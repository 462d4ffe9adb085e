"""A rehearsal desk as a first-time user gets it: ``desk run`` on an empty folder, and a browser to look at it."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",  # the tests run as root on a bare machine
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Rehearsal:
    """``desk run`` with its web server, worker and chat, until closed."""

    def __init__(self, folder: Path) -> None:
        port, chat_port = free_port(), free_port()
        self.url, self.chat_url = f"http://127.0.0.1:{port}", f"http://localhost:{chat_port}"
        self.env = os.environ | {
            "DESK_DATA_DIR": str(folder),
            "DESK_BIND": f"127.0.0.1:{port}",
            "DESK_REHEARSAL_PORT": str(chat_port),
            "WEB_CONCURRENCY": "1",
            "PYTHONUNBUFFERED": "1",
        }
        for name in ("DESK_TELEGRAM_TOKEN", "DESK_DATABASE_URL", "DESK_BASE_URL"):
            self.env.pop(name, None)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "desk.cli", "run"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = self._read_welcome()
        self.password = re.search(r"password (.+):$", self.said, re.MULTILINE)[1]  # type: ignore[index]
        self.link = re.search(r"Desk\s+(\S+)", self.said)[1]  # type: ignore[index]
        self._wait_for(f"{self.url}/healthz")

    def _read_welcome(self) -> str:
        lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line)
            if "chi " in line:
                return "".join(lines)
        assert self.process.stderr is not None
        raise RuntimeError("desk run ended: " + self.process.stderr.read())

    def _wait_for(self, address: str) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(address, timeout=2)  # noqa: S310 - our own server
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{address} does not answer")

    def close(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        self.process.communicate(timeout=40)
        return self.process.returncode


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


def context(opened: Browser, *, dark: bool = False, width: int = 1280, script: bool = True) -> BrowserContext:
    return opened.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 640},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )


def sign_in(page: Page, desk: Rehearsal, username: str) -> None:
    page.goto(f"{desk.url}/login")
    page.fill("main [name=username]", username)
    page.fill("main [name=password]", desk.password)
    page.press("main [name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
