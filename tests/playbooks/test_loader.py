"""A playbook file with a fault is refused, naming the file, the place and what to do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks import compare, law, loader, places, shelf
from playbooks.model import BadPlaybook
from playbooks.tryrun import try_run
from playbooks.worktime import Calendar
from playbooks.writing import as_toml

HEAD = """
key = "pb90_trial"
code = "PB-90"
version = 1
name = "Thử"
name_en = "Trial"
summary = "Thử."
summary_en = "Trial."
valid_from = 2026-07-01
main = true
order = 90
fits = "kind == 'watch'"
"""
STEP = """
[[steps]]
key = "first"
name = "Bước"
name_en = "Step"
phase = "intake"
roles = ["duty"]
agencies = ["@standing", "pa05"]
how = "Làm."
how_en = "Do."
"""
SECOND = STEP.replace("first", "second")


def line_of(text, row):
    """The number of the only line of the text that begins with `row`."""
    (number,) = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith(row)]
    return number


def refusal(tmp_path, text):
    path = tmp_path / "trial.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadPlaybook) as caught:
        loader.read(path)
    assert caught.value.file == "trial.toml"
    assert caught.value.what
    assert str(caught.value).startswith(f"trial.toml:{caught.value.line}: {caught.value.where}: ")
    return caught.value.where


def said(text):
    with pytest.raises(BadPlaybook) as caught:
        loader.read_text(text, "pasted.toml")
    assert caught.value.file == "pasted.toml"
    return caught.value


def test_the_trial_file_itself_is_good(tmp_path):
    (tmp_path / "trial.toml").write_text(HEAD + STEP, encoding="utf-8")
    book = loader.read(tmp_path / "trial.toml")
    assert (book.code, book.valid_from, book.steps[0].agencies) == ("PB-90", date(2026, 7, 1), ("@standing", "pa05"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('code = "PB-90"', 'code = "90"', "code"),
        ("version = 1", "version = 0", "version"),
        ("version = 1", "version = 10000", "version"),
        ("order = 90", 'order = 90\nbeside = "kind =="', "beside"),
        ("version = 1", 'version = "1"', "kịch bản.version"),
        ("order = 90", "order = true", "kịch bản.order"),
        ('name = "Thử"', 'name = " "', "kịch bản.name"),
        ('summary = "Thử."\n', "", "kịch bản.summary"),
        ("valid_from = 2026-07-01", 'valid_from = "hôm nay"', "kịch bản.valid_from"),
        ("order = 90", "order = 90\nvalid_to = 2026-06-30", "valid_to"),
        ("order = 90", "order = 90\nparalel = true", "kịch bản.paralel"),
        ("fits = \"kind == 'watch'\"", 'fits = ""', "fits"),
        ("kind == 'watch'", "kind == watch", "fits"),
        ("kind == 'watch'", "kind ==", "fits"),
        ("[[steps]]", "[steps]", "steps"),
        ("[[steps]]", "[[steps", "cú pháp TOML"),
    ],
)
def test_a_fault_in_the_head_is_refused_with_its_place(tmp_path, old, new, where):
    assert old in HEAD + STEP
    assert refusal(tmp_path, (HEAD + STEP).replace(old, new, 1)) == where


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('key = "First"', "First.key"),
        ('phase = "later"', "first.phase"),
        ('roles = ["boss"]', "first.roles"),
        ("roles = []", "first.roles, agencies"),
        ('roles = "duty"', "first.roles"),
        ("roles = [3]", "first.roles"),
        ('agencies = ["@nobody"]', "first.agencies"),
        ('how = ""', "first.how"),
        ('how_en = " "', "first.how_en"),
        ('approval = "boss"', "first.approval"),
        ('bases = ["nd999"]', "first.bases"),
        ('when = "severity >"', "first.when"),
        ('when = "mood == 3"', "first.when"),
        ('when = "severity == 5"', "first.when"),
        ("when = \"kind == 'wach'\"", "first.when"),
        ("when = \"verdict in ('false', 'unconcluded')\"", "first.when"),
        ("when = \"safety == 'yes'\"", "first.when"),
        ('gate = { settles = ["kind"] }', "first.gate.settles"),
        ('sets = "someday"', "first.sets, repeat_until"),
        ('sets = "demanded_at"', "first.police_only"),
        ("repeat_every_minutes = 60", "first.repeat_until"),
        ("repeat_every_minutes = -60", "first.repeat_every_minutes"),
        ('repeat_until = "stood_down_at"', "first.repeat_until"),
        ('repeat_at = ["08:00"]', "first.repeat_at"),
        ('after = ["missing"]', "first.after"),
        ('after = ["first"]', "first.after"),
        ('colour = "red"', "first.colour"),
        ("gate = 3", "first.gate"),
        ('gate = { evidence = "photo" }', "first.gate.evidence"),
        ('gate = { settles = ["safety"] }', "first.gate.settles"),
        ('gate = { settles = ["severity"] }', "first.gate.settles"),
        ("gate = { acknowledgements = -1 }", "first.gate.acknowledgements"),
        ('gate = { document = "yes" }', "first.gate.document"),
        ("gate = { colour = 3 }", "first.gate.colour"),
        ('name = "Bước\\u0000"', "first.name"),
        (f'name = "{"x" * 301}"', "first.name"),
        (f'how = "{"x" * 2001}"', "first.how"),
        ('evidence = ["Ảnh\\u0007"]', "first.evidence"),
        ("repeat_every_minutes = 10000", "first.repeat_every_minutes"),
        ('deadlines = [{ anchor = "received_at", amount = 0, unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = 10000, unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = 121, unit = "month" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ law = "nd244_7_3", warn = [0] }]', "first.deadlines[1].warn"),
        ('deadlines = [{ law = "nd244_7_3", warn = [100] }]', "first.deadlines[1].warn"),
        ('deadlines = [{ law = "nd244_7_3", warn = [80, 50] }]', "first.deadlines[1].warn"),
        ('deadlines = [{ law = "nd244_7_3", warn = [50, 50] }]', "first.deadlines[1].warn"),
        ("deadlines = [3]", "first.deadlines"),
        ('deadlines = [{ anchor = "someday", amount = 1, unit = "hour" }]', "first.deadlines[1].anchor"),
        ('deadlines = [{ anchor = "received_at", amount = 1, unit = "week" }]', "first.deadlines[1].unit"),
        ('deadlines = [{ anchor = "received_at", unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = -1, unit = "hour" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ anchor = "received_at", amount = 1, unit = "at_once" }]', "first.deadlines[1].amount"),
        ('deadlines = [{ law = "nd244_7_3" }, { law = "nd999" }]', "first.deadlines[2].law"),
        ('deadlines = [{ law = "nd328_12" }]', "first.deadlines[1].law"),
        ('deadlines = [{ law = "nd244_10" }]', "first.deadlines[1].law"),
        ('deadlines = [{ law = "nd244_7_3", amount = 2 }]', "first.deadlines[1]"),
        ('deadlines = [{ law = "nd244_7_3", when = "(" }]', "first.deadlines[1].when"),
    ],
)
def test_a_fault_in_a_step_is_refused_with_its_place(tmp_path, line, where):
    kept = [old for old in STEP.splitlines() if old.split(" =")[0] != line.split(" =")[0]]
    text = "\n".join([HEAD, *kept, line])
    assert refusal(tmp_path, text) == where
    missing = ("first.police_only", "first.repeat_until") if "repeat_until" not in line else ("first.police_only",)
    assert said(text).line == line_of(text, "[[steps]]" if where in missing else line)


def test_a_playbook_without_steps_is_refused(tmp_path):
    assert refusal(tmp_path, HEAD) == "steps"


def test_two_steps_with_one_key_are_refused(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + STEP) == "first.key"


def test_steps_that_wait_for_each_other_are_refused(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + 'after = ["second"]\n' + SECOND + 'after = ["first"]\n') == "first.after"


def test_a_step_without_a_key_is_named_by_its_number(tmp_path):
    assert refusal(tmp_path, HEAD + STEP + SECOND.replace('key = "second"\n', "")) == "steps[2].key"


def test_one_version_twice_is_refused_and_two_versions_live_side_by_side(tmp_path):
    (tmp_path / "a.toml").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "b.toml").write_text((HEAD + STEP).replace("version = 1", "version = 2"), encoding="utf-8")
    assert [book.version for book in shelf.read(tmp_path)] == [1, 2]
    (tmp_path / "c.toml").write_text(HEAD + STEP, encoding="utf-8")
    with pytest.raises(BadPlaybook, match=r"c\.toml: key, version: .*phiên bản 1"):
        shelf.read(tmp_path)


def test_a_fault_of_the_head_has_the_line_of_its_field():
    text = HEAD + STEP
    assert said(text.replace("version = 1", "version = 0")).line == line_of(text, "version")
    assert said(text.replace("kind == 'watch'", "mood == 'watch'")).line == line_of(text, "fits")
    assert said(text.replace("order = 90", "ordre = 90")).line == line_of(text, "order")
    assert said(text.replace('summary = "Thử."\n', "")).line == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('key = "a"\n[[steps\n', 2),
        ('key = "a"\nkey = "b"\n', 2),
        ('key = "a"\nname = """unfinished\n\n', 2),
        ("key = \n", 1),
        ("[[" * 5000, None),
        ("key = " + "[" * 5000, None),
        ("valid_from = 2026-02-30\n", None),
        ("", 1),
    ],
)
def test_broken_toml_has_the_line_where_it_breaks(text, line):
    fault = said(text)
    assert fault.line == line or (line is None and fault.what)


