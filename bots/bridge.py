"""The only way from async code into a verb: a thread, an app context of its own, and with it a session of its own.

Six coroutines in one app context would share one session (house 5).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from flask import Flask

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = 8


class Bridge:
    """``call`` runs one function over the bridge; what it raises (a ``Refusal`` above all) comes back as it is."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="verb")

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function``; the session is gone when it returns, so it must return plain values."""

        def in_context() -> T:
            with self.app.app_context():
                return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, in_context)

    def close(self) -> None:
        """Wait for what is under way, then end the threads."""
        self._threads.shutdown()
