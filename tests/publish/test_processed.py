"""data/processed: described, valid, with the sources behind it, kept apart from every calculation."""

from __future__ import annotations

import json
import subprocess

import pandas as pd
import pytest
from frictionless import Package

from eldercare.inputs import load_project
from eldercare.publish.tables import processed_files, write_processed


@pytest.fixture(scope="module")
def project(root):
    return load_project(root)


@pytest.fixture(scope="module")
def files(project):
    return processed_files(project)


def test_the_package_is_valid_and_says_what_every_column_is(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    about = json.loads(files["datapackage.json"])
    assert sorted(files) == sorted([*(resource["path"] for resource in about["resources"]), "datapackage.json"])
    report = Package(tmp_path / "datapackage.json").validate()
    assert report.valid, report.flatten(["message"])
    for resource in about["resources"]:
        for field in resource["schema"]["fields"]:
            assert field["unit"] and field["unit_zh"] and field["description"] and field["description_zh"], field


def test_the_sources_are_those_that_were_read_and_not_all(files, project):
    named = {source["source_id"] for source in json.loads(files["datapackage.json"])["sources"]}
    assert {"SEED", "NBS2020COUNTY", "WPP2024"} <= named < set(project.sources)


def test_it_is_written_anew_and_the_page_stays(project_copy):
    folder = project_copy / "data" / "processed"
    folder.mkdir()
    (folder / "README.md").write_text("kept", encoding="utf-8")
    (folder / "population.csv").write_text("old", encoding="utf-8")
    write_processed(load_project(project_copy))
    assert (folder / "README.md").read_text(encoding="utf-8") == "kept"
    people = pd.read_csv(folder / "population.csv")
    assert people.query("area == 'huzhou' and basis == 'resident'")["persons"].sum() == pytest.approx(3_367_579)
    assert not list(folder.glob(".*"))


def test_only_its_page_is_in_git(root):
    listed = subprocess.run(["git", "ls-files", "data/processed"], cwd=root, capture_output=True, text=True, check=True)
    assert listed.stdout.split() == ["data/processed/README.md"]
