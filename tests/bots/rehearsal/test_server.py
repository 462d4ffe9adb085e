"""The stand-in as a server: loopback only, ended cleanly, answering under load."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from bots.rehearsal import Persona, StandIn, start

from .conftest import GIANG, TOKEN, ask, browse, updates

SERVE = """
from bots.rehearsal import Persona, serve
serve("1:x", port={port}, personas=[Persona(501, "Giang", "xã Bảo Nhai")])
"""


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        start(TOKEN, host="0.0.0.0")


def test_a_taken_port_is_an_error_the_caller_can_handle(stand_in: StandIn) -> None:
    port = int(stand_in.url.rpartition(":")[2])
    with pytest.raises(OSError, match="Address already in use"):
        start(TOKEN, port=port)


def test_closing_ends_a_waiting_poll_at_once() -> None:
    running = start(TOKEN, personas=[Persona(GIANG, "Giang")])
    poll = threading.Thread(target=updates, args=(running,), kwargs={"timeout": 30})
    poll.start()
    time.sleep(0.3)
    began = time.monotonic()
    running.close()
    poll.join(5)

    assert not poll.is_alive()
    assert time.monotonic() - began < 3


def test_a_process_of_its_own_ends_with_0_on_sigterm() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", SERVE.format(port=port)], env=os.environ)
    try:
        _until_answering(port)
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def _until_answering(port: int) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                assert "Giang" in page.read().decode()
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("no answer within 10 s")


def test_a_foreign_host_name_is_refused_everywhere(stand_in: StandIn) -> None:
    port = stand_in.url.rpartition(":")[2]
    for path in ("/", "/live", f"/bot{TOKEN}/getMe", f"/file/bot{TOKEN}/photos/file_1.jpg"):
        for host in ("desk.example", f"evil.example:{port}", "127.0.0.1:1", "localhost.evil.example"):
            assert browse(stand_in, path, Host=host)[0] == 403
    assert browse(stand_in, "/", Host=f"localhost:{port}")[0] == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}]
)
def test_other_sites_pages_cannot_act(stand_in: StandIn, headers: dict[str, str]) -> None:
    assert browse(stand_in, f"/say?user={GIANG}", {"text": "giả"}, **headers)[0] == 403
    assert browse(stand_in, f"/bot{TOKEN}/sendMessage?chat_id={GIANG}&text=x", **headers)[0] == 403
    assert stand_in.state.messages(GIANG) == []


def test_the_page_can_be_left_out() -> None:
    running = start(TOKEN, page=False)
    try:
        assert browse(running, "/")[0] == 404
        assert ask(running, lambda bot: bot.get_me()).is_bot
    finally:
        running.close()
