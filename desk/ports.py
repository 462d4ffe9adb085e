"""Which address is free, and how child processes learn that theirs has moved."""

import os
import socket

from desk.settings import Settings


def is_free(bind: str) -> bool:
    """Whether somebody could listen at ``host:port`` now."""
    host, _, port = bind.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError:
            return False
    return True


def next_free(bind: str, *, besides: int = 0) -> str:
    """``bind``, or the same host at the next free port (at most 50 further)."""
    host, _, port = bind.rpartition(":")
    for candidate in range(int(port), int(port) + 50):
        if candidate != besides and is_free(f"{host}:{candidate}"):
            return f"{host}:{candidate}"
    return bind


def tell_children(chosen: Settings) -> None:
    """Child processes read the same environment; only what has moved is set."""
    os.environ["DESK_BIND"] = chosen.bind
    os.environ["DESK_BASE_URL"] = chosen.base_url
    os.environ["DESK_REHEARSAL_PORT"] = str(chosen.rehearsal_port)
