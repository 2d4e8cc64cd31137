"""One guard each for files, formulas and what a terminal would obey; readers and writers all have it."""

from __future__ import annotations

import io
import os
import re
import socket
from pathlib import Path

import pandas as pd
import pytest

from eldercare.inputs.guards import neutral, printable, read_bytes, read_json
from eldercare.inputs.strict_yaml import read_yaml
from eldercare.publish.dictionary import tables
from eldercare.publish.tables import csv_text
from eldercare.report.chart import Column, Table
from eldercare.report.text import Text

FORMULAS = ["=1+1", "+1", "-1", "@x", "＝1", "\t=1", " =1", "\r\n=1", '=HYPERLINK("http://x")']


def test_no_pipe_device_socket_or_folder_is_read(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        for path in (Path("pipe"), Path("socket"), Path("/dev/zero"), Path(), Path("/dev/null")):
            with pytest.raises(ValueError, match="^x: no regular file$"):
                read_bytes(path, "x")
    with pytest.raises(ValueError, match="^x: file not found$"):
        read_json(tmp_path / "nothing", "x")


@pytest.mark.parametrize("text", ["[" * 200_000, "{", "NaN1", "\xff"])
def test_what_is_no_json_is_one_line(tmp_path, text):
    (tmp_path / "x").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"^x: not readable as JSON in UTF-8: [^\n]+$"):
        read_json(tmp_path / "x", "x")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_holds_a_cell_that_a_spreadsheet_program_computes(text):
    column = next(column for column in tables()["beds"].columns if column.name == "area")
    published = csv_text(pd.DataFrame({"area": [text]}), type(tables()["beds"])("beds", {}, (column,)))
    labelled = Column("area", text, form="text", words={"a": text})
    plain = Column("other", "other", form="text")
    given = pd.DataFrame({"area": ["a"], "other": [text]})
    chart = Table("t", given, [labelled, plain], "caption", Text("en")).csv()
    for file in (published, chart):
        cells = pd.read_csv(io.StringIO(file), header=None, dtype=str).to_numpy().ravel()
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for cell in cells), file
    assert chart.count(neutral(text).replace('"', '""')) == 3


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x1b]0;title\x07", "\x9b31m", "\r", "\x7f", "\u202e", "\u2028", "\0"])
def test_what_a_terminal_would_obey_is_shown(sign):
    shown = printable(f"a{sign}b\nc\td")
    assert shown.startswith("a\\") and shown.endswith("b\nc\td") and sign[0] not in shown


def test_a_label_that_hides_such_a_sign_behind_an_escape_is_a_fault(tmp_path):
    (tmp_path / "x.yaml").write_text('label: {en: "a\\e[31m", zh: "b\\u202e"}\nnote: "two\\nlines"\n', encoding="utf-8")
    with pytest.raises(ValueError) as found:
        read_yaml(tmp_path / "x.yaml", "x.yaml")
    lines = str(found.value).splitlines()
    assert [line.split(": a character")[0] for line in lines] == ["x.yaml:1: label.en", "x.yaml:1: label.zh"]


def test_one_module_has_the_guards(root):
    """Nobody reads JSON, or escapes a formula, past them: who loads JSON reads what this process or package wrote."""
    users = {
        file.relative_to(root / "src/eldercare").as_posix()
        for file in (root / "src").rglob("*.py")
        if re.search(r"json\.loads?\(|startswith\(FORMULA", file.read_text(encoding="utf-8"))
    }
    assert users <= {"inputs/guards.py", "publish/manifest.py"}