def test_a_file_that_is_not_utf8_has_the_line_where_it_stops_being_so(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_bytes(HEAD.encode() + "# Bước".encode("utf-16"))
    with pytest.raises(BadPlaybook, match="UTF-8") as caught:
        loader.read(path)
    assert caught.value.line == HEAD.count("\n") + 1


def test_a_file_saved_by_an_editor_of_windows_is_read(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + STEP).replace("\n", "\r\n").encode())
    assert loader.read(path) == loader.read_text("\ufeff" + HEAD + STEP, "pasted.toml")


def test_of_two_steps_with_one_key_the_second_has_the_line():
    text = HEAD + STEP + STEP
    assert said(text).line == max(n for n, row in enumerate(text.splitlines(), 1) if row == 'key = "first"')


def test_a_deadline_in_a_list_over_several_lines_has_its_own_line():
    rows = [
        "deadlines = [",
        '  { law = "nd244_7_3" }, # { not one }',
        '  { law = "nd999", when = "severity == 3" },',
        "]",
    ]
    text = HEAD + STEP + "\n".join(rows) + SECOND
    assert said(text).line == line_of(text, '  { law = "nd999"')


def test_a_fault_in_tables_written_with_headers_has_the_line_of_its_field():
    text = HEAD + STEP + '[[steps.deadlines]]\nlaw = "nd244_7_3"\n[[steps.deadlines]]\nnote = "x"\nlaw = "nd9"\n'
    assert said(text).line == line_of(text, 'law = "nd9"')
    gate = HEAD + STEP + '[steps.gate]\ndocument = true\nevidence = "photo"\n'
    assert said(gate).line == line_of(gate, "evidence")


