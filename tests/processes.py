"""Real worker processes for tests, killed as a power cut or an out-of-memory would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from flask import Flask

TOKEN = "1:test"


def environment(app: Flask, api_url: str) -> dict[str, str]:
    """What a process of this desk must find in its environment."""
    return os.environ | {
        "DESK_DATA_DIR": app.config["DATA_DIR"],
        "DESK_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "DESK_TELEGRAM_TOKEN": TOKEN,
        "DESK_TELEGRAM_API_URL": api_url,
        "PTB_TIMEDELTA": "1",
    }


class Worker:
    """``desk worker`` as its own process."""

    def __init__(self, app: Flask, api_url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "desk.cli", "worker"],
            env=environment(app, api_url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def end(self, seconds: float = 20.0) -> tuple[int, str]:
        """SIGTERM. Returns the exit code and what it said on standard error."""
        self.process.terminate()
        _, said = self.process.communicate(timeout=seconds)
        return self.process.returncode, said.decode()


def until(condition: Callable[[], bool], seconds: float = 60.0, every: float = 0.05) -> bool:
    """Wait for a condition. False when the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(every)
    return condition()
