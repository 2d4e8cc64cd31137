"""Shipped notebooks are thin, and the check finds each kind of notebook that is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from eldercare.publish.notebooks import check_notebooks

NAME = "03_beds.ipynb"


def code_cell(cell_id: str, source: str) -> dict:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def with_code(source: str) -> Callable[[dict], None]:
    return lambda notebook: notebook["cells"].append(code_cell("seeded", source))


def with_parameters(source: str) -> Callable[[dict], None]:
    def change(notebook: dict) -> None:
        tagged = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
        tagged[0]["source"] = source

    return change


def last_code(notebook: dict) -> dict:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][-1]


def test_every_shipped_notebook_is_thin(root: Path) -> None:
    assert check_notebooks(root) == []


def test_every_shipped_notebook_is_valid_and_keeps_its_bytes(root: Path) -> None:
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        nbformat.validate(json.loads(text))
        assert text.rstrip("\n") == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True), (
            path.name
        )


SEEDED = {
    "old format": (lambda nb: nb.update(nbformat_minor=4), "format 4.4, must be 4.5"),
    "outputs": (
        lambda nb: last_code(nb)["outputs"].append({"output_type": "stream", "name": "stdout", "text": "x"}),
        "has outputs",
    ),
    "execution count": (lambda nb: last_code(nb).update(execution_count=3), "has an execution count"),
    "made-up id": (lambda nb: last_code(nb).update(id="deadbeef"), "cell id 'deadbeef': must be words"),
    "hex id with digits": (lambda nb: last_code(nb).update(id="4f1b22c9"), "cell id '4f1b22c9': must be words"),
    "no id": (lambda nb: last_code(nb).pop("id"), "cell id '': must be words"),
    "same id twice": (lambda nb: nb["cells"].append(copy.deepcopy(last_code(nb))), "used twice"),
    "no parameters cell": (
        lambda nb: [cell["metadata"].update(tags=[]) for cell in nb["cells"]],
        "0 cells tagged parameters",
    ),
    "two parameters cells": (
        lambda nb: last_code(nb)["metadata"].update(tags=["parameters"]),
        "2 cells tagged parameters",
    ),
    "a parameter too many": (
        with_parameters('area = "huzhou"\nscenario = "baseline"\noverrides = {}\nlanguage = "en"\nyear = 2030'),
        "sets area, scenario, overrides, language, year; must be",
    ),
    "a parameter missing": (with_parameters('area = "huzhou"'), "sets area; must be"),
    "a computed parameter": (with_parameters('area = "huz" * 2'), "must only set names to plain values"),
    "an import in the parameters": (with_parameters("import os"), "must only set names to plain values"),
    "too many cells": (
        lambda nb: nb["cells"].extend(code_cell("more-" + "a" * n, "page") for n in range(1, 13)),
        "code cells, at most 12",
    ),
    "too many lines": (with_code("page\n" * 9), "9 lines, at most 8"),
    "def": (with_code("def gap(x):\n    return x"), "def in a notebook"),
    "class": (with_code("class Beds:\n    pass"), "class in a notebook"),
    "for": (with_code("for year in years:\n    year"), "for in a notebook"),
    "comprehension": (with_code("[year for year in years]"), "for in a notebook"),
    "while": (with_code("while True:\n    break"), "while in a notebook"),
    "lambda": (with_code("frame.pipe(lambda x: x)"), "lambda in a notebook"),
    "with": (with_code("with style.drawing():\n    page"), "with in a notebook"),
    "open": (with_code('open("beds.csv")'), "open() in a notebook"),
    "open of a path": (with_code("path.open()"), "open() in a notebook"),
    "magic": (with_code("%matplotlib inline"), "not plain Python"),
    "number in text": (
        lambda nb: nb["cells"][0].update(cell_type="markdown", source=["Beds fall short in 2023."]),
        "digit 2 in text",
    ),
    "raw cell": (
        lambda nb: nb["cells"].append({"cell_type": "raw", "id": "note", "metadata": {}, "source": "x"}),
        "type raw",
    ),
}


@pytest.mark.parametrize(("change", "problem"), SEEDED.values(), ids=SEEDED)
def test_each_broken_rule_is_found(project_copy: Path, change: Callable[[dict], None], problem: str) -> None:
    path = project_copy / "notebooks" / NAME
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    found = check_notebooks(project_copy)
    assert any(problem in line and line.startswith(f"notebooks/{NAME}: ") for line in found), found


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}'])
def test_a_file_that_is_no_notebook_is_named(project_copy: Path, text: str) -> None:
    (project_copy / "notebooks" / NAME).write_text(text, encoding="utf-8")
    (line,) = check_notebooks(project_copy)
    assert line.startswith(f"notebooks/{NAME}: not a notebook")
