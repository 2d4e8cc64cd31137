"""A folder for another city: what this one can lend, marked as carried over, and tables with the rows to fill in."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from eldercare.inputs.guards import as_json, writing
from eldercare.inputs.problems import InputError, Problem, _
from eldercare.inputs.project import Project
from eldercare.inputs.scenarios import text_of
from eldercare.inputs.tables import DESCRIPTION
from eldercare.inputs.tables import FOLDER as TABLES

FOLDER = "cities"
# What a row tells of its own city, to be filled in for another one.
TOLD = {"value", "value_printed", "share", "persons", "source_id", "quality", "note"}
# Evidence, source and place of a parameter's value.
BASIS = re.compile(r'(?m)^  evidence: \w+\n(  source: .*\n  locator: )"?(.*?)"?$')
# A part of city.yaml with its comment; those that only the city at hand has.
PART = re.compile(r"(?m)^(?:#.*\n)*(\w+):.*\n(?:[ -].*\n)*")
LEFT_OUT = ("map", "counties_note")


class Place(NamedTuple):
    """A city or county: its id, administrative code and Chinese name."""

    id: str
    code: str
    zh: str

    @property
    def label(self) -> dict[str, str]:
        """Its names; the English one is the id until somebody changes it."""
        return {"en": self.id.replace("_", " ").title(), "zh": self.zh}


def place(said: str) -> Place:
    """Return the place that was said as ``id=code=name``; InputError if it is none.

    Examples
    --------
    >>> place("shaoxing=330600=绍兴市").label
    {'en': 'Shaoxing', 'zh': '绍兴市'}
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,79}=[0-9]{6}=[^=]+", said):
        message = _("say id, six-digit code and name, such as {example}", example="shaoxing=330600=绍兴市")
        raise InputError(Problem("new-city", value=said, message=message))
    return Place(*said.split("="))


def new_city(project: Project, city: Place, counties: Sequence[Place], census: int) -> Path:
    """Write ``cities/ID`` for a city and its counties and return it.

    ``census`` is the year at which the projection starts. Tables of the country and of other places are copied. Of the
    rows of the city at hand those that no city can do without stay, emptied; years move with that of the census.
    Parameters keep their values, which are assumptions there and say where they come from; scenarios that name a county
    are left out. InputError if the folder exists or cannot be written.
    """
    target = project.root / FOLDER / city.id
    if not counties:
        raise InputError(Problem("new-city", "--county", message=_("name at least one county")))
    if target.exists():
        raise InputError(Problem(f"{FOLDER}/{city.id}", message=_("exists already; choose another name")))
    files = dict([*_config(project, city, counties, census), *_tables(project, city, counties, census)])
    try:
        with writing(f"{FOLDER}/{city.id}"):
            for name, text in files.items():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (target / name).write_text(text, encoding="utf-8")
    except InputError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return target


