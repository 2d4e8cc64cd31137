"""What a shipped notebook may hold: the rules that keep it thin, checked on the file as written."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PARAMETERS = ("area", "scenario", "overrides", "language")
MAX_CODE_CELLS = 12
MAX_LINES = 8

# A readable id says what the cell shows; eight characters all from a-f and digits are what editors make up.
_CELL_ID = re.compile(r"[a-z]+(-[a-z]+)*")
_MADE_UP_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]+)*")

_NOT_THIN: dict[type[ast.AST], str] = {
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "async def",
    ast.ClassDef: "class",
    ast.Lambda: "lambda",
    ast.For: "for",
    ast.AsyncFor: "async for",
    ast.comprehension: "for",
    ast.While: "while",
    ast.With: "with",
    ast.AsyncWith: "async with",
}


def check_notebooks(root: Path) -> list[str]:
    """Return one line per broken rule in ``root/notebooks/*.ipynb``, none if all are thin.

    The rules: nbformat 4.5, no outputs and no execution counts, readable cell ids that are not used twice, one cell
    tagged ``parameters`` that sets exactly area, scenario, overrides and language to plain values, at most 12 code
    cells of at most 8 lines without definitions, loops, ``with`` or ``open(``, and no digits in text cells (a number
    that could differ between areas comes from code).

    Parameters
    ----------
    root
        The project folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     print(*check_notebooks(Path(folder)))
    notebooks: no .ipynb file there
    """
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    if not paths:
        return ["notebooks: no .ipynb file there"]
    return [f"notebooks/{path.name}: {problem}" for path in paths for problem in _problems(path)]


def _problems(path: Path) -> Iterator[str]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [(cell["cell_type"], cell.get("id", ""), _source(cell), cell) for cell in notebook["cells"]]
        version = notebook["nbformat"], notebook["nbformat_minor"]
    except (ValueError, KeyError, TypeError) as error:
        yield f"not a notebook ({error})"
        return
    if version != (4, 5):
        yield f"format {version[0]}.{version[1]}, must be 4.5"

    yield from _id_problems([cell_id for _, cell_id, _, _ in cells])
    yield from _parameters_problems([cell for _, _, _, cell in cells])

    code = [entry for entry in cells if entry[0] == "code"]
    if len(code) > MAX_CODE_CELLS:
        yield f"{len(code)} code cells, at most {MAX_CODE_CELLS}"
    for kind, cell_id, source, cell in cells:
        if kind == "code":
            yield from (f"cell {cell_id}: {problem}" for problem in _code_problems(source, cell))
        elif kind == "markdown":
            if found := re.search(r"\d", source):
                yield f"cell {cell_id}: digit {found[0]} in text; numbers come from code"
        else:
            yield f"cell {cell_id}: type {kind}, must be code or markdown"


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _id_problems(ids: list[str]) -> Iterator[str]:
    for position, cell_id in enumerate(ids):
        if not _CELL_ID.fullmatch(cell_id) or _MADE_UP_ID.fullmatch(cell_id):
            yield f"cell id {cell_id!r}: must be words of small letters joined by hyphens"
        if cell_id in ids[:position]:
            yield f"cell id {cell_id!r}: used twice"


def _parameters_problems(cells: list[dict[str, Any]]) -> Iterator[str]:
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells tagged parameters, must be one"
        return
    try:
        statements = ast.parse(_source(tagged[0])).body
        names = tuple(statement.targets[0].id for statement in statements)  # type: ignore[attr-defined]
        for statement in statements:
            ast.literal_eval(statement.value)  # type: ignore[attr-defined]
    except (SyntaxError, ValueError, AttributeError):
        yield "parameters cell: must only set names to plain values"
        return
    if names != PARAMETERS:
        yield f"parameters cell: sets {', '.join(names) or 'nothing'}; must be {', '.join(PARAMETERS)}"


def _code_problems(source: str, cell: dict[str, Any]) -> Iterator[str]:
    if cell.get("outputs"):
        yield "has outputs; clear them"
    if cell.get("execution_count") is not None:
        yield "has an execution count; clear it"
    if (lines := len(source.splitlines())) > MAX_LINES:
        yield f"{lines} lines, at most {MAX_LINES}"
    try:
        tree = ast.parse(source)
    except SyntaxError:
        yield "not plain Python"
        return
    for node in ast.walk(tree):
        if word := _NOT_THIN.get(type(node)):
            yield f"{word} in a notebook; belongs in the package"
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "open":
                yield "open() in a notebook; files are read by the package"
