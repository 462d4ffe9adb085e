"""The web server: gunicorn with threads, so that a slow client holds one thread and not the desk."""

import os
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from desk import create_app
from desk.settings import Settings


class Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, chosen: Settings) -> None:
        self._chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        for key, value in _options(self._chosen).items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Made after the fork, so that no connection is shared between processes."""
        return create_app(self._chosen)


def _options(chosen: Settings) -> dict[str, Any]:
    return {
        "bind": chosen.bind,
        "workers": int(os.environ.get("WEB_CONCURRENCY", "2")),
        "worker_class": "gthread",
        "threads": 8,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 5,
        "limit_request_line": 8_190,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112 - gunicorn's heartbeat
        "control_socket_disable": True,
        "loglevel": "warning",
    }


def serve(chosen: Settings) -> None:
    """Serve until SIGTERM; requests under way are finished first."""
    Server(chosen).run()
