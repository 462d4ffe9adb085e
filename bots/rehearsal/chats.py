"""What lies in the private chats and the files sent there."""

import secrets
from pathlib import Path, PurePosixPath

from .shapes import Json, StoredFile

THUMBNAIL = (Path(__file__).parent / "thumbnail.jpg").read_bytes()


class Chats:
    """Messages by chat, in the order they came; ids rise over all private chats together, as Telegram's do."""

    def __init__(self) -> None:
        self._messages: dict[int, dict[int, Json]] = {}
        self._last_id = 0

    def add(self, chat_id: int, message: Json) -> Json:
        """Give a message its id, keep it and return it."""
        self._last_id += 1
        kept = {"message_id": self._last_id, **message}
        self._messages.setdefault(chat_id, {})[self._last_id] = kept
        return kept

    def find(self, chat_id: int, message_id: int) -> Json | None:
        """Return one message, or None."""
        return self._messages.get(chat_id, {}).get(message_id)

    def remove(self, chat_id: int, message_id: int) -> None:
        """Take one message out of its chat."""
        del self._messages[chat_id][message_id]

    def within(self, chat_id: int) -> list[Json]:
        """Return the messages of one chat, oldest first."""
        return list(self._messages.get(chat_id, {}).values())


class Files:
    """Files by id and by path. Ids are opaque; paths look like `photos/file_3.jpg`."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, content: bytes, folder: str, name: str) -> StoredFile:
        """Keep the bytes of one file and return it with its ids."""
        path = f"{folder}/file_{len(self._by_path)}{PurePosixPath(name).suffix.lower()}"
        file = StoredFile("AgACAg" + secrets.token_urlsafe(40), "AQAD" + secrets.token_urlsafe(9), path, content, name)
        self._by_id[file.file_id] = self._by_path[path] = file
        return file

    def keep_photo(self, content: bytes) -> list[StoredFile]:
        """Keep a picture in two sizes, smallest first: a grey preview of 90 × 60 pixels and the original."""
        return [self.keep(THUMBNAIL, "thumbnails", "photo.jpg"), self.keep(content, "photos", "photo.jpg")]

    def find(self, file_id: str) -> StoredFile | None:
        """Return the file with this id, or None."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Return the file at this path, or None."""
        return self._by_path.get(path)
