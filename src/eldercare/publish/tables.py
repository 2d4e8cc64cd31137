"""Tables: the results of a scenario as CSV files with a datapackage.json beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from eldercare.inputs import CITY, Project, load_project
from eldercare.model import Results
from eldercare.publish.dictionary import Column, Table, reading_notes, tables
from eldercare.publish.request import LANGUAGES
from eldercare.publish.workbook import workbook
from eldercare.report.text import Text

# How a cell begins that a spreadsheet program would compute.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = dict.fromkeys(map(ord, "\t\r\n"), " ")


def frames_of(
    project: Project, scenario: str, changed: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a scenario: all areas, or only the areas whose values were changed.

    Parameters
    ----------
    project : Project
    scenario : str
    changed : mapping, optional
        Overrides by area.
    """
    if not changed:
        results = Results(CITY, scenario, project=project)
        return {name: results.everywhere(name) for name in tables()}
    runs = [Results(area, scenario, dict(overrides), project) for area, overrides in changed.items()]
    return {name: pd.concat([run.table(name) for run in runs], ignore_index=True) for name in tables()}


def csv_files(
    root: Path, scenario: str, run_id: str, changed: Mapping[str, Mapping[str, object]] | None = None
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
    given = frames_of(project, scenario, changed)
    frames = {name: given[name] for name in tables()}
    about = datapackage(project, scenario, run_id, changed)
    files = {
        **{f"{name}.csv": csv_text(frames[name], table) for name, table in tables().items()},
        "datapackage.json": json.dumps(about, ensure_ascii=False, indent=1) + "\n",
    }
    folder = _folder(scenario, changed)
    return {f"{folder}/{name}": text.encode("utf-8") for name, text in files.items()}, frames


def workbook_file(
    root: Path,
    scenario: str,
    run_id: str,
    changed: Mapping[str, Mapping[str, object]] | None,
    frames: Mapping[str, pd.DataFrame],
) -> dict[str, bytes]:
    """Return the workbook of the frames of :func:`csv_files`, by its path below outputs/tables."""
    content = workbook(load_project(root), scenario, run_id, frames, changed or {})
    return {f"{_folder(scenario, changed)}.xlsx": content}


def table_files(
    root: Path, scenario: str, run_id: str, changed: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, bytes]:
    """Return all files of a scenario's tables by path below outputs/tables; parameters as for :func:`csv_files`."""
    files, frames = csv_files(root, scenario, run_id, changed)
    return files | workbook_file(root, scenario, run_id, changed, frames)


def _folder(scenario: str, changed: Mapping[str, Mapping[str, object]] | None) -> str:
    return f"{scenario}+set" if changed else scenario


def csv_text(frame: pd.DataFrame, table: Table) -> str:
    """Return a frame as CSV: columns as described, fixed digits, no noise.

    Raises
    ------
    ValueError
        If the frame and the description of its columns differ.
    """
    names = [column.name for column in table.columns]
    if list(frame.columns) != names:
        raise ValueError(f"columns of {table.name} are {list(frame.columns)}, described are {names}")
    cells = [cell_texts(frame[column.name], column) for column in table.columns]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*cells, strict=True))
    return stream.getvalue()


def cell_texts(values: pd.Series, column: Column) -> list[str]:
    """Return the values of a column as they stand in a CSV file.

    Examples
    --------
    >>> beds = tables()["beds"]
    >>> named = {column.name: column for column in beds.columns}
    >>> cell_texts(pd.Series([39467.0, -1e-9, None]), named["supply"])
    ['39467', '0', '']
    >>> cell_texts(pd.Series([True]), named["allocated"])
    ['true']
    """
    texts = {"boolean": _boolean, "integer": _integer, "number": _number(column), "string": _string}
    text = texts[column.type]
    missing = values.isna().tolist()
    return ["" if gap else text(value) for value, gap in zip(values.tolist(), missing, strict=True)]


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _integer(value: object) -> str:
    return str(int(value))


def _number(column: Column) -> Callable[[object], str]:
    # Numbers that add keep more digits than are shown, so that the counties still add up to the city.
    form = f".{6 if column.adds else column.decimals}f"

    def text(value: object) -> str:
        digits = format(float(value), form)
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits

    return text


@cache
def _string(value: object) -> str:
    # A column of words holds few different ones.
    return neutral(str(value))


def neutral(text: str) -> str:
    """Return a text in one line that no spreadsheet program takes for a formula.

    Examples
    --------
    >>> neutral("=1+1"), neutral("\\t@x"), neutral("deqing")
    ("'=1+1", "' @x", 'deqing')
    """
    line = text.translate(BREAKS)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def datapackage(
    project: Project, scenario: str, run_id: str, changed: Mapping[str, Mapping[str, object]] | None = None
) -> dict:
    """Return the description of a scenario's tables (Frictionless tabular data package)."""
    label = project.scenarios[scenario].label
    texts = {language: Text(language) for language in LANGUAGES}
    return {
        "profile": "tabular-data-package",
        "name": f"eldercare-{scenario}{'-set' if changed else ''}".replace("_", "-"),
        "title": texts["en"]("tables.package_title", scenario=label["en"]),
        "title_zh": texts["zh"]("tables.package_title", scenario=label["zh"]),
        "description": " ".join(texts["en"](f"tables.{key}") for key in reading_notes(changed)),
        "description_zh": "".join(texts["zh"](f"tables.{key}") for key in reading_notes(changed)),
        "run_id": run_id,
        "scenario": scenario,
        "overrides": {area: dict(overrides) for area, overrides in (changed or {}).items()},
        "sources": [
            {"title": source.title, "path": source.url, "source_id": source.source_id}
            if source.url.startswith(("http://", "https://"))
            else {"title": source.title, "source_id": source.source_id}
            for source in project.sources.values()
        ],
        "resources": [_resource(table) for table in tables().values()],
    }


def _resource(table: Table) -> dict:
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