def test_words_in_a_text_over_several_lines_are_not_taken_for_a_field():
    text = HEAD + STEP.replace('how = "Làm."', 'how = """\nphase = "a"\n[[steps]]\nLàm."""').replace("intake", "later")
    assert said(text).line == line_of(text, 'phase = "later"')


def test_a_clock_from_what_only_a_later_step_records_is_refused():
    waiting = 'deadlines = [{ anchor = "concluded_at", amount = 1, unit = "hour" }]\n'
    records = SECOND + 'after = ["first"]\nsets = "concluded_at"\n'
    fault = said(HEAD + STEP + waiting + records)
    assert (fault.where, fault.line) == ("first.deadlines[1].anchor", line_of(HEAD + STEP + waiting, "deadlines"))
    assert "second" in fault.what
    third = STEP.replace("first", "third") + 'after = ["second"]\n'
    by_law = HEAD + STEP + 'deadlines = [{ law = "nd328_10_4a" }]\n' + SECOND + 'after = ["first"]\n' + third
    assert said(by_law + 'sets = "concluded_at"\n').where == "first.deadlines[1].law"


def test_a_clock_of_ours_from_what_the_step_itself_records_is_refused_and_one_of_others_is_not():
    own = HEAD + STEP + 'sets = "concluded_at"\ndeadlines = [{ law = "nd328_10_4a" }]\n'
    assert said(own).where == "first.deadlines[1].law"
    theirs = 'sets = "demanded_at"\npolice_only = true\ndeadlines = [{ law = "lanm25_25_2b" }]\n'
    assert loader.read_text(HEAD + STEP + theirs, "x").steps[0].sets == "demanded_at"


