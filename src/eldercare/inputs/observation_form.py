"""Counts of later years as a workbook: the table of data/raw to be filled in, and a filled-in one put in its place."""

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eldercare.inputs.checks import input_problems
from eldercare.inputs.forms import FORMS, WORDS, Form, coded
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.joint import split_problems
from eldercare.inputs.observed import OBSERVATIONS
from eldercare.inputs.problems import ROW, InputError, Problem, _
from eldercare.inputs.project import Project, load_project
from eldercare.inputs.scenarios import BASELINE
from eldercare.inputs.sheets import Cell, Words, figure, plain, read_sheets, spellings, table
from eldercare.inputs.tables import FOLDER

HEADS: Words = FORMS[OBSERVATIONS]
NUMBERS, SPARE = ("year", "value"), 60


def _words(project: Project) -> dict[str, Words]:
    """Return the words of columns that have some, by their code."""
    areas = {area: {n: project.label(area, n) for n in ("zh", "en")} for area in project.areas}
    return {name: WORDS[name] for name in ("indicator", "unit", "used", "quality")} | {"area": areas}


def export_observations(project: Project, file: Path) -> None:
    """Write the table of counts as a workbook with rows to fill in; InputError when it cannot be written."""
    form, rows = Form(project, file, OBSERVATIONS, {}), project.tables.folder.rows(OBSERVATIONS)
    offers = {name: coded(words) for name, words in _words(project).items()}
    shown = [row | {n: offers[n].get(row[n].lower(), row[n]) for n in offers} for row in rows]
    cells = [row | {n: figure(row[n]) for n in NUMBERS} for row in shown] + [{}] * SPARE
    sheet = form.table(FORMS["sheets"][OBSERVATIONS], HEADS, cells, HEADS)
    for name, words in (offers | {"source_id": {n: n for n in project.sources}}).items():
        form.offer(sheet, (1, len(cells)), ([*HEADS].index(name),) * 2, words.values())
    form.save()


def import_observations(project: Project, file: Path) -> str:
    """Put the counts of a filled-in workbook in place of the table, and return in words what was written.

    InputError with every fault, each with sheet and cell; a row of the table that the workbook has not is one too.
    """
    faults, cells, folder = list[Problem](), list[dict[str, Cell]](), project.tables.folder
    for title, rows in read_sheets(file).items():
        found = table(f"{file}:{title}!", rows, HEADS, {"area", "indicator", *NUMBERS}, faults)
        cells += found[1] if found else []
    if not cells:
        message = _("no counts; eldercare export observations FILE.xlsx writes a workbook to fill in")
        raise InputError([*faults, Problem(str(file), message=message)])
    schema, target = folder.resource(OBSERVATIONS).table_schema, folder.where(OBSERVATIONS)
    words, stored = {name: spellings(those) for name, those in _words(project).items()}, list[dict[str, str]]()
    for cell in cells:
        text = {name: cell[name].text if name in cell else "" for name in HEADS}
        text |= {name: those.get(plain(text[name]), text[name]) for name, those in words.items()}
        text |= {name: f"{n:.12g}" if isinstance(n := figure(cell[name].value), float) else str(n) for name in NUMBERS}
        source = project.sources.get(text["source_id"])
        usual = {"unit": schema.units.get(text["indicator"]), "used": "true", "quality": source and source.quality}
        stored.append(text | {name: text[name] or value or "" for name, value in usual.items()})
    there = [[row[name] for name in schema.primaryKey] for row in stored]
    for row in folder.rows(OBSERVATIONS):
        if (key := [row[name] for name in schema.primaryKey]) not in there:
            message = _("stands in {file} and not in the workbook; keep it, with no for used", file=target)
            faults.append(Problem(str(file), ", ".join(schema.primaryKey), " / ".join(key), message))
    writer = csv.DictWriter(content := io.StringIO(), schema.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(stored)
    with TemporaryDirectory() as aside:  # the inputs with this table are checked as a whole before it comes into place
        for part in ("config", FOLDER):
            shutil.copytree(project.root / part, Path(aside) / part)
        (Path(aside) / target).write_text(content.getvalue(), encoding="utf-8")
        trial = load_project(Path(aside))
        for problem in input_problems(trial) or split_problems(trial, BASELINE):
            number = ROW.search(problem.where) if problem.where.startswith(target) else None
            at = cells[int(number[1]) - 2] if number else {}
            where = at.get(problem.key.partition(",")[0], at["area"]).where if at else problem.where
            faults.append(replace(problem, where=where))
    if faults:
        raise InputError(faults)
    write_bytes(project.root / target, target, content.getvalue().encode())
    return f"{target} is written: {len(stored)} counts; then: eldercare run"
