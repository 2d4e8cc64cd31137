"""What a run finds in its outputs is input too: checked, never followed outside, made again where it does not fit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from unittest.mock import Mock

import pytest

from eldercare.cli import main
from eldercare.publish import cluster, staging, workers
from eldercare.publish.manifest import SEAL, State, _seal, newest, next_run_id
from eldercare.publish.request import TableFolder
from eldercare.publish.staging import locked
from eldercare.publish.workers import ProcessExpired, Workers, outcomes
from tests.site.faults import ASKED, complete, digests

PAGE = "site/en/baseline/deqing/03_beds.html"


def manifest_of(project: Path) -> Path:
    return max((project / "outputs" / "runs").glob("*.json"))


def change(project: Path, how: Callable[[dict], object], *, sealed: bool = True) -> None:
    """Change the newest manifest, and its own digest too as one would who knows of it."""
    document = json.loads(manifest_of(project).read_text(encoding="utf-8"))
    how(document)
    text = json.dumps(document | {"sha256": "0" * 64}, indent=1, sort_keys=True)
    if sealed:
        text = text.replace(SEAL.format("0" * 64), SEAL.format(_seal(text)))
    manifest_of(project).write_text(text, encoding="utf-8")


def told(capsys: pytest.CaptureFixture, *words: str) -> str:
    capsys.readouterr()
    assert main([*ASKED, *words]) == 0
    return capsys.readouterr().out


def replaced(file: Path, content: str) -> None:
    """Put another file in the place of one, which may be linked elsewhere."""
    file.unlink()
    file.write_text(content, encoding="utf-8")


def first(document: dict, kind: str) -> dict:
    return next(iter(document["state"][kind].values()))


def renamed(document: dict, kind: str, name: str) -> None:
    """Give a page or folder of tables another address."""
    document["state"][kind][name] = document["state"][kind].popitem()[1]


def remove_pages(document: dict) -> None:
    document["state"]["pages"] = {}


WAYS: dict[str, Callable[[Path], object]] = {
    "site/data/baseline/beds.csv": lambda outputs: shutil.rmtree(outputs / "site" / "data"),
    "site/data/baseline/meals.csv": lambda outputs: replaced(outputs / "site/data/baseline/meals.csv", "1,2"),
    "site/data/baseline.xlsx": lambda outputs: (outputs / "site/data/baseline.xlsx").unlink(),
    "site/assets/what-if.js": lambda outputs: replaced(outputs / "site/assets/what-if.js", "alert(1)"),
    "site/index.html": lambda outputs: replaced(outputs / "site/index.html", "x"),
    "site/glossary-zh.html": lambda outputs: (outputs / "site/glossary-zh.html").unlink(),
    "site/run.txt": lambda outputs: replaced(outputs / "site/run.txt", "0009"),
    "site/extra.html": lambda outputs: (outputs / "site/extra.html").write_text("x"),
    "tables/extra.csv": lambda outputs: (outputs / "tables/extra.csv").write_text("x"),
    PAGE: lambda outputs: (outputs / PAGE).write_bytes((outputs / PAGE).read_bytes()[:500]),
    "site/assets/site.css": lambda outputs: (shutil.rmtree(outputs / "site"), (outputs / "site").mkdir()),
    "site/assets/fonts/OFL.txt": lambda outputs: (
        (outputs / "site/assets/fonts").rename(outputs / "fonts"),
        (outputs / "site/assets/fonts").symlink_to(outputs / "fonts"),
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_each_damage_to_what_is_published_is_noticed_and_named(published, capsys, name):
    assert "published files" not in told(capsys, "--dry-run")
    WAYS[name](published / "outputs")
    line = next(line for line in told(capsys, "--dry-run").splitlines() if "published files" in line)
    number = int(line.split()[0])
    assert number > 3 or name in line


@pytest.mark.site
def test_a_damaged_site_is_whole_after_the_next_run(published, capsys):
    outputs = published / "outputs"
    before = digests(outputs)
    for name in [*WAYS][1:10]:
        WAYS[name](outputs)
    assert "published files missing, changed or too many" in told(capsys)
    after = digests(outputs)
    # All but the front pages, which bear the number of the run.
    assert complete(published) == []
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {
        *(f"site/{name}{end}.html" for name in ("index", "glossary", "quality") for end in ("", "-zh")),
        "site/run.txt",
        f"runs/{manifest_of(published).name}",
    }
    shutil.rmtree(outputs / "site")
    (outputs / "site").write_text("a file in its place")
    shutil.rmtree(outputs / "tables")
    (outputs / "tables").write_text("here too")
    told(capsys, "-q")
    assert complete(published) == [] and (outputs / "tables" / "baseline.xlsx").is_file()
    assert "0 pages executed, 1 kept" in told(capsys) and "published files" not in told(capsys, "--dry-run")


@pytest.mark.site
def test_a_changed_manifest_is_not_believed_and_nothing_that_was_published_is_lost(published, capsys):
    change(published, lambda document: first(document, "pages")["overrides"].update({"beds.norm": 55}), sealed=False)
    assert newest(published / "outputs") == State()
    capsys.readouterr()
    # Asked for is another page; the one that stands there without a record is made again.
    shutil.copy(published / "notebooks/03_beds.ipynb", published / "notebooks/08_mine.ipynb")
    assert main([*ASKED, "--notebook", "08_mine"]) == 0
    assert complete(published) == [] and (published / "outputs" / PAGE).is_file()
    assert 'class="override"' not in (published / "outputs" / PAGE).read_text(encoding="utf-8")


FORMS: dict[str, Callable[[dict], object]] = {
    "no pages": remove_pages,
    "pages are a number": lambda document: document["state"].update(pages=5),
    "overrides are a number": lambda document: first(document, "pages").update(overrides=5),
    "parts are a list": lambda document: first(document, "pages").update(parts=[]),
    "no record of reads": lambda document: document["state"].update(reads={}),
    "reads of numbers": lambda document: document["state"]["reads"].update(
        x={"parameters": [[1, 2, 3]], "tables": [3]}
    ),
    "files are a list": lambda document: first(document, "tables").update(files=[]),
    "seen is a number": lambda document: document["state"].update(seen=5),
    "the state is a list": lambda document: document.update(state=[]),
    "a page above": lambda document: renamed(document, "pages", "en/baseline/../03_beds"),
    "a scenario above": lambda document: renamed(document, "tables", "../../.."),
    "a page of another form": lambda document: renamed(document, "pages", "../../x"),
    "a table above": lambda document: first(document, "tables")["files"].update({"../../x.csv": "0" * 64}),
    "an absolute table": lambda document: first(document, "tables")["files"].update({"/etc/passwd": "0" * 64}),
    "a file above": lambda document: document["state"]["site"].update({"../../x": "0" * 64}),
    "a read file above": lambda document: first(document, "reads").update(files=["../../x"]),
    "a run above": lambda document: first(document, "pages").update(run_id="../../x"),
    "no digest": lambda document: first(document, "pages").update(notebook_sha256="x"),
}


@pytest.mark.site
@pytest.mark.parametrize("how", FORMS)
def test_a_manifest_of_a_wrong_form_or_with_names_that_lead_outside_is_as_none(one_page, tmp_path, how):
    shutil.copytree(one_page / "outputs" / "runs", tmp_path / "outputs" / "runs")
    change(tmp_path, lambda document: None)
    assert newest(tmp_path / "outputs").pages
    change(tmp_path, FORMS[how])
    assert newest(tmp_path / "outputs").pages == {}


@pytest.mark.parametrize("kind", ["brackets", "pipe", "folder", "device"])
def test_a_manifest_that_is_none_and_files_beside_it_are_passed_over(one_page, tmp_path, kind):
    runs = tmp_path / "outputs" / "runs"
    shutil.copytree(one_page / "outputs" / "runs", runs)
    for name in ("9999-x.json", "²-x.json", "９９９９-00000000.json", "9999-c0ffee00.json"):
        if kind == "brackets":
            (runs / name).write_text("[" * 200_000)
        elif kind == "device":
            (runs / name).symlink_to("/dev/zero")
        else:
            {"pipe": os.mkfifo, "folder": os.mkdir}[kind](runs / name)
    assert newest(tmp_path / "outputs") == newest(one_page / "outputs") != State()
    assert next_run_id(tmp_path / "outputs", "c0ffee00") == "10000-c0ffee00"


def test_run_numbers_count_on_beyond_four_digits(tmp_path):
    (tmp_path / "runs").mkdir()
    for name in ("9999-00000000", "10000-00000000"):
        (tmp_path / "runs" / f"{name}.json").touch()
    assert next_run_id(tmp_path, "c0ffee00") == "10001-c0ffee00"


@pytest.mark.parametrize("name", ["site", "tables", "notebooks", "runs", ".staging", ".lock"])
def test_no_run_goes_through_a_link_in_its_outputs(tmp_path, name):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "mine.csv").write_text("mine")
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / name).symlink_to(tmp_path / "theirs" / ("mine.csv" if name == ".lock" else ""))
    with (
        pytest.raises(ValueError, match=f"outputs/{name}: a link; no run writes through it"),
        locked(tmp_path / "outputs"),
    ):
        pass
    assert (tmp_path / "theirs" / "mine.csv").read_text() == "mine"


@pytest.mark.parametrize("target", [".", "..", "config/.."])
def test_outputs_that_lead_to_the_project_itself_are_refused(published, capsys, target):
    shutil.rmtree(published / "outputs")
    (published / "outputs").symlink_to(target)
    capsys.readouterr()
    assert main([*ASKED]) == 2
    assert "outputs: leads to the folder of a project" in capsys.readouterr().err
    assert (published / "notebooks" / "03_beds.ipynb").is_file()


REQUESTS: dict[str, tuple[Callable[[dict], object], str]] = {
    "scenarios": (lambda document: document["request"].update(scenarios=5), "scenarios"),
    "areas": (lambda document: document["request"].update(areas=None), "areas"),
    "timeout": (lambda document: document["request"].update(timeout=-1), "timeout: -1: a whole number from 1"),
    "no state": (lambda document: document.update(state={"pages": 5}), "missing or wrong: state.pages"),
    "a page": (lambda document: document["state"].update(pages={"x": {}}), "missing or wrong: state.pages"),
    "run": (lambda document: document.update(run_id="\x1b[31m"), "missing or wrong: run_id"),
}


@pytest.mark.parametrize("what", REQUESTS)
def test_a_manifest_to_repeat_is_checked_as_a_whole_before_anything_runs(published, capsys, what):
    how, words = REQUESTS[what]
    change(published, how)
    before = digests(published / "outputs")
    assert main(["run", "--manifest", str(manifest_of(published))]) == 2
    said = capsys.readouterr()
    assert words in said.err and len(said.err.splitlines()) == 1 and said.out == ""
    assert digests(published / "outputs") == before


def test_a_project_that_cannot_be_written_is_checked_traced_compared_and_planned(published, capsys, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("mkdir", "write_text", "write_bytes", "replace", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr(staging, "FileLock", refuse)
    before = digests(published)
    row = ["area=deqing", "year=2030", "bed_type=all", "basis=registered"]
    for words in (["check"], ["trace", "beds", *row], ["scenarios"], [*ASKED, "--dry-run"]):
        assert main(words) == 0, words
    assert "0 pages would be executed, 1 kept" in capsys.readouterr().out
    for words in ([*ASKED], ["new-scenario", "mine"]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert "cannot be written: Permission denied" in said and len(said.splitlines()) == 1
    assert digests(published) == before


def test_addresses_of_published_files_are_plain(one_page):
    changed = [f"site/data/{TableFolder('baseline', True).name}.xlsx"]
    for name in [*newest(one_page / "outputs").files(), *changed]:
        assert re.fullmatch(r"([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(\.[a-z0-9]+)?", name), name


def test_a_site_with_the_names_of_before_is_renewed(published, capsys):
    """As an older version left it: other names, a manifest without a digest of itself, and its front pages."""
    site = published / "outputs" / "site"
    (site / "index-zh.html").rename(site / "index.zh.html")
    (site / "data" / "baseline").rename(site / "data" / "baseline+set")
    (published / "outputs" / "tables" / "baseline").rename(published / "outputs" / "tables" / "baseline+set")
    change(published, lambda document: document["state"].pop("site"), sealed=False)
    told(capsys, "-q")
    assert complete(published) == [] and not [*published.rglob("*+set*"), *published.rglob("index.zh.html")]


def test_a_long_folder_for_temporary_files_is_no_obstacle(tmp_path, monkeypatch):
    long, seen = str(tmp_path / ("t" * 100)), []
    monkeypatch.setattr(tempfile, "tempdir", long)
    monkeypatch.setattr(workers.util, "get_temp_dir", lambda: seen.append(tempfile.gettempdir()))
    monkeypatch.setattr(workers.forkserver, "ensure_running", lambda: None)
    workers.start_server({})
    assert seen == ["/tmp"] and tempfile.gettempdir() == long


def test_a_pool_that_has_ended_is_told_as_a_killed_process(tmp_path):
    with Workers(tmp_path, tmp_path, 1) as one:
        vars(one)["_pool"] = pool = Mock()
        pool.schedule.side_effect = RuntimeError("Unexpected error within the Pool")
        with pytest.raises(ProcessExpired):
            one.submit(print)
        job: Future = Future()
        job.cancel()
        with pytest.raises(ProcessExpired):
            outcomes(job, [Mock()], 1)


def test_a_worker_of_a_cluster_has_a_folder_of_its_own_which_goes(root, tmp_path, monkeypatch):
    monkeypatch.setattr("distributed.get_worker", lambda: Mock(local_directory=str(tmp_path)))
    archive = cluster.pack(root)
    # What another user has put where the folder might be expected is not looked at.
    (tmp_path / f"eldercare-{hashlib.sha256(archive).hexdigest()[:16]}").mkdir()
    place = cluster.unpack(archive).root
    assert stat.S_IMODE(place.stat().st_mode) == 0o700 and (place / "notebooks" / "03_beds.ipynb").is_file()
    assert cluster.unpack(archive).root == place
    cluster.forget()
    assert not place.exists()


def test_what_is_published_is_on_the_disk_before_anything_is_put_in_place(tmp_path, monkeypatch):
    done = []
    with locked(tmp_path) as work:
        stage = staging.Staging(tmp_path, work / "0001")
        stage.write("site/a", "x")
        stage.write("tables/a", "x")
        monkeypatch.setattr(staging, "_of_system", lambda name: lambda *_: done.append(name) or -1)
        monkeypatch.setattr(Path, "replace", lambda *_: done.append("replace"))
        monkeypatch.setattr(Path, "rename", lambda *_: done.append("rename"))
        stage.publish({"tables/a"})
    assert done == ["syncfs", "replace", "rename"]
