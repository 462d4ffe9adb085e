"""The methods of the Bot API the desk uses, answered as Telegram answers them.

Each takes the state and the parameters and returns `result`; a refusal is raised as `Refusal`.
Source: core.telegram.org/bots/api, "Available methods".
"""

import copy
import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from . import limits, shapes
from .entities import ENTITIES_PER_MESSAGE, found, from_html, units
from .limits import bad_request
from .shapes import Json, Persona
from .state import State

POLL_SECONDS_MAX = 50
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
CHAT_ACTIONS = frozenset(
    f"{verb}_{what}" for verb in ("record", "upload") for what in ("video", "voice", "video_note")
) | {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"}


class Params:
    """Parameters of one call, from JSON (typed) or from a form (all text)."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def text(self, name: str) -> str:
        """Return a parameter as text, empty when absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number, the default when absent or unreadable, as Telegram does."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """Return whether a boolean parameter is set."""
        return self.text(name).lower() in ("true", "1", "yes")

    def structure(self, name: str) -> Any:
        """Return an object or array, None when absent; text is read as JSON. Raises Refusal 400 when unreadable."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def chat(self) -> int | None:
        """Return `chat_id` when it is a number, else None."""
        return self.integer("chat_id") or None


def get_me(state: State, params: Params) -> Json:
    """Return the bot, with what it may do."""
    may = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    business = {"can_connect_to_business": False, "has_main_web_app": False}
    return {**state.bot, **may, **business}


def get_updates(state: State, params: Params) -> list[Json]:
    """Return updates from the queue; waits when `timeout` asks for it."""
    allowed = params.structure("allowed_updates")
    if allowed is not None and not isinstance(allowed, list):
        raise bad_request("can't parse allowed updates JSON object")
    timeout = min(max(params.integer("timeout"), 0), POLL_SECONDS_MAX)
    limit = params.integer("limit", 100)
    return state.wait_for_updates(params.integer("offset"), limit, timeout, allowed)


def send_message(state: State, params: Params) -> Json:
    """Put a message of the bot into a private chat and return it."""
    persona = _reached(state, params)
    content = _content(params)
    if (markup := _markup(params)) is not None:
        content["reply_markup"] = markup
    replied = _replied(state, params, persona.user_id)
    state.pace.check(persona.user_id)
    message = {"from": state.bot, "chat": shapes.private_chat(persona), "date": int(time.time())}
    kept = state.chats.add(persona.user_id, message | replied | content)
    return copy.deepcopy(kept)


def edit_message_text(state: State, params: Params) -> Json:
    """Change text and buttons of a message of the bot; buttons left out disappear."""
    message = _own_message(state, params)
    return _edited(state, message, _content(params), _markup(params))


def edit_message_reply_markup(state: State, params: Params) -> Json:
    """Change only the buttons of a message of the bot."""
    message = _own_message(state, params)
    content: Json = {field: message[field] for field in ("text", "entities") if field in message}
    return _edited(state, message, content, _markup(params))


def delete_message(state: State, params: Params) -> bool:
    """Take a message out of the chat within 48 hours."""
    persona = _reached(state, params)
    message = state.chats.find(persona.user_id, params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if time.time() - message["date"] > limits.DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    state.chats.remove(persona.user_id, message["message_id"])
    return True


def set_message_reaction(state: State, params: Params) -> bool:
    """Put a sign such as ✍ on a message; an empty list takes it off."""
    persona = _reached(state, params)
    key = (persona.user_id, params.integer("message_id"))
    if state.chats.find(*key) is None:
        raise bad_request("message to react not found")
    reactions = params.structure("reaction") or []
    state.reactions[key] = [str(one.get("emoji", "")) for one in reactions if isinstance(one, dict)]
    return True


def send_chat_action(state: State, params: Params) -> bool:
    """Show that the bot is busy."""
    _reached(state, params)
    if params.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def answer_callback_query(state: State, params: Params) -> bool:
    """Answer a press; refused when it is unknown or older than `limits.PRESS_SECONDS`."""
    query_id, text = params.text("callback_query_id"), params.text("text")
    press = state.presses.get(query_id)
    if press is None or time.time() - press.at > limits.PRESS_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if units(text) > limits.PRESS_ANSWER_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    state.presses[query_id] = dataclasses.replace(press, answer=text, is_alert=params.flag("show_alert"))
    return True


def get_file(state: State, params: Params) -> Json:
    """Return id, size and path of a file of at most 20 MB."""
    file = state.files.find(params.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > limits.DOWNLOAD_BYTES_MAX:
        raise bad_request("file is too big")
    return {**file.described(), "file_path": file.path}


def set_my_commands(state: State, params: Params) -> bool:
    """Set the menu of commands for one language (empty: all)."""
    commands = params.structure("commands")
    limits.check_commands(commands)
    state.commands[params.text("language_code")] = commands
    return True


def get_my_commands(state: State, params: Params) -> list[Json]:
    """Return the menu set for one language."""
    return state.commands.get(params.text("language_code"), [])


def delete_webhook(state: State, params: Params) -> bool:
    """Answer true: the stand-in never has a webhook; waiting updates are dropped when asked."""
    if params.flag("drop_pending_updates"):
        state.updates.drop()
    return True


def get_webhook_info(state: State, params: Params) -> Json:
    """Return an empty address and how many updates wait."""
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": state.updates.pending()}
    return info | ({"allowed_updates": list(state.updates.allowed)} if state.updates.allowed else {})


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "sendMessage": send_message,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "setMessageReaction": set_message_reaction,
    "sendChatAction": send_chat_action,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
NAMES = {name.lower(): name for name in METHODS}  # Telegram reads method names without regard to case


def call(state: State, method: str, params: Params) -> Any:
    """Carry out one known method as one step and return its result."""
    with state.lock:
        result = METHODS[method](state, params)
        if method != "getUpdates":
            state.touch()
        return result


def _reached(state: State, params: Params) -> Persona:
    """Return who is behind `chat_id`. A person who never met the bot cannot be found; a persona has pressed Start."""
    if not params.text("chat_id"):
        raise bad_request("chat_id is empty")
    persona = state.people.get(params.chat() or 0)
    if persona is None:
        raise bad_request("chat not found")
    return persona


def _content(params: Params) -> Json:
    """Return text and entities by `parse_mode` (HTML) or as given; Markdown is refused, the desk writes none."""
    text, mode = params.text("text").strip(), params.text("parse_mode").lower()
    if mode not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    given = params.structure("entities")
    if mode == "html":
        text, entities = from_html(text)
    else:
        entities = given[:ENTITIES_PER_MESSAGE] if isinstance(given, list) and given else found(text)
    limits.check_text(units(text))
    return {"text": text, "entities": entities} if entities else {"text": text}


def _markup(params: Params) -> Json | None:
    markup = params.structure("reply_markup")
    if markup is None:
        return None
    limits.check_buttons(markup)
    return markup if markup.get("inline_keyboard") else None


def _replied(state: State, params: Params, chat_id: int) -> Json:
    reply = params.structure("reply_parameters") or {}
    message_id = reply.get("message_id") or params.integer("reply_to_message_id")
    if not message_id:
        return {}
    message = state.chats.find(chat_id, int(message_id))
    if message is not None:
        return {"reply_to_message": {key: value for key, value in message.items() if key != "reply_to_message"}}
    if reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _own_message(state: State, params: Params) -> Json:
    persona = _reached(state, params)
    message = state.chats.find(persona.user_id, params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != state.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _edited(state: State, message: Json, content: Json, markup: Json | None) -> Json:
    new = content | ({"reply_markup": markup} if markup else {})
    if all(message.get(field) == new.get(field) for field in ("text", "entities", "reply_markup")):
        raise bad_request(NOT_MODIFIED)
    state.pace.check(message["chat"]["id"])
    for field in ("text", "entities", "reply_markup"):
        message.pop(field, None)
    message.update(new, edit_date=int(time.time()))
    return copy.deepcopy(message)
