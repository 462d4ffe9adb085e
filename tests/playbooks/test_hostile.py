"""Texts and conditions nobody wrote by hand: refused in little time, and never in the way of opening an incident."""

import pytest

from playbooks import condition, loader, shelf
from playbooks.model import BadPlaybook
from playbooks.writing import as_toml

GOOD = as_toml(shelf.get("pb01_false_info_social"))


@pytest.mark.parametrize(
    "text",
    ["1 < 'a'", "'a' < severity", "severity < kind", "severity == 1 and (2 < 'b')", "kind < 3", "severity < 'a'"],
)
def test_a_condition_that_could_not_be_weighed_is_refused_when_it_is_written(text: str) -> None:
    with pytest.raises(BadPlaybook):
        loader.read_text(GOOD.replace("version = 1", f'version = 1\nbeside = "{text}"', 1), "thu.toml")


def test_an_incident_is_opened_whatever_a_playbook_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version approved before the check was stricter fits nothing, instead of stopping every officer."""

    def cannot(text: str, facts: object) -> bool:
        raise condition.BadCondition(text, "kiểu dữ liệu")

    monkeypatch.setattr(condition, "holds", cannot)
    assert shelf.fitting({"kind": "suspected_false"}).main is None


@pytest.mark.parametrize(
    "text",
    [
        "a." * 20_000 + "a = 1",
        GOOD + "\n[" + "a." * 5_000 + "a]",
        GOOD + "\n[[steps]]\nkey = 'x'\ndeadlines = [" + "{}," * 20_000 + "]",
        GOOD + "\n[[steps]]\nkey = 'x'\ndeadlines = [\n# " + '"\\"' * 20_000 + "\n{}]",
    ],
)
def test_a_text_made_to_take_long_is_refused_soon(text: str) -> None:
    """Read with quadratic work these sizes take minutes, so that a slip shows as a run that does not end."""
    with pytest.raises(BadPlaybook):
        loader.read_text(text, "thu.toml")


def test_a_step_has_a_handful_of_deadlines_and_counts_a_thousand_working_days_at_most() -> None:
    many = ", ".join(f'{{ anchor = "received_at", amount = {n}, unit = "hour" }}' for n in range(1, 12))
    first = GOOD.index("deadlines = [")
    end = GOOD.index("]\n", first)
    with pytest.raises(BadPlaybook, match="không quá 10 thời hạn"):
        loader.read_text(GOOD[:first] + f"deadlines = [{many}" + GOOD[end:], "thu.toml")
    far = '{ anchor = "received_at", amount = 9999, unit = "working_day" }'
    with pytest.raises(BadPlaybook, match="đến 1000"):
        loader.read_text(GOOD[:first] + f"deadlines = [{far}" + GOOD[end:], "thu.toml")