def _config(project: Project, city: Place, counties: Sequence[Place], census: int) -> Iterator[tuple[str, str]]:
    """Yield the files of config, by path."""
    config, old, lender = project.root / "config", project.city, project.city.label
    later = census - old.launch_year
    chinese = {label["en"]: label["zh"] for label in old.chinese}

    def carried(match: re.Match[str]) -> str:
        said = f"carried over from {lender['en']}: {match[2]}"
        chinese[said] = f"借用{lender['zh']}：{chinese.get(match[2], match[2])}"
        return f'  evidence: assumption\n{match[1]}"{said}"'

    for file in sorted((config / "parameters").glob("*.yaml")):
        yield f"config/parameters/{file.name}", BASIS.sub(carried, file.read_text(encoding="utf-8"))
    for file in sorted((config / "scenarios").glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        if not any(re.search(rf"(?m)^\s+{county}:$", text) for county in project.counties):
            yield f"config/scenarios/{file.name}", text
    for county in counties:
        about = {"county": county.id, "code": county.code, "label": county.label, "facts": {}}
        yield f"config/counties/{county.id}.yaml", text_of(about)
    year = old.report.year + later
    report = {"table": f"report_{year}", "year": year, "label": {"en": f"the report of {year}", "zh": f"{year}年报告"}}
    own: dict[str, Any] = {"id": city.id, "code": city.code, "label": city.label, "launch_year": census}
    own |= {"report": report | {"publisher": {"en": "the Civil Affairs Bureau", "zh": "民政局"}}}
    own |= {"milestones": [year + later for year in old.milestones], "registered_counts": [], "sources": []}
    own |= {"near_year": old.near_year + later, "target_year": old.target_year + later}
    own |= {"chinese": [{"en": en, "zh": zh} for en, zh in chinese.items()]}
    own |= dict.fromkeys(LEFT_OUT)

    def part(match: re.Match[str]) -> str:
        name, head = match[1], match[0].partition(f"{match[1]}:")[0]
        return match[0] if name not in own else head + text_of({name: own[name]}) if name not in LEFT_OUT else ""

    yield "config/city.yaml", PART.sub(part, (config / "city.yaml").read_text(encoding="utf-8"))


def _tables(project: Project, city: Place, counties: Sequence[Place], census: int) -> Iterator[tuple[str, str]]:
    """Yield the files of data/raw, by path, and a page that says what is to be filled in."""
    old, later = project.city, census - project.city.launch_year
    own = {*project.areas, *project.table("areas").query("parent in @project.areas")["area"]}
    places = {project.label(area, "en") for area in project.areas}
    package = as_json((project.root / TABLES / DESCRIPTION).read_bytes(), DESCRIPTION)
    guide = [f"# What to fill in for {city.zh}\n", "`eldercare check` lists what is still missing.\n"]
    for resource in package["resources"]:
        described, schema = project.tables.folder.resource(resource["name"]), resource["schema"]
        if resource["name"] == old.report.table:
            resource["name"] = f"report_{old.report.year + later}"
            resource |= {"path": f"{resource['name']}.csv", "title": f"The report of {old.report.year + later}"}
        sentences = re.split(r"(?<=\.) ", resource["description"])
        said = " ".join(one for one in sentences if not any(map(one.__contains__, places)))
        resource["description"] = said or resource["title"]
        schema["sums"] = [rule for rule in schema.get("sums", ()) if not own & {*rule["parts"].get("area", ())}]
        for rule in schema.get("complete", ()):
            if "{areas}" in rule.get("area", ()) and "year" in rule:
                rule["year"] = [year + later for year in rule["year"]]
        if not (project.root / TABLES / described.path).exists():
            continue
        head, *lines = project.tables.folder.records(described.name)
        rows = [dict(zip(head, line, strict=True)) for line in lines]
        kept = [row for row in rows if row.get("area") not in own]
        needed: dict[tuple[Place, tuple[str, ...]], dict[str, str]] = {}
        for rule in (rule for rule in described.table_schema.complete if own & {*map(str, rule.get("area", ()))}):
            # Of several years that nearest to the census.
            for row in sorted(rows, key=lambda row: abs(int(row.get("year") or 0) - old.launch_year)):
                if row.get("used") != "false" and all(row[name] in map(str, values) for name, values in rule.items()):
                    key = tuple(row[name] for name in rule if name != "area")
                    for place in [city] if row["area"] == old.id else counties:
                        filled = needed.setdefault((place, key), _emptied(row, place, later))
                        if row.get("parent") == old.id:
                            filled["parent"] = city.id
        if needed:
            empty = ", ".join(name for name in head if not next(iter(needed.values()))[name])
            guide.append(f"* {resource['path']}, {len(needed)} rows: {empty}. {described.published}")
        filled_in = pd.DataFrame([*needed.values(), *kept], columns=head)
        yield f"{TABLES}/{resource['path']}", filled_in.to_csv(index=False, lineterminator="\n")
    yield f"{TABLES}/{DESCRIPTION}", json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    yield f"{TABLES}/README.md", "\n".join(guide) + "\n"


def _emptied(row: dict[str, str], place: Place, later: int) -> dict[str, str]:
    """Return a row for another place, without what it tells; its years move with the census."""
    own = {"area": place.id, "name_en": place.label["en"], "name_zh": place.zh}
    own |= dict.fromkeys(("code", "county_code"), place.code)
    row = row | dict.fromkeys(TOLD & row.keys(), "") | {name: own[name] for name in own.keys() & row.keys()}
    for name in {"year", "reference_date"} & row.keys():
        row[name] = re.sub(r"^[0-9]{4}", lambda year: str(int(year[0]) + later), row[name])
    return row
