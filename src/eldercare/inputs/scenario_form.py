"""A scenario as a workbook: parameters with cells to fill in, and a filled-in workbook made into a scenario's file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from eldercare.inputs.draft import drafted
from eldercare.inputs.forms import FORMS, WORDS, Form, both, coded
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.layers import Setting, resolve
from eldercare.inputs.models import EVIDENCE, UNITS, check
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.problems import InputError, Problem, _
from eldercare.inputs.project import Project
from eldercare.inputs.scenarios import BASELINE, FOLDER, Scenario, text_of
from eldercare.inputs.sheets import Cell, Words, figure, plain, read_sheets, said, spellings, table
from eldercare.inputs.strict_yaml import Document

# Units in which a percentage is a way to write the number.
SHARES = {"share", "ratio", "rate_per_year"}
GROUND, TEXTS = ("source", "locator", "evidence"), ("label", "description")
HOW, GRADES, (NONE,) = coded(WORDS["how"]), coded(EVIDENCE), coded(WORDS["none"]).values()
SPARE = 8


def columns(project: Project) -> Words:
    """Return the columns of a sheet of parameters."""
    counties = {name: county.label | {"width": 11} for name, county in project.counties.items()}
    all_of = ({name: label} if label else counties for name, label in FORMS["parameters"].items())
    return {name: label for some in all_of for name, label in some.items()}


def export_parameters(project: Project, file: Path, scenario: str, area: str) -> list[Problem]:
    """Write the workbook of a scenario, beside the values in force in an area; return what it cannot say.

    InputError: no such scenario or area, or the file cannot be written.
    """
    settings, chosen, heads = resolve(project, area, scenario).all, project.scenarios[scenario], columns(project)
    words = {f"{part}_{n}": getattr(chosen, part)[n] for part in TEXTS for n in ("zh", "en")}
    texts = dict.fromkeys(words, "") if scenario == BASELINE else words
    form = Form(project, file, "scenario", {"scenario": "", **texts, "base": scenario, "area": area})
    at, groups = {name: n for n, name in enumerate(heads)}, dict[str, list[str]]()
    for key, setting in settings.items():
        groups.setdefault(Path(setting.parameter.where.rpartition(":")[0]).stem, []).append(key)
    for group, keys in groups.items():
        rows = [row for key in keys for row in _rows(chosen, settings[key])]
        title, last = FORMS["groups"].get(group, {"zh": group, "en": ""}), len(rows) + SPARE
        sheet = form.table(title, heads, [*rows, *({} for _n in range(SPARE))], [*heads][at["how"] :])
        offers = {"how": HOW.values(), "evidence": GRADES.values(), "source": ["none", *project.sources]}
        for name, offered in offers.items():
            form.offer(sheet, (1, last), (at[name], at[name]), offered)
        form.offer(sheet, (len(rows) + 1, last), (at["key"], at["key"]), keys)
        for number, row in enumerate(rows, start=1):
            _limits(form, sheet, number, at, settings[row["key"]].parameter)
    form.save()
    opened = [one for those in chosen.operations.values() for one in those.values() if one.opens]
    message = _("units that open by year are not in the workbook; copy them from the scenario's file")
    return [Problem(one.where, "opens", message=message) for one in opened]


def _rows(scenario: Scenario, setting: Setting) -> Iterator[dict[str, Any]]:
    """Yield the rows of a parameter: one, and more where a scenario's statements rest on different grounds."""
    parameter, last, span, grounds = setting.parameter, setting.trail[-1], setting.interval, list[dict[str, Any]]()
    for path, operations in scenario.operations.items():
        if change := operations.get(parameter.key):
            own: dict[str, Any] = {f"why_{n}": text for n, text in (change.why or {}).items()}
            own |= {"how": HOW[change.kind], "source": change.source, "locator": change.locator}
            own["evidence"] = GRADES[change.evidence]
            if "interval" in change.model_fields_set:
                own["low"], own["high"] = change.interval or (NONE, None)
            if not (same := next((one for one in grounds if own.items() <= one.items()), None)):
                grounds.append(same := own)
            same[path[-1] if path[1:] else "all"] = NONE if change.operand is None else change.operand
    about: dict[str, Any] = {
        "key": parameter.key,
        "name": both(parameter.label, "\n"),
        "unit": both(UNITS[parameter.unit], "\n"),
    }
    about |= {
        "allowed": parameter.span + (f", {NONE}" if parameter.optional else ""),
        "now": NONE if setting.value is None else setting.value,
    }
    about["interval_now"] = f"{span[0]:g} – {span[1]:g}" if span else both(FORMS["fixed_interval"])
    about |= {"evidence_now": GRADES[last.evidence], "source_now": last.source_id}
    yield from (about | one for one in grounds or [{}])


