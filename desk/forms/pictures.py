"""Pictures that came with a form: read and looked through before anything is written."""

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from incidents.errors import BadFile
from incidents.files import MAX_BYTES, check_picture

MOST = 10


def read(uploads: Iterable[FileStorage]) -> list[tuple[str, bytes]]:
    """(name, content) of each picture chosen. Raises ``BadFile`` for more than ten, and for what is no picture."""
    chosen = [upload for upload in uploads if upload.filename]
    if len(chosen) > MOST:
        raise BadFile(why=f"mỗi lần tối đa {MOST} ảnh", why_en=f"at most {MOST} pictures at a time")
    return [_read_one(upload) for upload in chosen]


def _read_one(upload: FileStorage) -> tuple[str, bytes]:
    content = upload.read(MAX_BYTES + 1)
    check_picture(content)
    return upload.filename or "", content
