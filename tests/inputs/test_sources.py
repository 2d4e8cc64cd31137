"""The registered sources: all read, all used, none unknown."""

import dataclasses
import re
import shutil

import pytest

from eldercare.inputs import load_project
from eldercare.inputs.problems import InputError
from eldercare.inputs.tables import Source, read_sources
from tests.shipped import ROOT


@pytest.fixture(scope="module")
def sources():
    return read_sources(ROOT)


def test_report_of_2018_is_registered(sources):
    report = sources["SEED"]
    assert isinstance(report, Source)
    assert report.source_id == "SEED"
    assert report.date == "2018-08-17"
    assert report.quality == "official"


def test_no_source_is_unused_or_unknown(sources):
    used = set()
    for name, frame in load_project(ROOT).tables.items():
        if name not in ("sources", "areas"):
            used |= set(frame["source_id"])
    for path in (ROOT / "config").rglob("*.yaml"):
        cited = re.findall(r"^[^#\n]*\bsource: *\"?([\w-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        used |= set(cited) - {"none"}
    # The official full table of the census is optional; its source is registered for those who import it.
    assert used | {"CENSUS2020TABLE"} == set(sources)


def test_address_is_there_or_its_absence_is_said(sources):
    for source in sources.values():
        book_or_report = source.source_id in ("NBS2020COUNTY", "SEED")
        assert source.url or book_or_report or "not recorded" in source.note, source.source_id


def test_source_cannot_be_changed(sources):
    with pytest.raises(dataclasses.FrozenInstanceError):
        sources["SEED"].title = "x"


def test_source_registered_twice_is_told(tmp_path):
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    path = tmp_path / "data/raw/sources.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sources(tmp_path)
    assert str(caught.value) == (
        f"data/raw/sources.csv row {len(lines) + 1}: source_id = 'AJ2013': the same as in row 2; each may stand once"
    )


def test_a_date_that_a_spreadsheet_program_has_rewritten_is_told(project_copy):
    file = project_copy / "data/raw/sources.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",2014-06-18,", ",2014/6/18,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"date = '2014/6/18': must have the form .*a spreadsheet program seems"):
        read_sources(project_copy)
