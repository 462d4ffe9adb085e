"""Kept files: bytes on disk by their SHA-256, a row that names them. The original is never changed."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from flask import current_app
from PIL import Image, ImageOps
from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from incidents.db import Base, UtcDateTime, db, utc_now
from incidents.errors import BadFile
from incidents.text import clean

MAX_BYTES = 20 * 1024 * 1024  # what a bot may download from Telegram; the web keeps to the same
MAX_PIXELS = 50_000_000
_SHOWN_SIDE = 1600  # pixels of the longer side of the copy that is shown
_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class StoredFile(Base):
    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    media_type: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200), default="")
    captured_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Picture:
    """A picture that is checked and lies on disk; its row comes with the transaction of what it belongs to."""

    sha256: str
    size: int
    media_type: str
    name: str


def write_picture(content: bytes, name: str = "") -> Picture:
    """Check, write and fsync a picture (JPEG, PNG or WebP, at most 20 MB). Before a transaction, which must not wait for it.

    Raises ``BadFile`` for anything else. The shown copy is re-encoded, so that EXIF and GPS stay in the original only.
    """
    media_type, shown = _decode(content)
    digest = hashlib.sha256(content).hexdigest()
    _write(path_of(digest), content)
    _write(path_of(digest, shown=True), shown)
    return Picture(digest, len(content), media_type, clean(name)[:200])


def write_pictures(pictures: Sequence[tuple[str, bytes]]) -> list[Picture]:
    """The same for several, (name, content) each."""
    return [write_picture(content, name) for name, content in pictures]


def keep(picture: Picture) -> StoredFile:
    """The row that names a written picture, added to the session."""
    row = StoredFile(**asdict(picture), captured_at=utc_now())
    db.session.add(row)
    return row


def check_picture(content: bytes) -> None:
    """Raises ``BadFile`` for what ``write_picture`` would refuse."""
    _decode(content)


def path_of(sha256: str, *, shown: bool = False) -> Path:
    """Where the original, or the copy for showing, lies on disk."""
    root = Path(current_app.config["DATA_DIR"]) / ("shown" if shown else "files")
    return root / sha256[:2] / (f"{sha256}.jpg" if shown else sha256)


def _decode(content: bytes) -> tuple[str, bytes]:
    if not content:
        raise BadFile(why="tệp trống", why_en="the file is empty")
    if len(content) > MAX_BYTES:
        megabytes = len(content) / 1024 / 1024
        raise BadFile(why=f"tệp {megabytes:.0f} MB, tối đa 20 MB", why_en=f"{megabytes:.0f} MB, at most 20 MB")
    try:
        return _shown_copy(content)
    except BadFile:
        raise
    except (
        Exception
    ) as error:  # a broken file makes the decoder raise whatever it likes: it is a bad file, never a fault
        raise BadFile(why="không đọc được ảnh", why_en="the picture cannot be read") from error


def _shown_copy(content: bytes) -> tuple[str, bytes]:
    with Image.open(BytesIO(content)) as picture:
        if picture.format not in _PICTURES or picture.width * picture.height > MAX_PIXELS:
            raise BadFile(why="chỉ nhận ảnh JPEG, PNG, WebP", why_en="only JPEG, PNG and WebP pictures")
        media_type = _PICTURES[picture.format]
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    out = BytesIO()
    upright.save(out, "JPEG", quality=82)
    return media_type, out.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a temporary name, fsync of file and folder, then the real name (promises R16, R17)."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
