"""The shipped notebooks: their shape, and each of them run for city and county in both languages with few draws."""

from __future__ import annotations

import ast
import json
import re

import pytest

from eldercare.report.html import SITE
from tests.shipped import ROOT

NOTEBOOKS = sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb"))
MARKDOWN, CODE = {"guide", "try", "lang-en", "lang-zh"}, {"parameters", "page", "numbers", "picture", "finding", "try"}
MOST_CELLS, MOST_LINES = 25, 10
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.With, ast.Try, ast.While)


def cells(name: str) -> list[dict]:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]]


def tag(cell: dict) -> str:
    (only,) = cell["metadata"].get("tags", [""])
    return only


@pytest.mark.unit
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_cell_says_what_it_is_and_no_output_is_kept(name):
    for cell in cells(name):
        assert tag(cell) in (MARKDOWN if cell["cell_type"] == "markdown" else CODE), cell["id"]
        assert not cell.get("outputs") and not cell.get("execution_count"), cell["id"]


@pytest.mark.unit
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_text_stands_in_both_languages_under_the_same_headings(name):
    texts = {language: [c for c in cells(name) if tag(c) == f"lang-{language}"] for language in ("en", "zh")}
    sections = {language: [re.sub(r"-(en|zh)$", "", cell["id"]) for cell in found] for language, found in texts.items()}
    assert sections["en"] == sections["zh"] and len(sections["en"]) > 1
    for cell in [*texts["en"], *texts["zh"]]:
        assert cell["source"].startswith(("# ", "## ")), cell["id"]
        assert all(len(line) <= 300 for line in cell["source"].splitlines()), cell["id"]


@pytest.mark.unit
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_code_is_short_and_plain(name):
    code = [cell for cell in cells(name) if cell["cell_type"] == "code"]
    assert len(code) <= MOST_CELLS
    for cell in code:
        tree = ast.parse(cell["source"])
        assert sum(map(bool, cell["source"].splitlines())) <= MOST_LINES, cell["id"]
        assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)], cell["id"]
        assert not re.search(r"\bopen\(|read_csv|Path\(", cell["source"]), cell["id"]


def html_of(shown: object) -> str:
    """Return what the site shows of an output."""
    bundle = getattr(shown, "_repr_mimebundle_", dict)()
    return bundle[SITE] if SITE in bundle else getattr(shown, "_repr_html_", str)()


@pytest.mark.notebook
@pytest.mark.parametrize(("area", "language"), [("huzhou", "zh"), ("deqing", "en")])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_runs(run_notebook, name, area, language):
    published = [cell["id"] for cell in cells(name) if tag(cell) in ("page", "picture", "finding")]
    outputs = {key: html_of(value) for key, value in run_notebook(name, area, language).items() if value is not None}
    html = "\n".join(outputs[key] for key in published if key in outputs)
    charts = re.findall(r'id="chart-([\w-]+)"', html)
    assert len(charts) == len(set(charts))
    words = re.sub(r"<svg.*?</svg>|<script.*?</script>|data:[^\"]*", "", html, flags=re.S).lower().split()
    assert len(words) > 100 and not {"nan", "none>", "inf"} & set(words)
