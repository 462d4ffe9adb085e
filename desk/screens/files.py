"""Pictures as they are shown: our own re-encoded copy, to those who may see what it belongs to."""

import re

from flask import Blueprint, abort, g, send_file
from werkzeug.wrappers import Response

from desk.guard import policy
from incidents.files import path_of
from incidents.reading import pictures

bp = Blueprint("files", __name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@bp.get("/files/<sha256>")
@policy("signed_in")
def show(sha256: str) -> Response:
    """404 alike for unknown, for broken and for not visible."""
    if not _SHA256.fullmatch(sha256) or not pictures.may_see(g.actor, sha256):
        abort(404)
    path = path_of(sha256, shown=True)
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype="image/jpeg", download_name=f"{sha256[:12]}.jpg", etag=False)
    response.headers["Content-Disposition"] = f'inline; filename="{sha256[:12]}.jpg"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
