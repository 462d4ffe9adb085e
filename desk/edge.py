"""The edge of the web: refusals become pages with one clear sentence, health and figures are answered, nothing leaks."""

import logging
import secrets
from hmac import compare_digest

from flask import Blueprint, Flask, Response, g, jsonify, render_template, request
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from desk import frame, metrics
from desk.guard import policy
from desk.language import _, current
from incidents import errors, migrations
from incidents.db import db, utc_now
from incidents.telling.alerts import waiting_since

log = logging.getLogger("desk")
bp = Blueprint("edge", __name__)

STATUS: dict[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.TooManyTries: 429,
    errors.BadInput: 400,
    errors.BadFile: 400,
    errors.StateSecret: 400,
    errors.Refusal: 409,
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    frame.init_app(app)
    app.register_error_handler(errors.Refusal, show_refusal)
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(OperationalError, show_busy)
    app.register_error_handler(StaleDataError, show_stale)
    for out_of_range in (DataError, OverflowError):
        app.register_error_handler(out_of_range, show_out_of_range)
    app.register_error_handler(Exception, show_fault)


def status_of(refusal: errors.Refusal) -> int:
    return next(code for kind, code in STATUS.items() if isinstance(refusal, kind))


def show_refusal(refusal: errors.Refusal) -> tuple[str, int]:
    """A verb said no: its own sentence, the status that fits."""
    code = status_of(refusal)
    if code == 404:
        return page(404, _("Không tìm thấy, hoặc không có quyền xem."))
    return page(code, refusal.text(current()))


def show_http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if isinstance(error, RequestEntityTooLarge):
        megabytes = (request.content_length or 0) / 1024 / 1024
        return page(
            413,
            _("Dữ liệu gửi lên {size} MB, tối đa 64 MB. Bớt ảnh rồi gửi lại; bản nháp vẫn còn.").format(
                size=f"{megabytes:.0f}"
            ),
        )
    if error.code is None or error.code < 400:
        return error
    texts = {
        400: _("Yêu cầu không đọc được. Quay lại trang trước và thử lại."),
        403: _("Không được phép."),
        404: _("Không tìm thấy, hoặc không có quyền xem."),
        405: _("Địa chỉ này không nhận thao tác vừa gửi."),
    }
    return page(error.code, texts.get(error.code, _("Không thực hiện được.")))


def show_stale(error: StaleDataError) -> tuple[str, int]:
    """Two changed the same row at the same moment: the second is told, nothing of his is half done."""
    db.session.rollback()
    return show_refusal(errors.StaleVersion())


def show_out_of_range(error: Exception) -> tuple[str, int]:
    """A number or a text no column holds, which no form of ours sends."""
    log.warning("out of range: %s", type(error).__name__)
    db.session.rollback()
    g.bare_page = True
    return page(400, _("Yêu cầu không đọc được. Quay lại trang trước và thử lại."))


def show_busy(error: OperationalError) -> tuple[str, int]:
    """The database is locked or away: the page keeps what was posted and tries again (promises R15)."""
    log.warning("database busy: %s", type(error.orig).__name__)
    db.session.rollback()
    g.bare_page = True
    fields = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token" and "password" not in k]
    body = render_template("busy.html", fields=fields, path=request.full_path, again=request.method == "POST")
    return body, 503


def show_fault(error: Exception) -> tuple[str, int]:
    """The last resort: a code people can read out, the trace in the log only."""
    code = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
    log.error("fault %s", code, exc_info=error)
    db.session.rollback()
    g.bare_page = True
    return page(500, _("Có lỗi, mã {code}. Lần bấm vừa rồi chưa lưu; bản nháp vẫn còn.").format(code=code))


def page(code: int, sentence: str) -> tuple[str, int]:
    return render_template("error.html", code=code, sentence=sentence), code


@bp.get("/healthz")
@policy("public")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@bp.get("/readyz")
@policy("public")
def readyz() -> tuple[Response, int]:
    """Database, schema, worker and outbox are fit for work; 503 names what is not."""
    faults = []
    try:
        db.session.execute(text("SELECT 1"))
        if migrations.current() != migrations.head():
            faults.append("schema")
        if metrics.worker_is_stopped(utc_now()):
            faults.append("worker")
        if waiting_since(utc_now()):
            faults.append("outbox")
    except OperationalError:
        faults.append("database")
    return jsonify(status="fail" if faults else "ok", faults=faults), 503 if faults else 200


@bp.get("/version")
@policy("public")
def version() -> Response:
    from desk import VERSION

    return jsonify(version=VERSION)


@bp.get("/metrics")
@policy("public")
def figures() -> Response:
    """Prometheus text, to this machine or with the token of the data folder only."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if request.remote_addr not in ("127.0.0.1", "::1") and not compare_digest(token.encode(), metrics.token().encode()):
        return Response(status=404)
    return Response(metrics.text(), mimetype="text/plain; version=0.0.4")
