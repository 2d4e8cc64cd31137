"""Tables: the results of a scenario as described CSV files and a workbook, the launch state in data/processed."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from eldercare.inputs import Project, load_project, resolve
from eldercare.inputs.guards import neutral
from eldercare.inputs.scenarios import BASELINE
from eldercare.inputs.tables import Source
from eldercare.model import Results, Run
from eldercare.model.processed import launch_state
from eldercare.publish.dictionary import Changed, Column, Label, Table, reading_notes, tables
from eldercare.publish.request import LANGUAGES, TableFolder
from eldercare.publish.workbook import workbook
from eldercare.report.text import Text, names


def frames_of(project: Project, scenario: str, changed: Changed) -> dict[str, pd.DataFrame]:
    """Return the tables of a scenario: all areas, or only the areas whose values were changed (overrides by area)."""
    if not changed:
        results = Results(None, scenario, project=project)
        return {name: results.everywhere(name) for name in tables()}
    runs = [Results(area, scenario, dict(overrides), project) for area, overrides in changed.items()]
    return {name: pd.concat([run.table(name) for run in runs], ignore_index=True) for name in tables()}


def table_files(root: Path, scenario: str, run: str, changed: Changed, day: str, full: bool = True) -> dict[str, bytes]:
    """Return a scenario's tables of a day, their description and the workbook as files by path below outputs/tables.

    ``changed`` are overrides by area; with some, the files stand beside the scenario's own, as ``<scenario>-set``.
    Where not ``full``, no scenarios are compared.
    """
    project = load_project(root)
    described, frames = tables(years=project.city.years_ahead), frames_of(project, scenario, changed)
    texts = {language: Text(language, names(project, language)) for language in LANGUAGES}
    title = {n: t("tables.package_title", scenario=project.scenarios[scenario].label[n]) for n, t in texts.items()}
    notes = {n: t.sentences(t(f"tables.{key}") for key in reading_notes(changed)) for n, t in texts.items()}
    about = {"run_id": run, "scenario": scenario, "overrides": changed}
    about["headline"] = {} if changed else headline(project, scenario, frames)
    folder = TableFolder(scenario, bool(changed)).name
    files = packaged(folder, title, notes, project.sources.values(), described, frames, about)
    made = {f"{folder}/{name}": content for name, content in files.items()}
    return made | {f"{folder}.xlsx": workbook(project, scenario, run, title, frames, changed, day, full)}


def headline(project: Project, scenario: str, frames: Mapping[str, pd.DataFrame]) -> dict[str, list[int | None]]:
    """Return by area a near year, the beds missing in it by the norm, and the first year below that; None for never."""
    year, told = project.city.near_year, dict[str, list[int | None]]()
    for area in project.areas:
        in_force = resolve(project, area, scenario).all
        own = {name: frame[frame["area"] == area] for name, frame in frames.items() if name in ("beds", "crossing")}
        own = {name: rows[rows["basis"] == in_force["beds.ratio_basis"].value] for name, rows in own.items()}
        gap = own["beds"].query("bed_type == 'all' and year == @year")["gap_ratio_mean"].iloc[0]
        crossing = own["crossing"].set_index("norm")["crossing_year_p50"][in_force["beds.norm"].number]
        told[area] = [year, round(float(gap)), None if pd.isna(crossing) else int(crossing)]
    return told


def make(root: Path, scenario: str, run_id: str, changed: Changed, day: str, whole: bool) -> dict[str, bytes]:
    """Return :func:`table_files`; with those of the baseline as it is the launch state is written too."""
    if scenario == BASELINE and not changed:
        write_processed(load_project(root))
    return table_files(root, scenario, run_id, changed, day, whole)


def csv_text(frame: pd.DataFrame, table: Table) -> str:
    """Return a frame as CSV: fixed digits, no noise; ValueError if its columns are not those described.

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


def packaged(
    name: str,
    title: Label,
    description: Label,
    sources: Iterable[Source],
    described: Mapping[str, Table],
    frames: Mapping[str, pd.DataFrame],
    more: Mapping[str, object],
) -> dict[str, bytes]:
    """Return tables as CSV with their description (Frictionless tabular data package), by the names of the files.

    ``more`` are fields of its own.
    """
    about = {
        "profile": "tabular-data-package",
        "name": f"eldercare-{name}".replace("_", "-"),
        **_both("title", title),
        **_both("description", description),
        **more,
        "sources": [
            {"title": source.title}
            | ({"path": source.url} if source.url.startswith(("http://", "https://")) else {})
            | {"source_id": source.source_id}
            for source in sources
        ],
        "resources": [_resource(table) for table in described.values()],
    }
    files = {f"{name}.csv": csv_text(frames[name], table) for name, table in described.items()}
    files["datapackage.json"] = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    return {name: text.encode() for name, text in files.items()}


def _both(name: str, label: Label) -> dict[str, str]:
    return {name: label["en"], f"{name}_zh": label["zh"]}


def _resource(table: Table) -> dict[str, Any]:
    fields = [
        {"name": one.name, "type": one.type, **_both("unit", one.unit), **_both("description", one.meaning)}
        | {"counties_add_to_city": one.adds}
        for one in table.columns
    ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        **_both("title", table.title),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": fields,
            "primaryKey": [column.name for column in table.columns if column.key],
            "missingValues": [""],
        },
    }


def processed_files(project: Project) -> dict[str, bytes]:
    """Return the files of the launch state under the baseline, by name."""
    run = Run(None, BASELINE, project=project.apart())
    frames, reads = launch_state(run), run.project.reads
    used = {source for name in reads.tables for source in run.project.table(name).get("source_id", ())}
    used |= {run.settings_of(area).all[key].trail[-1].source_id for _, area, key in reads.parameters}
    texts = {language: Text(language, names(project, language)) for language in LANGUAGES}
    title, note = ({n: t(f"tables.processed_{kind}") for n, t in texts.items()} for kind in ("title", "note"))
    sources = [source for name, source in project.sources.items() if name in used]
    return packaged(f"{project.city.id}-launch", title, note, sources, tables("processed"), frames, {})


def write_processed(project: Project) -> None:
    """Write the launch state into data/processed, each file at once."""
    folder = project.root / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in processed_files(project).items():
        aside = folder / f".{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.replace(folder / name)
