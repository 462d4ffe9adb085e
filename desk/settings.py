"""Every setting: its name in the environment, its type, its default and what it means. A wrong value stops the start.

A secret may also stand in a file: ``DESK_SECRET_KEY_FILE`` names one that holds the value of ``DESK_SECRET_KEY``.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(ValueError):
    """A setting that cannot be used; the text names it and says what is expected."""


@dataclass(frozen=True)
class Settings:
    """Values as the desk uses them. ``meaning`` of each is what README and ``desk doctor`` print."""

    data_dir: Path = field(metadata={"env": "DESK_DATA_DIR", "default": "./var", "meaning": "folder of data and keys"})
    database_url: str = field(
        metadata={
            "env": "DESK_DATABASE_URL",
            "default": "SQLite in the data folder",
            "meaning": "sqlite:/// or postgresql://",
        }
    )
    secret_key: str = field(
        metadata={
            "env": "DESK_SECRET_KEY",
            "default": "made and kept in the data folder",
            "meaning": "signs and encrypts",
        }
    )
    bind: str = field(
        metadata={"env": "DESK_BIND", "default": "127.0.0.1:8000", "meaning": "address and port of the web"}
    )
    base_url: str = field(
        metadata={"env": "DESK_BASE_URL", "default": "http:// + DESK_BIND", "meaning": "the desk's address in messages"}
    )
    telegram_token: str = field(
        metadata={"env": "DESK_TELEGRAM_TOKEN", "default": "none: rehearsal chat", "meaning": "token of the bot"}
    )
    telegram_api_url: str = field(
        metadata={
            "env": "DESK_TELEGRAM_API_URL",
            "default": "https://api.telegram.org",
            "meaning": "root of a Bot API server, without /bot",
        }
    )
    telegram_proxy: str = field(
        metadata={"env": "DESK_TELEGRAM_PROXY", "default": "none", "meaning": "proxy for calls to the Bot API"}
    )
    smtp_url: str = field(metadata={"env": "DESK_SMTP_URL", "default": "none", "meaning": "mail server (not used yet)"})
    rehearsal_port: int = field(
        metadata={
            "env": "DESK_REHEARSAL_PORT",
            "default": "8001",
            "meaning": "port of the rehearsal chat, loopback only",
        }
    )
    trusted_proxies: int = field(
        metadata={
            "env": "DESK_TRUSTED_PROXIES",
            "default": "0",
            "meaning": "reverse proxies in front, for client addresses",
        }
    )

    @property
    def is_rehearsal(self) -> bool:
        """Example members and data, nothing leaves the machine; a mark in the data folder, set when it was seeded."""
        return (self.data_dir / "rehearsal").exists()

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def rehearsal_url(self) -> str:
        """Another host name than the desk's, so that no cookie is shared (promises S38)."""
        return f"http://localhost:{self.rehearsal_port}"


def read(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises ``BadSetting``; makes the data folder and the secret key on first use."""
    env = os.environ if env is None else env
    data_dir = Path(env.get("DESK_DATA_DIR") or "./var").resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    bind = env.get("DESK_BIND") or "127.0.0.1:8000"
    base_url = (env.get("DESK_BASE_URL") or f"http://{bind}").rstrip("/")
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(env.get("DESK_DATABASE_URL") or f"sqlite:///{data_dir / 'desk.sqlite3'}"),
        secret_key=_secret(env, "DESK_SECRET_KEY") or kept_key(data_dir, "secret.key").hex(),
        bind=_host_and_port("DESK_BIND", bind),
        base_url=_url("DESK_BASE_URL", base_url),
        telegram_token=_secret(env, "DESK_TELEGRAM_TOKEN"),
        telegram_api_url=_url(
            "DESK_TELEGRAM_API_URL", (env.get("DESK_TELEGRAM_API_URL") or "https://api.telegram.org").rstrip("/")
        ),
        telegram_proxy=env.get("DESK_TELEGRAM_PROXY", ""),
        smtp_url=_secret(env, "DESK_SMTP_URL"),
        rehearsal_port=_number(env, "DESK_REHEARSAL_PORT", 8001, 65_535),
        trusted_proxies=_number(env, "DESK_TRUSTED_PROXIES", 0, 5),
    )


def kept_key(data_dir: Path, name: str) -> bytes:
    """32 random bytes, made once and kept in the data folder, readable by the desk's own user only."""
    path = data_dir / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text("ascii").strip())
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_bytes(32)
        file.write(key.hex())
        file.flush()
        os.fsync(file.fileno())
    return key


def _secret(env: Mapping[str, str], name: str) -> str:
    if path := env.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE: {path}: {error.strerror}") from error
    return env.get(name, "").strip()


def _database_url(url: str) -> str:
    """psycopg 3 is the PostgreSQL driver; a plain ``postgresql://`` is meant so."""
    scheme = url.split(":", 1)[0]
    if scheme in ("postgres", "postgresql"):
        return "postgresql+psycopg" + url[len(scheme) :]
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise BadSetting(f"DESK_DATABASE_URL: begins with sqlite:/// or postgresql://, not {scheme}:")
    return url


def _host_and_port(name: str, value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise BadSetting(f"{name}: an address and a port such as 127.0.0.1:8000, not {value!r}")
    return value


def _url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(f"{name}: an address such as https://desk.example, not {value!r}")
    return value


def _number(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = env.get(name, "") or str(default)
    if not value.isdecimal() or int(value) > most:
        raise BadSetting(f"{name}: a whole number from 0 to {most}, not {value!r}")
    return int(value)


def described() -> list[tuple[str, str, str]]:
    """``(name, default, meaning)`` of every setting, for documents and the doctor."""
    return [(f.metadata["env"], f.metadata["default"], f.metadata["meaning"]) for f in fields(Settings)]