def _limits(form: Form, sheet: Worksheet, row: int, at: Mapping[str, int], parameter: Parameter) -> None:
    """Give the cells of a row what they may hold, and its name a note of what it means."""
    sheet.write_comment(row, at["name"], both(parameter.meaning, "\n"), {"x_scale": 2.5, "y_scale": 1.6})
    how, values = xl_rowcol_to_cell(row, at["how"], False, True), (at["all"], at["low"] - 1)
    if parameter.choices:
        return form.offer(sheet, (row, row), values, parameter.choices)
    for first, last in (values, (at["low"], at["high"])):
        cell = xl_rowcol_to_cell(row, first)
        words = [f'{how}="{HOW[n]}"' for n in ("multiply", "add")] + [f'{cell}="{n}"' for n in (NONE, "none", "无")]
        tests = [
            f"ISNUMBER({cell})",
            *(f"{cell}{sign}{end!r}" for sign, end in zip((">=", "<="), parameter.bounds, strict=True)),
        ]
        inside = ",".join([*tests, *[f"{cell}=INT({cell})"] * parameter.integer])
        told = f"{both(FORMS['refused'], ' / ')}: {parameter.span}"
        rule = {"validate": "custom", "value": f"=OR(AND({inside}),{','.join(words)})", "error_message": told}
        sheet.data_validation(row, first, row, last, rule)
    return None


def import_scenario(project: Project, file: Path, name: str | None, replaced: bool) -> str:
    """Write the scenario that a filled-in workbook states, and return in words what was written.

    InputError with every fault, each with sheet and cell; nothing is then written. ``name`` goes before the one in the
    workbook; ``replaced`` lets it take the place of a scenario that is there.
    """
    # The workbook as the content of a scenario's file; what are lines there are cells.
    form, faults, texts, tables = Document(str(file)), list[Problem](), dict[str, Cell](), list[dict[str, Cell]]()
    for title, rows in read_sheets(file).items():
        place = f"{file}:{title}!"
        if found := table(place, rows, columns(project), {"key", "all"}, faults):
            tables += found[1]
        elif cells := _fields(place, rows):
            texts |= cells
        elif rows and not table(place, rows, FORMS["sources"], {"source", "title"}, []):
            names = ", ".join(both(FORMS["parameters"][name]) for name in ("key", "all"))
            message = _("no headings {names} on this sheet; mend them, or delete the sheet", names=names)
            faults.append(Problem(f"{place}A1", message=message))
    if not tables:
        message = _("no parameters; eldercare export parameters FILE.xlsx writes a workbook to fill in")
        raise InputError([*faults, Problem(str(file), message=message)])
    base, area = (texts[n].text if n in texts else own for n, own in (("base", BASELINE), ("area", project.city.id)))
    settings = resolve(project, area, base).all
    named = name or (texts["scenario"].text if "scenario" in texts else "")
    form.data.update({"scenario": named} if named else {})
    _note(form, {(key.removesuffix("_zh"),): cell for key, cell in texts.items()})
    for part in TEXTS:
        given = [texts[f"{part}_{n}"] for n in ("zh", "en") if f"{part}_{n}" in texts]
        if words := [cell.text for cell in given if cell.text]:
            form.data[part] = {"zh": words[0], "en": words[-1]}
    form.data.update(changes={}, county_changes={})
    for cells in tables:
        faults += _statements(project, form, cells, settings)
    if not (form.data["changes"] or form.data["county_changes"] or faults):
        raise InputError(Problem(form.file, message=_("nothing is filled in: no new value in any row")))
    target = f"{FOLDER}/{named}.yaml"
    if (project.root / target).exists() and not replaced:
        faults.append(Problem(form.where("scenario"), "scenario", named, _("exists already; choose another name")))
    faults += _apart(project, form)
    try:
        content: dict[str, Any] = {"changes": {}, "county_changes": {}} if faults else {}
        drafted(project, form.data | content, replace(form, data=form.data | content))
    except InputError as error:
        faults += error.problems
    if faults:
        raise InputError(dict.fromkeys(faults))
    # What comes into config is read before as every file of it will be.
    scenario = drafted(project, form.data).scenarios[named]
    write_bytes(project.root / target, target, text_of(form.data).encode())
    of_counties = sum(map(len, scenario.county_changes.values()))
    told = f"{target} is written: {len(scenario.changes)} changes for the whole city, {of_counties} for counties"
    return f"{told}; then: eldercare run --scenario {named}"


