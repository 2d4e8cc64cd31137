"""A county split in two by what is published of one part, and two merged: everything adds up before and after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eldercare.inputs import load_project
from eldercare.inputs.checks import input_problems
from eldercare.model import Results
from tools import units

# South Taihu New Area at the census of 2020: Wuxing (NBS2020COUNTY) less Wuxing without it (WX2020; 2010 likewise).
SOUTH_TAIHU = {"0-14": 44_717, "15-59": 209_896, "60+": 48_729}
BEFORE = 757_165 - 571_719
FEW = {"run.draws": 20}
pytestmark = pytest.mark.study


def launched(root: Path) -> Results:
    project = load_project(root)
    assert [str(problem) for problem in input_problems(project)] == []
    return Results(None, "baseline", FEW, project)


def residents(run: Results, *counties: str) -> np.ndarray:
    """Return residents of the launch year by age, of some counties or all."""
    return sum(run.launch.of(county)["resident"] for county in counties or run.counties).sum(axis=1)


@pytest.fixture(scope="module")
def before(root: Path) -> Results:
    return launched(root)


@pytest.fixture
def split(project_copy: Path, capsys) -> Results:
    bands = [word for band, number in SOUTH_TAIHU.items() for word in ("--band", f"{band}={number}")]
    names = ["--english", "South Taihu New Area", "--chinese", "南太湖新区", "--code", "330599"]
    split = ["split", "wuxing", "south_taihu", *names, *bands, "--before", str(BEFORE)]
    units.main(["--project", str(project_copy), *split])
    told = capsys.readouterr().out
    assert "wuxing_excl_south_taihu taken out (part of wuxing)" in told and "eldercare check" in told
    return launched(project_copy)


def test_a_sixth_unit_takes_from_its_county_what_is_published_of_it(before: Results, split: Results) -> None:
    assert set(split.counties) == {*before.counties, "south_taihu"}
    new = residents(split, "south_taihu")
    published = [SOUTH_TAIHU["0-14"], SOUTH_TAIHU["15-59"], SOUTH_TAIHU["60+"]]
    np.testing.assert_allclose([new[:15].sum(), new[15:60].sum(), new[60:].sum()], published, rtol=2e-3)
    both = residents(split, "wuxing", "south_taihu")
    np.testing.assert_allclose(both, residents(before, "wuxing"), rtol=1e-5, atol=1)
    np.testing.assert_allclose(residents(split), residents(before), rtol=1e-6, atol=1)


def test_beds_of_the_city_are_shared_out_among_six(before: Results, split: Results) -> None:
    beds = {name: run.split("beds_institutional").values for name, run in (("before", before), ("split", split))}
    assert sum(beds["split"].values()) == pytest.approx(sum(beds["before"].values()))
    assert beds["split"]["south_taihu"] + beds["split"]["wuxing"] == pytest.approx(beds["before"]["wuxing"], rel=0.02)
    assert 0.1 < beds["split"]["south_taihu"] / beds["before"]["wuxing"] < 0.5
    assert split.is_allocated(["beds_institutional"], "south_taihu")
    parts = sum(split.elders(county) for county in split.counties)
    np.testing.assert_allclose(parts, split.elders("huzhou"))


def test_two_counties_merged_have_the_people_of_both(before: Results, project_copy: Path, capsys) -> None:
    units.main(["--project", str(project_copy), "merge", "wuxing", "nanxun"])
    merged = launched(project_copy)
    assert list(merged.counties) == [name for name in before.counties if name != "nanxun"]
    both = residents(before, "wuxing", "nanxun")
    np.testing.assert_allclose(residents(merged, "wuxing"), both, rtol=0.02, atol=20)
    assert residents(merged, "wuxing").sum() == pytest.approx(both.sum(), rel=1e-6)
    np.testing.assert_allclose(residents(merged), residents(before), rtol=0.01, atol=20)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["merge", "wuxing", "nowhere"], "no county 'nowhere'"),
        (["split", "wuxing", "new", "--band", "60+=many"], "write 0-14=N, 15-59=N or 60+=N"),
        (["split", "wuxing", "new", "--band", "60+=5"], "give --band for 0-14, 15-59 and 60+"),
    ],
)
def test_what_cannot_be_split_gets_one_line(root: Path, capsys, words: list[str], told: str) -> None:
    names = ["--english", "New", "--chinese", "新区", "--code", "330599"] if words[0] == "split" else []
    with pytest.raises(SystemExit) as error:
        units.main(["--project", str(root), *words, *names])
    assert error.value.code == 2 and told in capsys.readouterr().err


def test_more_people_than_the_county_has_are_refused(project_copy: Path) -> None:
    bands = [word for band in SOUTH_TAIHU for word in ("--band", f"{band}=900000")]
    names = ["--english", "New", "--chinese", "新区", "--code", "330599"]
    with pytest.raises(SystemExit, match="wuxing has no more than"):
        units.main(["--project", str(project_copy), "split", "wuxing", "new", *names, *bands])
