"""Why a playbook is not changed: each refusal with its sentence in both languages."""

from incidents.errors import BadInput, Refusal
from playbooks.model import BadPlaybook


class BrokenPlaybook(BadInput):
    """The text is no playbook. ``fault`` says file, line, place and what to do; ``field``: the place."""

    def __init__(self, fault: BadPlaybook) -> None:
        self.fault = fault
        line = f", dòng {fault.line}" if fault.line else ""
        line_en = f", line {fault.line}" if fault.line else ""
        super().__init__(
            fault.where,
            f"Tệp {fault.file}{line}, mục {fault.where}: {fault.what}.",
            f"File {fault.file}{line_en}, place {fault.where}: {fault.what}.",
        )


class StaleDraft(Refusal):
    """``who`` and ``at`` (hh:mm): who saved the draft meanwhile."""

    vi = "{who} vừa lưu bản thảo này lúc {at}. Nội dung đã nhập vẫn còn, xem lại rồi lưu."
    en = "{who} saved this draft at {at}. What you typed is kept: look at the change, then save."


class DraftExists(Refusal):
    vi = "Kịch bản {code} đã có bản thảo số {version}. Sửa tiếp hoặc bỏ bản thảo đó trước."
    en = "Playbook {code} has draft {version} already. Go on with it, or discard it first."


class NoDraft(Refusal):
    vi = "Kịch bản này không còn bản thảo nào: đã được duyệt hoặc đã bỏ."
    en = "There is no draft of this playbook any more: it was approved or discarded."


class OwnDraft(Refusal):
    vi = "Người duyệt phải khác những người đã sửa bản thảo."
    en = "Somebody who has never edited the draft has to approve it."


class StepNeeded(Refusal):
    vi = "Chưa bỏ được bước này, còn bước chờ nó: {steps}. Bỏ phần chờ ở các bước đó trước."
    en = "This step cannot be removed while others wait for it: {steps}. Change those first."
