"""Where people work: the one place that wires the desk together."""

from hashlib import sha256
from hmac import digest
from importlib.metadata import version

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from desk import compressed, edge, guard, language, settings
from incidents.db import db

VERSION = version("crisis-desk")
MAX_BODY = 64 * 1024 * 1024  # three pictures of 20 MB: what is larger is refused by the form, with its text kept


def create_app(chosen: settings.Settings | None = None) -> Flask:
    """The Flask application for ``chosen`` settings, or for the environment's."""
    chosen = chosen or settings.read()
    app = Flask(__name__)
    app.config.update(_config(chosen))
    db.init_app(app)
    Bootstrap5(app)
    language.init_app(app)
    guard.init_app(app)
    edge.init_app(app)
    compressed.init_app(app)
    _register_screens(app)
    if chosen.trusted_proxies:
        n = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _config(chosen: settings.Settings) -> dict[str, object]:
    cookie = "__Host-desk" if chosen.is_https else "desk"
    return {
        "SETTINGS": chosen,
        "SECRET_KEY": chosen.secret_key,
        # Its own key, outside the database: who can write the tables cannot make a chain that verifies.
        "TIMELINE_KEY": digest(settings.kept_key(chosen.data_dir, "timeline.key"), b"timeline", sha256),
        "DATA_DIR": str(chosen.data_dir),
        "BASE_URL": chosen.base_url,
        "REHEARSAL": chosen.is_rehearsal,
        "SQLALCHEMY_DATABASE_URI": chosen.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(chosen.database_url),
        "SESSION_COOKIE_NAME": cookie,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": chosen.is_https,
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives with the session (promises F23)
        "BOOTSTRAP_SERVE_LOCAL": True,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    }


def _engine_options(url: str) -> dict[str, object]:
    if url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False}}
    return {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


def _register_screens(app: Flask) -> None:
    from desk import login
    from desk.screens import SCREENS

    for screen in (login, *SCREENS):
        app.register_blueprint(screen.bp)