def test_a_clock_from_what_an_earlier_or_unrelated_step_records_is_good():
    waiting = 'deadlines = [{ anchor = "concluded_at", amount = 1, unit = "hour" }]\n'
    assert len(loader.read_text(HEAD + STEP + waiting + SECOND + 'sets = "concluded_at"\n', "x").steps) == 2
    first = HEAD + STEP + 'sets = "concluded_at"\n'
    assert len(loader.read_text(first + SECOND + 'after = ["first"]\n' + waiting, "x").steps) == 2


def test_more_steps_than_anybody_can_follow_are_refused():
    many = "".join(STEP.replace("first", f"s{number}") for number in range(201))
    assert said(HEAD + many).where == "steps"


def test_of_a_folder_with_one_bad_file_nothing_is_loaded(tmp_path):
    (tmp_path / "a.toml").write_text(HEAD + STEP, encoding="utf-8")
    (tmp_path / "b.toml").write_text(HEAD.replace("pb90", "pb91") + STEP.replace("intake", "later"), encoding="utf-8")
    with pytest.raises(BadPlaybook, match=r"b\.toml:\d+: first\.phase"):
        shelf.read(tmp_path)


@pytest.mark.parametrize("book", shelf.all_playbooks(), ids=lambda book: book.code)
def test_every_line_a_refusal_may_name_is_found_in_the_shipped_files(book):
    text = next(path for path in shelf.FOLDER.glob(f"{book.key}.toml")).read_text("utf-8")
    rows = text.splitlines()
    for step in book.steps:
        assert rows[line_of_place(text, f"{step.key}.key")] == f'key = "{step.key}"'
        for number, deadline in enumerate(step.deadlines, 1):
            assert (deadline.law or deadline.anchor) in rows[line_of_place(text, f"{step.key}.deadlines[{number}].law")]


def line_of_place(text, where):
    return places.line_of(text, where) - 1


def test_a_playbook_may_cite_the_bases_of_another_catalogue_than_the_shipped_one():
    text = HEAD + STEP + 'bases = ["own_rule"]\ndeadlines = [{ law = "own_rule" }]\n'
    assert said(text).where == "first.deadlines[1].law"
    own = replace(law.basis("nd244_7_3"), key="own_rule", amount=5)
    book = loader.read_text(text, "x", law.shipped().with_rows([own]))
    assert book.steps[0].bases == ("own_rule",)
    started = datetime(2026, 10, 13, 2, tzinfo=UTC)
    (bar,) = try_run(book, started, {}, Calendar(), started.date(), catalogue=law.shipped().with_rows([own]))
    assert (bar.basis, bar.due) == ("own_rule", started + timedelta(hours=5))
    bare = replace(book, steps=(replace(book.steps[0], bases=(), deadlines=()),))
    (bases, times) = sorted(compare.changes(bare, book, law.shipped().with_rows([own])), key=lambda one: one.field)
    assert (bases.new[0], times.new[0]) == (law.citation(own), f"5 giờ từ tiếp nhận ({law.citation(own)})")
    lost = {change.field[0]: change.new[0] for change in compare.changes(bare, book)}
    assert lost == {"căn cứ": "own_rule", "thời hạn": "thời hạn (own_rule)"}


WHOLE = (shelf.FOLDER / "pb06_harmful_incitement.toml").read_text("utf-8")
PIECES = st.sampled_from(
    [
        "",
        '"',
        "'''",
        "[",
        "]]",
        "{",
        "}",
        "=",
        "\n",
        "\x00",
        "steps",
        "-1",
        "9" * 30,
        "true",
        "[[steps]]\n",
        "[steps.gate]\n",
    ]
    + ["received_at", "closed_at", "after", "key", "deadlines", "inf", "0001-01-01", "25:00:00", "\ud7ff", "@", "#"]
)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 30), PIECES), min_size=1, max_size=3))
def test_whatever_is_pasted_is_read_whole_or_refused_with_a_place(edits):
    text = WHOLE
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    fault = fault_of(text)
    if fault is None:
        book = loader.read_text(text, "pasted.toml")
        assert loader.read_text(as_toml(book), "again.toml") == book
    else:
        assert fault.what
        assert fault.line is None or 1 <= fault.line <= len(text.split("\n"))


def fault_of(text):
    try:
        loader.read_text(text, "pasted.toml")
    except BadPlaybook as fault:
        return fault
    return None
