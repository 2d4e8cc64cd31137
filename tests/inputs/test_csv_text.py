"""Files of cells: any bytes are a table or are told in one line; encodings, separators and links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eldercare.inputs import InputError
from eldercare.inputs.csv_text import MAX_CELL, decode, read_records


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("csv") / "x.csv"


def records(file: Path, content: bytes) -> list[list[str]]:
    file.write_bytes(content)
    return read_records(file, "x.csv")


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("gb18030", "ignore")))
def test_any_bytes_are_a_table_or_told(file, content):
    try:
        rows = records(file, content)
    except InputError as error:
        assert [problem.where for problem in error.problems] == ["x.csv"]
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.text("县区人口吴兴南浔德清长兴安吉,\n0123456789", min_size=1))
def test_common_chinese_text_comes_through_every_encoding_alike(file, text):
    wanted = records(file, text.encode("utf-8"))
    assert all(records(file, text.encode(encoding)) == wanted for encoding in ("utf-8-sig", "gb18030", "utf-16"))


@pytest.mark.parametrize("text", ["朱镕基,喆,堃\n", "吴兴区,䶮\n德清县,垟\n"])
def test_rare_simplified_characters_come_through_gb18030(text):
    assert decode(("area,name_zh,note\nwuxing,吴兴区老年人口,养老机构床位\n" + text).encode("gb18030")).endswith(text)


@pytest.mark.parametrize("text", ["總人口數與戶數", "縣區,總人口數\n吳興區,1\n德清縣,2\n"])
def test_traditional_text_comes_through_big5(text):
    assert decode(text.encode("big5")) == text


def test_columns_to_the_right_in_which_nothing_stands_are_left_out_and_cells_too_many_are_not(file):
    assert records(file, b"a,b,,\n1,2,,\n,,,\n") == [["a", "b"], ["1", "2"], ["", ""]]
    assert records(file, b"a,b\n1,2,\n") == [["a", "b"], ["1", "2", ""]]
    assert records(file, b"a,b,\n1,2,3\n") == [["a", "b", ""], ["1", "2", "3"]]


def told(file: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_records(file, "x.csv")
    return str(caught.value)


def test_only_regular_files_of_some_size_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert told(tmp_path / "pipe.csv") == "x.csv: no regular file"
    assert told(tmp_path) == "x.csv: no regular file"
    with (tmp_path / "large.csv").open("wb") as stream:
        stream.truncate(50_000_001)
    assert told(tmp_path / "large.csv") == "x.csv: larger than 50,000,000 bytes"
    (tmp_path / "wide.csv").write_text("a\n" + "x" * (MAX_CELL + 1), encoding="utf-8")
    assert told(tmp_path / "wide.csv").startswith("x.csv: not readable as CSV: field larger than field limit")