def _apart(project: Project, form: Document) -> Iterator[Problem]:
    """Yield the faults of each change, also as if its ground were sound, since one fault would hide others."""
    words = {"zh": "-", "en": "-"}
    ground = {"why": words, "source": "none", "locator": "-", "evidence": "assumption"}
    known = {"parameters": project.parameters, "counties": project.counties, "sources": project.sources, "name": "x"}
    for area, changes in {"": form.data["changes"], **form.data["county_changes"]}.items():
        for own in ({key: way} for key, change in changes.items() for way in (change, change | ground)):
            content = {"scenario": "x", "changes": {}} | dict.fromkeys(TEXTS, words)
            content |= {"county_changes": {area: own}} if area else {"changes": own}
            try:
                check(Scenario, replace(form, data=content), known)
            except InputError as error:
                yield from error.problems


def _note(form: Document, cells: Mapping[tuple[str, ...], Cell]) -> None:
    """Note where parts of the scenario stand in the workbook."""
    form.lines.update({path: cell.where.removeprefix(f"{form.file}:") for path, cell in cells.items()})


def _fields(place: str, rows: list[list[Any]]) -> dict[str, Cell]:
    """Return the cells of the first sheet by name, each to the right of it."""
    names, found = spellings(FORMS["fields"]), dict[str, Cell]()
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if name := names.get(plain(cell)):
                n = next((n for n in range(c + 1, len(row)) if said(row[n])), c + 1)
                value = row[n] if n < len(row) else None
                found[name] = Cell(value, said(value), place + xl_rowcol_to_cell(r, n))
    return found


def _statements(
    project: Project, form: Document, cells: Mapping[str, Cell], settings: Mapping[str, Setting]
) -> Iterator[Problem]:
    """Take a row up as changes of the scenario, for all or for counties; yield what their own faults would not tell."""
    heads, key = [*columns(project)], cells["key"].text
    got = {name: cells.get(name, Cell(None, "", cells["key"].where)) for name in heads}
    given = [name for name in heads[heads.index("how") :] if got[name].text]
    shown = [settings[key].value if key in settings else None, got["now"].value]
    if None not in shown and len({f"{one:.9g}" if isinstance(one, float | int) else plain(one) for one in shown}) > 1:
        message = _("this cell shows the value in force, {now}; a new value goes into a yellow cell", now=shown[0])
        yield Problem(got["now"].where, key, got["now"].text, message, _("or export the workbook anew"))
    areas = [name for name in given if name == "all" or name in project.counties]
    if given not in ([], ["how"]) and not areas:
        yield Problem(got["all"].where, key, message=_("no new value, although other cells of this row are filled in"))
    kind, ground = spellings(WORDS["how"]).get(plain(got["how"].text) or "set", got["how"].text), _ground(got)
    for area in areas:
        path = ("changes", key) if area == "all" else ("county_changes", area, key)
        if path in form.lines:
            message = _("stands in {place} too; each may stand once", place=form.where(*path))
            yield Problem(got[area].where, key, got[area].text, message)
            continue
        own = form.data["changes"] if area == "all" else form.data["county_changes"].setdefault(area, {})
        own[key] = {kind: _meant(got[area], project.parameters.get(key), kind), **ground}
        places = {n: n for n in GROUND} | {"interval": "low", "why": "why_zh", kind: area if kind in HOW else "how"}
        _note(form, {path: got[area]} | {(*path, n): got[of] for n, of in places.items()})


def _ground(got: Mapping[str, Cell]) -> dict[str, Any]:
    """Return on what ground a row's changes rest, as far as it is given: interval, reason, source, evidence."""
    ground: dict[str, Any] = {name: got[name].text for name in GROUND}
    if ends := [got[name] for name in ("low", "high") if got[name].text]:
        is_none = all(plain(end.text) in spellings(WORDS["none"]) for end in ends)
        ground["interval"] = "none" if is_none else [figure(end.value, share=True) for end in ends]
    if reasons := [got[name].text for name in ("why_zh", "why_en") if got[name].text]:
        ground["why"] = {"zh": reasons[0], "en": reasons[-1]}
    ground["evidence"] = spellings(EVIDENCE).get(plain(ground["evidence"]), ground["evidence"])
    if ground["source"] in ("", "none"):
        assumed = {"source": "none", "locator": Path(got["key"].where).name, "evidence": "assumption"}
        ground |= {name: ground[name] or own for name, own in assumed.items()}
    return {name: value for name, value in ground.items() if value}


def _meant(cell: Cell, parameter: Parameter | None, kind: str) -> Any:
    """Return the value that a cell gives a parameter; what cannot be read stays a text, which is a fault there."""
    if plain(cell.text) in (none := spellings(WORDS["none"])):
        return none[plain(cell.text)]
    if parameter and parameter.choices and kind == "set":
        return next((word for word in parameter.choices if word == plain(cell.text)), cell.text)
    return figure(cell.value, share=kind == "multiply" or (parameter is not None and parameter.unit in SHARES))
