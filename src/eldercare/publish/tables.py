"""Tables: the results of a scenario as CSV files with a datapackage.json beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from eldercare.inputs import Project, load_project
from eldercare.inputs.sources import Source
from eldercare.model import Results
from eldercare.publish.dictionary import Changed, Column, Table, described, reading_notes, tables
from eldercare.publish.request import TableFolder
from eldercare.publish.workbook import workbook
from eldercare.report.text import Text

# How a cell begins that a spreadsheet program would compute.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = dict.fromkeys(map(ord, "\t\r\n"), " ")


def frames_of(project: Project, scenario: str, changed: Changed | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of a scenario: all areas, or only the areas whose values were changed (overrides by area)."""
    if not changed:
        results = Results(None, scenario, project=project)
        return {name: results.everywhere(name) for name in tables()}
    runs = [Results(area, scenario, dict(overrides), project) for area, overrides in changed.items()]
    return {name: pd.concat([run.table(name) for run in runs], ignore_index=True) for name in tables()}


def csv_files(
    root: Path, scenario: str, run_id: str, changed: Changed | None = None
) -> tuple[dict[str, bytes], dict[str, pd.DataFrame]]:
    """Return a scenario's tables and their description as files by path below outputs/tables, and as frames.

    Parameters
    ----------
    root : Path
        Folder of the project.
    scenario, run_id : str
    changed : mapping, optional
        Overrides by area; the files then go beside the scenario's own, as ``<scenario>+set``.
    """
    project = load_project(root)
    frames = frames_of(project, scenario, changed)
    about = datapackage(project, scenario, run_id, changed)
    files = {f"{name}.csv": csv_text(frames[name], table) for name, table in described(project.city).items()}
    files["datapackage.json"] = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    folder = TableFolder(scenario, bool(changed)).name
    return {f"{folder}/{name}": text.encode() for name, text in files.items()}, frames


def workbook_file(
    root: Path, scenario: str, run_id: str, changed: Changed | None, frames: Mapping[str, pd.DataFrame]
) -> dict[str, bytes]:
    """Return the workbook of the frames of :func:`csv_files`, by its path below outputs/tables."""
    content = workbook(load_project(root), scenario, run_id, frames, changed or {})
    return {f"{TableFolder(scenario, bool(changed)).name}.xlsx": content}


def table_files(root: Path, scenario: str, run_id: str, changed: Changed | None = None) -> dict[str, bytes]:
    """Return all files of a scenario's tables by path below outputs/tables; parameters as for :func:`csv_files`."""
    files, frames = csv_files(root, scenario, run_id, changed)
    return files | workbook_file(root, scenario, run_id, changed, frames)


def csv_text(frame: pd.DataFrame, table: Table) -> str:
    """Return a frame as CSV: columns as described, fixed digits, no noise.

    Raises
    ------
    ValueError
        If the frame and the description of its columns differ.

    Examples
    --------
    >>> columns = tables()["beds"].columns
    >>> beds = Table("beds", {}, tuple(c for c in columns if c.name in ("area", "supply", "allocated")))
    >>> frame = pd.DataFrame({"area": ["north", "=1+1"], "supply": [12345.0, -1e-9], "allocated": [True, None]})
    >>> print(csv_text(frame, beds))
    area,supply,allocated
    north,12345,true
    '=1+1,0,
    <BLANKLINE>
    """
    names = [column.name for column in table.columns]
    if list(frame.columns) != names:
        raise ValueError(f"columns of {table.name} are {list(frame.columns)}, described are {names}")
    texts = {column.name: frame[column.name].map(_writer(column), na_action="ignore") for column in table.columns}
    return pd.DataFrame(texts).to_csv(index=False, lineterminator="\n")


def _writer(column: Column) -> Callable[[Any], str]:
    """Return how a value of a column is written."""
    # Numbers that add keep more digits than are shown, so that the counties still add up to the city.
    form = f".{6 if column.adds else column.decimals}f"

    def number(value: float) -> str:
        digits = format(float(value), form)
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits

    return {
        "boolean": lambda value: "true" if value else "false",
        "integer": lambda value: str(int(value)),
        "number": number,
        "string": lambda value: neutral(str(value)),
    }[column.type]


@cache  # a column of words holds few different ones
def neutral(text: str) -> str:
    """Return a text in one line that no spreadsheet program takes for a formula.

    Examples
    --------
    >>> neutral("=1+1"), neutral("\\t@x"), neutral("north")
    ("'=1+1", "' @x", 'north')
    """
    line = text.translate(BREAKS)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def datapackage(project: Project, scenario: str, run_id: str, changed: Changed | None = None) -> dict[str, Any]:
    """Return the description of a scenario's tables (Frictionless tabular data package)."""
    label, city = project.scenarios[scenario].label, project.city.label
    t, zh = Text("en"), Text("zh")
    notes = [f"tables.{key}" for key in reading_notes(changed)]
    return {
        "profile": "tabular-data-package",
        "name": f"eldercare-{scenario}{'-set' if changed else ''}".replace("_", "-"),
        "title": t("tables.package_title", scenario=label["en"], city=city["en"]),
        "title_zh": zh("tables.package_title", scenario=label["zh"], city=city["zh"]),
        "description": " ".join(map(t, notes)),
        "description_zh": "".join(map(zh, notes)),
        "run_id": run_id,
        "scenario": scenario,
        "overrides": {area: dict(overrides) for area, overrides in (changed or {}).items()},
        "sources": sources(project.sources.values()),
        "resources": [resource(table) for table in described(project.city).values()],
    }


def sources(used: Iterable[Source]) -> list[dict[str, str]]:
    """Return sources as a data package lists them."""
    return [
        {"title": source.title}
        | ({"path": source.url} if source.url.startswith(("http://", "https://")) else {})
        | {"source_id": source.source_id}
        for source in used
    ]


def resource(table: Table) -> dict[str, Any]:
    """Return a table and its columns as a data package describes them."""
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.title["en"],
        "title_zh": table.title["zh"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {
                    "name": column.name,
                    "type": column.type,
                    "unit": column.unit["en"],
                    "unit_zh": column.unit["zh"],
                    "description": column.meaning["en"],
                    "description_zh": column.meaning["zh"],
                    "counties_add_to_city": column.adds,
                }
                for column in table.columns
            ],
            "primaryKey": [column.name for column in table.columns if column.key],
            "missingValues": [""],
        },
    }
