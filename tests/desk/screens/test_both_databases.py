"""Every page and the main forms on SQLite and on PostgreSQL: what one accepts the other must, too."""

import re

from flask import Flask
from sqlalchemy import update

from incidents.cases import intake, quick_reports, triage
from incidents.db import db, transaction, utc_now
from incidents.people import members, sessions
from incidents.people.models import Member
from tests import cast
from tests.desk.screens.conftest import Browser, picture


def test_every_page_opens_and_the_main_forms_save(desk_app: Flask) -> None:
    with desk_app.app_context():
        with transaction():
            db.session.execute(update(Member).values(totp_confirmed_at=utc_now()))
        token = sessions.start(members.by_username("binh"), "127.0.0.1", "test", second_factor=True)
        quick_reports.send(cast.actor("giang"), "Tin vỡ đập", "k1", pictures=[("a.png", picture().read())], ask=False)
        hidden = intake.log(cast.actor("an"), "Việc khác", 4).code
        triage.restrict(cast.actor("son"), hidden, [1])
    client = desk_app.test_client()
    with client.session_transaction() as kept:
        kept.update(_user_id=token, _fresh=True)
    binh = Browser(client)
    fields = {
        "what": "Có tin vỡ đập",
        "severity": "3",
        "kind": "suspected_false",
        "category": "disaster",
        "place": "bao nhai",
    }
    done = binh.send("/incidents/new", **fields, nonce="n", photos=[(picture(), "đập.png")])
    here = done.location.partition("?")[0]
    page = binh.follow(done).text
    shown = re.findall(r"/files/[0-9a-f]{64}", page)
    assert shown
    for form, typed in (
        ("acknowledge", {}), ("note", {"text": "Đập bình thường", "nonce": "a"}), ("steps/fast_intake/tick", {"result": "Đã gọi"}),
        ("assign", {"agency": "pa05", "part": "support"}), ("severity", {"severity": "4", "reason": "Lan nhanh"}),
        ("edit", {"kind": "suspected_false", "category": "disaster", "place": "Bắc Hà"}), ("move", {"to": "triage"}),
    ):  # fmt: skip
        assert binh.send(f"{here}/{form}", **typed).status_code == 303, form
    assert binh.send("/quick-reports/1/link", code=here.rsplit("/", 1)[1]).status_code == 303
    assert binh.send("/drafts/incidents/new", what="đang gõ").status_code == 204
    addresses = ["/incidents", "/incidents?q=vo+dap&state=all&due=mine", "/incidents?agency=pa05&due=failed", f"{here}?entries=news", here,
                 *(f"{here}/{name}" for name in ("assign", "move", "severity", "edit", "playbook", "anchor", "restrict")), f"{here}?draft=1",
                 "/quick-reports", "/quick-reports/1", "/steps?mine", "/alerts", "/incidents/new?draft=1", shown[0]]  # fmt: skip
    for address in addresses:
        assert binh.get(address).status_code == 200, address
    assert binh.get(f"/incidents/{hidden}").status_code == 404
