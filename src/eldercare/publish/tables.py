"""Tables: the results of a scenario as CSV files with a datapackage.json beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from eldercare.figures.text import Text
from eldercare.inputs import CITY, Project, load_project
from eldercare.model import Run
from eldercare.publish.dictionary import Column, Table, reading_notes, tables
from eldercare.publish.request import LANGUAGES
from eldercare.publish.workbook import workbook

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
        return Run(CITY, scenario, project=project).all_areas()
    runs = [Run(area, scenario, dict(overrides), project) for area, overrides in changed.items()]
    return {name: pd.concat([getattr(run, name) for run in runs], ignore_index=True) for name in tables()}


def table_files(
    root: Path, scenario: str, run_id: str, changed: Mapping[str, Mapping[str, object]] | None = None
) -> dict[str, bytes]:
    """Return the files of a scenario's tables by path below outputs/tables.

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
    folder = f"{scenario}+set" if changed else scenario
    texts = {name: csv_text(frames[name], table) for name, table in tables().items()}
    about = datapackage(project, scenario, run_id, changed)
    return {
        **{f"{folder}/{name}.csv": text.encode("utf-8") for name, text in texts.items()},
        f"{folder}/datapackage.json": (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode("utf-8"),
        f"{folder}.xlsx": workbook(project, scenario, run_id, frames, changed or {}),
    }


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
    cells = [[cell_text(value, column) for value in frame[column.name]] for column in table.columns]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*cells, strict=True))
    return stream.getvalue()


def cell_text(value: object, column: Column) -> str:
    """Return one value as it stands in a CSV file.

    Examples
    --------
    >>> beds = tables()["beds"]
    >>> named = {column.name: column for column in beds.columns}
    >>> cell_text(39467.0, named["supply"]), cell_text(-1e-9, named["supply"]), cell_text(True, named["allocated"])
    ('39467', '0', 'true')
    """
    if pd.isna(value):
        return ""
    if column.type == "boolean":
        return "true" if value else "false"
    if column.type == "integer":
        return str(int(value))
    if column.type == "number":
        # Numbers that add keep more digits than are shown, so that the counties still add up to the city.
        text = f"{float(value):.{6 if column.adds else column.decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
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
