"""``desk run``: the web server, the worker and, in a rehearsal, the chat, as child processes that end together."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

_CALM = 30.0  # seconds a child must live for its next restart to be at once again
_GRACE = 15.0  # seconds to end by themselves before they are killed


@dataclass
class Child:
    """One process and when it may be started again; a crash loop slows down to once in 30 s."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.0
    failures: int = field(default=0)

    def keep_running(self, now: float) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.failures = 0 if now - self.started > _CALM else self.failures + 1
            self.wait = now + min(2.0**self.failures - 1, 30.0)
            self.process = None
        if now >= self.wait:
            self.process, self.started = subprocess.Popen(self.command), now  # noqa: S603 - our own command


def desk(*arguments: str) -> list[str]:
    """A command line of this same installation."""
    return [sys.executable, "-m", "desk.cli", *arguments]


def run(commands: Sequence[Sequence[str]], *, started: Callable[[], None] = lambda: None) -> int:
    """Keep the commands running until SIGTERM or SIGINT, then end them all. Returns 0 when all ended by themselves."""
    children = [Child(command) for command in commands]
    stop = False

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    told = False
    while not stop:
        for child in children:
            child.keep_running(time.monotonic())
        if not told:
            told = True
            started()
        time.sleep(0.2)
    return _end(children)


def _end(children: Sequence[Child]) -> int:
    alive = [child.process for child in children if child.process is not None]
    for process in alive:
        process.terminate()
    deadline = time.monotonic() + _GRACE
    code = 0
    for process in alive:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = 1
    return code
