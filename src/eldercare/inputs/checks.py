"""What configuration and data owe each other: one list of faults for `eldercare check` and for every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from eldercare.inputs import census
from eldercare.inputs.agreement import in_use
from eldercare.inputs.city import FILE as CITY_FILE
from eldercare.inputs.optional import bed_problems, site_problems
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER


def input_problems(project: Project) -> list[Problem]:
    """Return every fault of the tables, of what they owe the counties and the city of config, and of each other.

    Nothing is looked at when the inputs are as they were when they were last found without fault.
    """
    folder = project.tables.folder
    if folder.sound:
        return []
    problems = folder.strays()
    gaps: dict[str, dict[str, str]] = {}
    for name in folder.names:
        examined = folder.examined(name)
        problems += examined.problems
        for area, words in examined.gaps.items():
            gaps.setdefault(area, {})[name] = words
    for area, tables in gaps.items():
        rows = "; ".join(f"{folder.where(name)} {words}".strip() for name, words in tables.items())
        where = {"": FOLDER, project.city.id: CITY_FILE}.get(area, f"config/counties/{area}.yaml")
        message = _("rows are missing: {rows}", rows=rows)
        problems.append(Problem(where, "area" if area else "", area or None, message))
    problems += [*_unknown_counties(project), *_not_lent(project)]
    # Without a record: what is read here changes no page.
    project = project.apart()
    for check in (bed_problems, site_problems, census.stored_problems):
        # A table that cannot be had has its own fault, which is told.
        with suppress(InputError):
            problems += check(project)
    if not problems:
        folder.remember_sound()
    # A broken table that others refer to is told once, not once for each of them.
    return list({str(problem): problem for problem in problems}.values())


def _unknown_counties(project: Project) -> Iterator[Problem]:
    """Yield the counties of the city in areas.csv that have no file in config."""
    city = project.city.id
    for number, row in project.tables.folder.examined("areas").rows.items():
        area, place = row.get("area"), f"{FOLDER}/areas.csv row {number}"
        if area not in project.counties and (row.get("level"), row.get("parent")) == ("county", city):
            message = _("a county of {city} without a file {file}", city=city, file=f"config/counties/{area}.yaml")
            yield Problem(place, "area", area, message, did_you_mean(str(area), project.counties))


def _not_lent(project: Project) -> Iterator[Problem]:
    """Yield the rows that config/city.yaml speaks of and data/raw has not."""
    city, folder = project.city, project.tables.folder
    pattern = census.table_name(project, "sex_pattern")
    wanted: list[tuple[str, str, Mapping[str, object]]] = [
        *(
            ("registered_counts", "registered_population", {"area": city.id, "indicator": c.indicator, "year": c.year})
            for c in city.registered_counts
        ),
        *(("norms", city.report.table, {"area": city.id, "indicator": norm}) for norm in city.norms),
        ("neighbours.meals", "care_evidence", {"area": city.neighbours.meals}),
        ("neighbours.sex_by_age", pattern, {"area": city.neighbours.sex_by_age}),
        *((f"dependency_patterns.{d}", "disability_prevalence", {"area": a}) for d, a in city.dependency_patterns),
    ]
    for key, name, values in wanted:
        table = folder.examined(name)
        if table.problems:
            yield from table.problems
        elif not any(values.items() <= row.items() for row in in_use(table.rows).values()):
            message = _("no row of {columns} in {file}", columns=" / ".join(values), file=folder.where(name))
            yield Problem(CITY_FILE, key, " / ".join(map(str, values.values())), message)
