"""One process that keeps the promises made by commits: delivery, and, as the leader, clocks, polling and fetching."""

import asyncio
import logging
import signal

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from flask import Flask

from bots import work
from desk import rehearsal, singleton
from desk.settings import Settings
from incidents import due, migrations
from incidents.db import db
from playbooks.worktime import ZONE

log = logging.getLogger("desk.worker")
TICK_SECONDS = 2


def run(app: Flask) -> int:
    """Work until SIGTERM. Returns 0; 1 when the schema is not the one this code was written for."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    with app.app_context():
        found, wanted = migrations.current(), migrations.head()
        if found != wanted:
            log.error("the schema is at %s, this worker was made for %s: run `desk init` or update", found, wanted)
            return 1
        lock = singleton.lock(db.engine, app.config["SETTINGS"].data_dir)
    asyncio.run(_work(app, lock))
    return 0


async def _work(app: Flask, lock: singleton.Lock) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    leading = Leading(lock)
    scheduler = _ticking(app, leading)
    scheduler.start()
    try:
        await work.work(app, _bot_settings(app), stop, leads=lambda: leading.now)
    finally:
        scheduler.shutdown(wait=False)
        lock.release()


class Leading:
    """Whether this worker leads; the lock is asked by the tick, never by the loops."""

    def __init__(self, lock: singleton.Lock) -> None:
        self._lock = lock
        self.now = False

    def ask(self) -> bool:
        self.now = self._lock.hold()
        return self.now


def _ticking(app: Flask, leading: Leading) -> AsyncIOScheduler:
    """APScheduler is the tick and nothing more: due times are rows (promises F16)."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = AsyncIOScheduler(timezone=ZONE, job_defaults=defaults)

    def tick() -> None:
        with app.app_context():
            try:
                if leading.ask():
                    due.sweep()
            except Exception:
                log.exception("the tick failed; the next one tries again")

    leading.ask()
    scheduler.add_job(asyncio.to_thread, "interval", args=[tick], seconds=TICK_SECONDS, id="tick")
    return scheduler


def _bot_settings(app: Flask) -> work.BotSettings:
    chosen: Settings = app.config["SETTINGS"]
    with app.app_context():
        token, api_url = rehearsal.bot(chosen)
    return work.BotSettings(token=token, api_url=api_url, proxy=chosen.telegram_proxy, base_url=chosen.base_url)
