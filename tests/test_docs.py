"""The made pages of docs/ are up to date and leave nothing out; what the docs name exists; lines stay readable."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import click
import pytest

from eldercare.cli import commands
from eldercare.inputs import load_project
from eldercare.publish.dictionary import tables
from eldercare.publish.front import QUALITY_MARKS

SPEC = importlib.util.spec_from_file_location("make_docs", Path(__file__).parents[1] / "tools" / "make_docs.py")
make_docs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_docs)


@pytest.fixture(scope="module")
def pages(root):
    return make_docs.pages(root)


@pytest.mark.parametrize(
    "name",
    [
        "docs/parameters.md",
        "docs/assumptions.md",
        "docs/tables.md",
        "docs/commands.md",
        "docs/decisions/README.md",
        "docs/quality.md",
    ],
)
def test_a_made_page_is_what_configuration_and_code_say(root, pages, name):
    written = (root / name).read_text(encoding="utf-8")
    assert written == pages[name], f"{name} is out of date; run: {make_docs.COMMAND}"


def test_every_parameter_is_documented_and_every_assumption_listed(root, pages):
    project = load_project(root)
    assert set(re.findall(r"^### `(.+)`$", pages["docs/parameters.md"], re.M)) == set(project.parameters)
    for key, one in project.parameters.items():
        assert (f"| `{key}` |" in pages["docs/assumptions.md"].split("##")[0]) == (one.evidence == "assumption"), key


def test_the_quality_statement_has_its_items_in_both_languages_and_its_evidence_is_there(root):
    given = QUALITY_MARKS
    assert [len(part["items"]) for part in given["lists"]] == [7, 18, 18, 14, 60]
    for row in (row for part in given["lists"] for row in part["items"]):
        assert row["mark"] in ("met", "partly", "not") and row["en"] and row["why"]["en"]
        assert re.search("[\u4e00-\u9fff]", row["why"]["zh"]) and re.search("[\u4e00-\u9fff]", row["zh"]), row
        assert row["evidence"] or row["mark"] == "not", row["en"]
        assert all((root / path).is_file() for path in row["evidence"]), row["evidence"]
    assert all(row["en"] and row["zh"] for use in ("permitted", "forbidden") for row in given[use])


def test_every_column_of_every_table_is_documented(pages):
    for table in tables().values():
        section = pages["docs/tables.md"].split(f"## {table.name}.csv")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [column.name for column in table.columns]
        assert all(column.meaning["en"] and column.meaning["zh"] for column in table.columns)


def test_every_command_and_option_says_what_it_does():
    for name, command in commands.commands.items():
        assert command.help and command.help.strip().endswith("."), name
        for param in command.params:
            if isinstance(param, click.Option):
                assert param.help, (name, param.name)


def test_commands_that_the_docs_name_exist(root):
    for file in (root / "README.md", *(root / "docs").rglob("*.md")):
        for line in re.findall(r"`(?:\.venv/bin/)?eldercare ([^`]+)`", file.read_text(encoding="utf-8")):
            words = line.split()
            if words[0].endswith(":"):  # a message of the command, not a call
                continue
            assert words[0] in commands.commands or words[0] == "COMMAND", (file.name, line)
            command = commands.commands.get(words[0], commands)
            known = {option for param in command.params for option in param.opts}
            assert {word for word in words if word.startswith("--")} <= known, (file.name, line)


def written(root: Path) -> dict[str, list[str]]:
    """Return the lines of every Markdown file in git by its path."""
    files = [
        *root.glob("*.md"),
        *(root / "docs").rglob("*.md"),
        *(root / folder / "README.md" for folder in ("analysis", "data/raw", "data/processed", "outputs")),
    ]
    return {str(file.relative_to(root)): file.read_text(encoding="utf-8").splitlines() for file in files}


def too_long(lines: list[str]) -> list[str]:
    # A row of a table cannot be broken.
    return [line for line in lines if len(line) > 140 and not line.startswith("|")]


def test_no_line_of_text_is_too_long_for_a_diff(root):
    assert {name: found for name, lines in written(root).items() if (found := too_long(lines))} == {}
    assert too_long(["x" * 140, "| " + "x" * 140]) == [] and too_long(["x" * 141]) == ["x" * 141]


def test_a_file_of_decisions_holds_one_that_has_a_date(root):
    for file in (root / "docs" / "decisions").iterdir():
        if file.name != "README.md":
            assert re.fullmatch(r"20\d\d-\d\d-\d\d-[a-z0-9-]+\.md", file.name), file.name
            title, empty, text, *_ = file.read_text(encoding="utf-8").splitlines()
            assert title.startswith("# ") and not empty and text, file.name
            assert file.read_text(encoding="utf-8").count("\n# ") == 0, file.name


def test_files_that_the_docs_name_exist(root):
    for name, lines in written(root).items():
        text = "\n".join(lines)
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not link.startswith("https:"):
                assert (root / name).parent.joinpath(link).exists(), (name, link)
        for path in re.findall(r"`((?:src|tests|tools|config|docs|benchmarks)/[\w./-]+\.\w+)`", text):
            if "my_" not in path and "NAME" not in path:  # an example of a file to write
                assert (root / path).exists(), (name, path)


def test_the_readme_s_python_runs_as_it_stands(root, monkeypatch):
    monkeypatch.chdir(root)
    (code,) = re.findall(r"^```python\n(.*?)^```", (root / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    *statements, last = code.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(statements), names)
    beside = eval(last, names)
    assert len(names["planned"].beds) and {"supply_a", "supply_b", "supply_difference"} <= set(beside)


def test_an_audit_without_answers_does_not_say_that_nothing_was_found(root):
    spec = importlib.util.spec_from_file_location("audit", root / "tools" / "audit.py")
    audit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(audit)
    silent = {"name": "a", "skip_reason": "not found"}
    sound = {"name": "b", "version": "1", "vulns": []}
    weak = {"name": "c", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}]}
    assert audit.verdict({"dependencies": [silent]})[0] == [
        "audit: not done, the registry gives no answer about any of the 1 packages"
    ]
    lines, found = audit.verdict({"dependencies": [silent, sound, weak]})
    assert found and lines == [
        "audit: 2 of 3 packages audited, 1 advisories; no answer about 1",
        "audit: c 2: X-1, mended in 3",
    ]
