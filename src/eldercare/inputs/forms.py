"""A scenario, or counts of later years, as a workbook to fill in, and such a workbook as the file it stands for."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eldercare.inputs.checks import input_problems
from eldercare.inputs.draft import drafted, opened, save
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.joint import split_problems
from eldercare.inputs.layers import resolve
from eldercare.inputs.models import EVIDENCE, UNITS, check
from eldercare.inputs.observed import OBSERVATIONS
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.problems import ROW, InputError, Problem, _, kept, refuse
from eldercare.inputs.project import Project, load_project
from eldercare.inputs.scenarios import BASELINE, FOLDER, Scenario
from eldercare.inputs.sheets import COLUMNS, FORMS, Cell, Words, add_table, new_book, plain, read_tables
from eldercare.inputs.strict_yaml import Document, scalar

SHEETS, PLACES = FORMS["sheets"], FORMS["places"]
BOTH, TEXTS, GROUND = ("zh", "en"), ("label", "description"), ("source", "locator", "evidence")
# The ground of an assumption; in the place of what is given it lets faults of the value itself be seen.
SOUND = {"why": {"zh": "-", "en": "-"}, "source": "none", "locator": "-", "evidence": "assumption"}
EMPTY = [dict[str, Any]()] * 40  # rows at the foot of a sheet
Row = dict[str, Any]
Way = tuple[str, ...]


def _words(project: Project) -> dict[str, Words]:
    """Return the words of columns with a drop-down, by their code."""
    areas = {area: {n: project.label(area, n) for n in BOTH} for area in project.areas}
    return {**FORMS["words"], "area": areas, "evidence": EVIDENCE}


def _export(project: Project, file: Path, sheets: Mapping[str, tuple[str, list[Row]]]) -> None:
    """Write a workbook of sheets, each with its kind of table and rows, and the sources."""
    sources = [{"source": "none"}, *({"source": name} | vars(source) for name, source in project.sources.items())]
    words = {name: {n: f"{w['zh']} {n}" for n, w in those.items()} for name, those in _words(project).items()}
    offers: Row = {name: [*those.values()] for name, those in words.items()}
    offers |= dict.fromkeys(("source", "source_id"), f"='{SHEETS['sources']}'!$A$2:$A${len(sources) + 1}")
    with new_book(file) as book:
        for title, (kind, rows) in sheets.items():
            shown = [{name: words.get(name, {}).get(text, text) for name, text in row.items()} for row in rows]
            keys = {"key": f"=$A$2:$A${len(rows) - len(EMPTY) + 1}"}
            sheet = add_table(book, title, COLUMNS[kind], shown, offers | keys)
            for number, row in enumerate(rows, start=1):
                if parameter := project.parameters.get(row.get("key", "")):
                    sheet.write_comment(number, 0, "\n".join(parameter.meaning[n] for n in BOTH), FORMS["note"])
                    first, last = ([*COLUMNS[kind]].index(name) for name in ("value", "high"))
                    sheet.data_validation(number, first, number, last, _limits(parameter))
        add_table(book, SHEETS["sources"], COLUMNS["sources"], sources, {})


def _limits(parameter: Parameter) -> Row:
    """Return what a value may be; for a number a warning only, since a factor, or none, may be outside."""
    if parameter.choices:
        return {"validate": "list", "source": [*parameter.choices]}
    low, high = parameter.bounds
    limits = {"validate": "integer" if parameter.integer else "decimal", "criteria": "between", "minimum": low}
    return limits | {"maximum": high, "error_type": "warning", "error_message": parameter.span}


def export_parameters(project: Project, file: Path, scenario: str, area: str) -> list[Problem]:
    """Write a scenario's workbook beside an area's values, return what it cannot say; InputError: it cannot be made."""
    settings, chosen = resolve(project, area, scenario).all, project.scenarios[scenario]
    stated, unsaid = dict[str, list[Row]](), list[Problem]()
    for path, operations in chosen.operations.items():
        for key, change in operations.items():
            row: Row = {"area": [project.city.id, *path[1:]][-1], "how": change.kind}
            row |= {"value": "none" if change.operand is None else change.operand}
            if "interval" in change.model_fields_set:
                row["low"], row["high"] = change.interval or ("none", None)
            row |= {f"why_{n}": text for n, text in (change.why or {}).items()}
            stated.setdefault(key, []).append(row | {name: getattr(change, name) for name in GROUND})
            if change.opens:
                message = _("units that open by year are not in the workbook; copy them from the scenario's file")
                unsaid.append(Problem(change.where, "opens", message=message))
    texts = {f"{part}_{n}": getattr(chosen, part)[n] for part in TEXTS for n in BOTH}
    head = {"scenario": scenario, **texts} if scenario != BASELINE else {}
    sheets: dict[str, tuple[str, list[Row]]] = {SHEETS["scenario"]: ("scenario", [head])}
    for key, setting in settings.items():
        parameter = setting.parameter
        about: Row = {"key": key, "allowed": parameter.span, "now": "none" if setting.value is None else setting.value}
        words = {"name": parameter.label, "unit": UNITS[parameter.unit]}
        about |= {name: "\n".join(label[n] for n in BOTH) for name, label in words.items()}
        group = Path(parameter.where.rpartition(":")[0]).stem
        _kind, rows = sheets.setdefault(SHEETS.get(group, group), ("parameters", [*EMPTY]))
        rows[-len(EMPTY) : -len(EMPTY)] = [about | row for row in stated.get(key, [{}])]
    _export(project, file, sheets)
    return unsaid


def import_scenario(project: Project, file: Path, replaced: bool) -> str:
    """Write the scenario that a filled-in workbook states, and return in words what was written.

    InputError with every fault, each with sheet and cell; nothing is then written. ``replaced`` lets it take the place
    of a scenario that is there.
    """
    # The workbook becomes the content of a scenario's file; what are lines there are cells.
    faults, form, changes = list[Problem](), Document(str(file)), dict[Way, Row]()
    tables = read_tables(file, ("scenario", "parameters", "sources"), _words(project))
    for head in tables["scenario"][:1]:
        given = {"scenario": head["scenario"].text} | {part: _label(head, part) for part in TEXTS}
        form.data.update({name: text for name, text in given.items() if text})
        form.lines.update({(part,): head[column].at for part, column in PLACES["scenario"].items()})
    for row in tables["parameters"]:
        key, area = row["key"].text, row["area"].text
        path: Way = ("changes", key) if area in ("", project.city.id) else ("county_changes", area, key)
        change = _change(row, file.name)
        if change and path in changes:
            message = _("stands in {place} too; each may stand once", place=form.where(*path))
            faults.append(Problem(f"{file}:{row['value'].at}", key, message=message))
        elif change:
            changes[path] = change
            cells = {path[:-1]: row["area"], path: row["value"], (*path, row["how"].text): row["how"]}
            cells |= {(*path, part): row[column] for part, column in PLACES["parameters"].items()}
            form.lines.update({place: cell.at for place, cell in cells.items()})
    if not (changes or faults):
        raise InputError(Problem(str(file), message=_("nothing is filled in: no new value in any row")))
    # Each change by itself, also as if its ground were sound, since one fault would hide others.
    known = {"name": "x"} | {name: getattr(project, name) for name in ("parameters", "counties", "sources")}
    for path, change in changes.items():
        for way in (change, change | SOUND):
            alone = {"scenario": "x", **dict.fromkeys(TEXTS, SOUND["why"]), **_nested({path: way})}
            with kept(faults):
                check(Scenario, replace(form, data=alone), known)
    name, content = form.data.get("scenario", ""), form.data | _nested({} if faults else changes)
    if name in project.scenarios and not replaced:
        faults.append(Problem(form.where("scenario"), "scenario", name, _("exists already; choose another name")))
    with kept(faults):
        drafted(project, content, replace(form, data=content))
    refuse(dict.fromkeys(faults))
    save(project, content, opened(project, name)["digest"] if name in project.scenarios else "")
    return f"{FOLDER}/{name}.yaml is written: {len(changes)} changes; then: eldercare run --scenario {name}"


def _nested(changes: Mapping[Way, Row]) -> Row:
    """Return changes by their path as a file has them."""
    nested: Row = {"changes": {}, "county_changes": {}}
    for (part, *area, key), change in changes.items():
        (nested[part].setdefault(area[0], {}) if area else nested[part])[key] = change
    return nested


def _change(row: Mapping[str, Cell], book: str) -> Row:
    """Return the change that a row states as a file has it, nothing where nothing is filled in."""
    values = {n: scalar(plain(row[n].text).replace("无", "none")) for n in ("value", "low", "high") if row[n].text}
    change: Row = {row["how"].text or "set": values.pop("value")} if "value" in values else {}
    if ends := [*values.values()]:
        change["interval"] = "none" if ends == ["none"] else ends
    if why := _label(row, "why"):
        change["why"] = why
    change |= {name: row[name].text for name in GROUND if row[name].text}
    if change and change.get("source", "none") == "none":
        change = {"source": "none", "locator": f"{book}:{row['value'].at}", "evidence": "assumption"} | change
    return change


def _label(row: Mapping[str, Cell], part: str) -> dict[str, str]:
    """Return a text in both languages, in the one that is given where the other is not."""
    texts = [row[f"{part}_{n}"].text for n in BOTH if row[f"{part}_{n}"].text]
    return {"zh": texts[0], "en": texts[-1]} if texts else {}


def export_observations(project: Project, file: Path) -> None:
    """Write a workbook for counts of beds and meal points; InputError when it cannot be written."""
    _export(project, file, {SHEETS[OBSERVATIONS]: (OBSERVATIONS, EMPTY)})


def import_observations(project: Project, file: Path) -> str:
    """Add counts of a workbook to the table and say so in words; InputError, and nothing is written: faults by cell."""
    import pandas as pd

    folder, numbers, faults = project.tables.folder, ("year", "value"), list[Problem]()
    target, rows = folder.where(OBSERVATIONS), folder.rows(OBSERVATIONS)
    cells = read_tables(file, (OBSERVATIONS, "sources"), _words(project))[OBSERVATIONS]
    new = [{name: plain(cell.text) if name in numbers else cell.text for name, cell in row.items()} for row in cells]
    columns = folder.resource(OBSERVATIONS).table_schema.columns
    content = pd.DataFrame([*rows, *new], columns=columns).to_csv(index=False, lineterminator="\n")
    with TemporaryDirectory() as aside:  # the inputs with this table are checked as a whole before it comes into place
        shutil.copytree(project.root / "config", Path(aside) / "config")
        shutil.copytree(folder.path, (Path(aside) / target).parent)
        (Path(aside) / target).write_text(content, encoding="utf-8")
        trial = load_project(Path(aside))
        for problem in input_problems(trial) or split_problems(trial, BASELINE):
            found = ROW.search(problem.where) if problem.where.startswith(target) else None
            number = int(found[1]) - 2 - len(rows) if found else -1  # below 0 in a row that was there
            cell = cells[number].get(problem.key.partition(",")[0]) if number >= 0 else None
            faults.append(replace(problem, where=f"{file}:{cell.at}") if cell else problem)
    refuse(faults)
    write_bytes(project.root / target, target, content.encode())
    return f"{target} is written: {len(new)} counts are added; then: eldercare run"
