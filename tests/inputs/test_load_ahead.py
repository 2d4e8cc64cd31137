"""A project that was loaded ahead of use serves as long as its files are as they were, and shares no record."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eldercare.inputs import InputError, load_project
from eldercare.inputs import project as module
from eldercare.inputs.project import load_ahead


@pytest.fixture
def ahead(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that is loaded ahead, and forgotten after the test."""
    monkeypatch.setattr(module, "_ahead", {})
    load_ahead(project_copy)
    return project_copy


def test_what_was_loaded_ahead_is_taken_and_records_stay_apart(ahead: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("project.load_parameters", "tables.read_records"):
        monkeypatch.setattr(f"eldercare.inputs.{name}", lambda *_: pytest.fail("read again"))
    one, two = load_project(ahead), load_project(ahead)
    assert not one.table("report_2018").empty and one.reads.tables == {"report_2018"}
    assert two.reads.tables == set()
    two.table("geography")
    assert one.reads.tables == {"report_2018"}


def test_a_changed_added_or_removed_file_is_seen(ahead: Path) -> None:
    anji = ahead / "config" / "counties" / "anji.yaml"
    text = anji.read_text(encoding="utf-8")
    anji.write_text(text.replace("en: Anji", "en: Anjy"), encoding="utf-8")  # of the same length
    assert load_project(ahead).label("anji", "en") == "Anjy"
    anji.write_text(text, encoding="utf-8")
    assert load_project(ahead).label("anji", "en") == "Anji"
    scenario = ahead / "config" / "scenarios" / "low_migration.yaml"
    away = scenario.rename(ahead / "low_migration.yaml")
    assert "low_migration" not in load_project(ahead).scenarios
    away.rename(scenario)
    assert "low_migration" in load_project(ahead).scenarios
    table = ahead / "data" / "raw" / "report_2018.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",24987,", ",24988,"), encoding="utf-8")
    assert 24988.0 in load_project(ahead).table("report_2018")["value"].tolist()


def test_a_link_to_nowhere_is_no_fault_of_loading_ahead(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ahead", {})
    (project_copy / "data" / "raw" / ".lock").symlink_to("nowhere")
    load_ahead(project_copy)
    assert len(module._ahead) == 1
    assert load_project(project_copy).counties


def test_a_faulty_project_is_told_when_it_is_asked_for(project_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ahead", {})
    (project_copy / "config" / "counties" / "anji.yaml").write_text("county: anjo\n", encoding="utf-8")
    load_ahead(project_copy)
    with pytest.raises(InputError, match="anji.yaml"):
        load_project(project_copy)


def test_what_was_loaded_ahead_serves_a_copy_of_the_project_and_not_what_the_copy_changes(
    ahead: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(ahead, tmp_path / "copy")
    with monkeypatch.context() as patch:
        patch.setattr("eldercare.inputs.project.load_parameters", lambda *_: pytest.fail("read again"))
        project = load_project(copy)
    assert project.root == copy and not project.table("report_2018").empty
    shutil.rmtree(ahead)
    assert project.has_rows("areas") and project.tables.folder.examined("areas").problems == []
    table = copy / "data" / "raw" / "areas.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",Deqing,", ",德清,", 1), encoding="utf-8")
    assert load_project(copy).table("areas")["name_en"].tolist() != project.table("areas")["name_en"].tolist()
