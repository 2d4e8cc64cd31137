"""The official full table of the census, optional: a template, strict reading against published figures, import."""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from eldercare.inputs.csv_text import MAX_ROWS
from eldercare.inputs.guards import write_bytes
from eldercare.inputs.problems import InputError, Problem, _, did_you_mean, reason, refuse
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER, header_problems, split_problems
from eldercare.inputs.validation import Rows, spanned

TABLE, TEMPLATE = "census_table", "census_template.csv"
SEXES = ("female", "male")
# The open group begins here at the earliest: residents above are spread by mortality alone.
OPEN_FROM = 85
# Half the steps to which the census prints shares, and males per 100 females; a trace more for binary rounding.
HALF_SHARE, HALF_RATIO, TRACE = 0.00005, 0.005, 1e-9

SUBTOTALS = _("leave subtotals out")
AGES = re.compile(r"(\d{1,3})(?:[-‐‑‒–—―−~至到]+(\d{1,3})|(\+|及?以上))?")
STANDARD = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, OPEN_FROM, 5)), f"{OPEN_FROM}+")


class Ages(NamedTuple):
    """An age group in completed years, both ends included; infinite at the end when it is open."""

    start: int
    end: float

    def __str__(self) -> str:
        """Return the group as data/raw codes it: 0, 1-4, 85+."""
        end = "" if self.end == self.start else "+" if math.isinf(self.end) else f"-{self.end:.0f}"
        return f"{self.start}{end}"


def import_table(project: Project, file: Path, source_id: str | None = None) -> str:
    """Check a full table of the census, write it to data/raw and return in words what was written.

    ``file`` is CSV or Excel .xlsx with the columns area (a county), sex, age group and persons; ``source_id`` a source
    that is registered in data/raw/sources.csv, by default CENSUS, the year, TABLE.

    InputError with every fault of the file, and every disagreement with the published figures; nothing is then written.
    """
    source_id = source_id or f"CENSUS{project.city.launch_year}TABLE"
    if source_id not in project.sources:
        message, hint = _("not in {file}", file=f"{FOLDER}/sources.csv"), did_you_mean(source_id, project.sources)
        raise InputError(Problem("import census", "--source", source_id, message, hint))
    untrue: list[Problem] = []
    table = [*_stored_form(project, file, source_id, untrue)]
    judged = project.tables.folder.judge(TABLE, table, str(file))
    inside = project.table("areas").query("level == 'part' and parent in @project.counties")
    parents = inside.set_index("name_zh")["parent"]
    for part in {row[0] for row in table[1:] if row} & set(parents.index):
        message = _("counted with {county}: add its residents to those", county=project.label(parents[part], "zh"))
        judged.problems.append(Problem(str(file), "area", part, message))
    # A wrong number shows in its total too; only a total that is wrong by itself is told.
    refuse([*judged.problems, *disagreements(project, judged.rows, str(file))] or untrue)
    counties = list(project.counties)
    rows = sorted(filter(None, table[1:]), key=lambda row: (counties.index(row[0]), row[2], int(row[4])))
    path, text = project.root / FOLDER / f"{TABLE}.csv", io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([table[0], *rows])
    done = "is replaced" if path.exists() else "is written"
    write_bytes(path, str(path), text.getvalue().encode())
    groups, persons = len({row[3] for row in rows}), sum(int(row[6]) for row in rows)
    return (
        f"{path.relative_to(project.root)} {done}: {len(rows)} rows, {groups} age groups, {persons:,} residents, "
        f"source {source_id}\n"
        "The base population now uses it in place of the reconstruction; eldercare run makes the pages anew."
    )


def remove_table(project: Project) -> Path:
    """Delete the imported table and return its path; InputError when there is none."""
    path = project.root / FOLDER / f"{TABLE}.csv"
    try:
        path.unlink()
    except FileNotFoundError:
        raise InputError(Problem("import census", "--remove", message=_("there is no imported table"))) from None
    except OSError as error:
        raise InputError(Problem(str(path), message=_("cannot be removed: {reason}", reason=reason(error)))) from error
    return path


def stored_problems(project: Project) -> Iterator[Problem]:
    """Yield what is wrong with the table in data/raw as a whole; nothing when there is none."""
    name, folder = TABLE, project.tables.folder
    if name in folder.names:
        yield from disagreements(project, folder.examined(name).rows, folder.where(name))


def write_template(project: Project, path: Path) -> None:
    """Write a table to fill in, with the age groups of the published shares; InputError when that cannot be."""
    import pandas as pd

    from eldercare.inputs.sheets import FORMS

    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(Problem("--template", value=str(path), message=_("the name must end in .csv or .xlsx")))
    if path.exists():
        raise InputError(Problem(str(path), message=_("exists already; choose another name")))
    # So that a spreadsheet program does not make a date of 10-14.
    ages = [group if group.endswith("+") else f"{group}岁" for group in STANDARD]
    rows = [(*row, "") for row in product(project.counties, SEXES, ages)]
    frame, content = pd.DataFrame(rows, columns=[*FORMS["census"]["columns"]]), io.BytesIO()
    if path.suffix.lower() == ".csv":
        # The mark at the beginning tells a spreadsheet program that the file is UTF-8.
        frame.to_csv(content, index=False, encoding="utf-8-sig")
    else:
        frame.to_excel(content, index=False)
    write_bytes(path, str(path), content.getvalue())


def _stored_form(project: Project, file: Path, source_id: str, untrue: list[Problem]) -> Iterator[list[str]]:
    """Yield the rows of a file as data/raw has them, empty for totals; a total that is no sum goes into ``untrue``."""
    from eldercare.inputs.sheets import FORMS, header_of, plain, read_sheets

    words, ends = FORMS["census"], FORMS["census"]["county_ends"]
    columns, names = words["columns"], {name: column for column, those in words["columns"].items() for name in those}
    sheets = [(header_of(rows, names), rows) for rows in read_sheets(file).values()]
    # The first sheet with such a header; titles and units may stand above it.
    (top, header), records = max(sheets, key=lambda sheet: len({*columns} & {*sheet[0][1]}))
    if any(map(any, records[MAX_ROWS:])):
        raise InputError(Problem(str(file), message=_("more than {rows:,} rows", rows=MAX_ROWS)))
    rows = records[top + 1 :]
    problems = list(header_problems(f"{file} row {top + 1}", header, columns))
    if header and len(set(columns) - set(header)) > 1:
        message = _("no table with one row for each county, sex and age group; --template FILE writes one to fill in")
        problems = [Problem(f"{file} row {top + 1}", message=message)]
    refuse(problems or split_problems(str(file), header, rows, top + 2))
    cells = [dict(zip(header, map(plain, row), strict=False)) for row in rows]
    if not any(row.get("persons") for row in cells):
        raise InputError(Problem(str(file), "persons", message=_("nothing is filled in; each row needs its residents")))
    totals = {*words["totals"]} | {project.city.id, *map(plain, project.city.label.values())}
    areas = {plain(w).rstrip(ends): n for n, c in project.counties.items() for w in (n, c.code, *c.label.values())}
    year, quality = str(project.city.launch_year), project.sources[source_id].quality
    yield project.tables.folder.resource(TABLE).table_schema.columns
    yield from [[]] * top
    area = sex = ""
    parts, wholes = list[tuple[str, str, str, str]](), dict[int, tuple[str, str, str, str]]()
    for number, row in enumerate(cells, top + 2):
        # Merged cells keep their word in the first of their rows; another county begins with a sex of its own.
        sex = row.get("sex") or ("" if row.get("area") else sex)
        area = row.get("area") or area
        age, count = row.get("age_group", ""), row.get("persons", "")
        county, one = areas.get(area.rstrip(ends), area), words["sexes"].get(sex, sex)
        count = re.sub(r"\.0+$", "", count.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", count) else count)
        if not any(row.values()) or {area, sex, age} & totals:
            if words["part"] not in (area, sex, age):
                wholes[number] = county, one, age, count
            yield []
            continue
        # Words that are no ages are told as such, and not their first age too.
        ages, match = Ages(0, 0), AGES.fullmatch(re.sub("周?岁", "", age))
        if match:
            ages = Ages(int(match[1]), math.inf if match[3] else int(match[2] or match[1]))
            age = str(ages)
        width = "" if math.isinf(ages.end) else str(int(ages.end) - ages.start + 1)
        parts.append((county, one, age, count))
        yield [county, year, one, age, str(ages.start), width, count, source_id, quality, ""]

    for number, (*place, count) in wholes.items():
        found = [n for *of, n in parts if all(a == b or a in totals for a, b in zip(place, of, strict=True))]
        if count.isdecimal() and all(map(str.isdecimal, found)) and int(count) != (added := sum(map(int, found))):
            message = _("its parts add to {added:,}", added=added)
            untrue.append(Problem(f"{file} row {number}", "persons", count, message))


def disagreements(project: Project, rows: Rows, where: str) -> Iterator[Problem]:
    """Yield what is wrong with the table as a whole.

    Its age groups must hold every age once, from 0 to one open group, and each county and sex must have all of them;
    each county must have the published total, and the published sex ratio and age shares within their rounding. What
    may only follow from a row that could not be read is not told: the row's own fault is.
    """
    parts: dict[tuple[str, str], dict[Ages, int]] = {part: {} for part in product(project.counties, SEXES)}
    numbers: dict[Ages, list[int]] = {}
    unread = []
    for number, row in rows.items():
        part = row.get("area"), row.get("sex")
        start, group, persons = row.get("age_start"), row.get("age_group"), row.get("persons")
        if part not in parts or start is None or group is None or persons is None:
            unread.append(part)
            continue
        ages = Ages(start, math.inf if row["age_width"] is None else start + row["age_width"] - 1)
        if str(ages) != group:
            message = _("not the ages of age_start and age_width, {ages}", ages=ages)
            yield Problem(f"{where} row {number}", "age_group", group, message)
        parts[part][ages] = persons
        numbers.setdefault(ages, []).append(number)
    usual = sorted(ages for ages, rows_of in numbers.items() if 2 * len(rows_of) > sum(map(bool, parts.values())))
    for ages in sorted(set(numbers) - set(usual)):
        message = _("an age group that most counties have not; use the same groups everywhere")
        yield Problem(f"{where} row {numbers[ages][0]}", "age_group", str(ages), message, SUBTOTALS)
    if untiled := _untiled(usual, where):
        yield untiled
        return
    for (county, sex), counts in parts.items():
        gone = [str(ages) for ages in usual if ages not in counts]
        elsewhere = any(a in (county, None) and s in (sex, None) for a, s in unread)
        if gone and not elsewhere and set(counts) <= set(usual):
            message = _("rows are missing: {rows}", rows=f"age_group {spanned(gone)}")
            yield Problem(where, "area, sex", f"{county} / {sex}", message)
    for county in project.counties:
        by_sex = [parts[county, sex] for sex in SEXES]
        if usual and all(sorted(counts) == usual for counts in by_sex):
            yield from _differences(project, county, by_sex, where)


def _untiled(groups: Sequence[Ages], where: str) -> Problem | None:
    """Return the first place at which age groups overlap or leave ages out."""
    expected: float = 0
    for ages in groups:
        if ages.start > expected:
            gap = Ages(int(expected), ages.start - 1)
            return Problem(where, "age_group", str(gap), _("no row; the table needs all ages"))
        if ages.start < expected:
            message = _("ages that have rows of their own; each age may stand once")
            return Problem(where, "age_group", str(ages), message, SUBTOTALS)
        expected = ages.end + 1
    if groups and (not math.isinf(expected) or groups[-1].start < OPEN_FROM):
        message = _("no open group at the end that begins at {age} or later, such as {age}+", age=OPEN_FROM)
        return Problem(where, "age_group", message=message)
    return None


def _differences(project: Project, county: str, by_sex: Sequence[Mapping[Ages, int]], where: str) -> Iterator[Problem]:
    """Yield the published figures of a county that its counts by sex and age do not give."""
    names = "census_counties", "census_age_shares"
    source, printed = (f"{FOLDER}/{name}.csv" for name in names)
    facts, shares = (table[table["area"] == county] for table in map(project.table, names))
    figures = dict(zip(facts["indicator"], facts["value"], strict=True))
    if not {"resident_population", "males_per_100_females"} <= set(figures):
        return
    females, males = (sum(counts.values()) for counts in by_sex)
    total, ratio = figures["resident_population"], 100 * males / females if females else math.inf
    compared = [
        (_("residents"), females + males, total, 0, source),
        (_("males per 100 females"), ratio, figures["males_per_100_females"], HALF_RATIO, source),
    ]
    # Shares are compared between the ages at which the table and they divide: 0-4 with 0 and 1-4 together.
    starts = sorted(set(shares["age_start"]) & {ages.start for ages in by_sex[0]})
    for start, end in zip(starts, [*(following - 1 for following in starts[1:]), math.inf], strict=True):
        persons = sum(number for counts in by_sex for ages, number in counts.items() if start <= ages.start <= end)
        parts = shares["share"][shares["age_start"].between(start, end)]
        # Of the published total: a wrong number then shows in its own group and not in all the others.
        share = _("of all are aged {ages}, {persons:,} residents", ages=Ages(start, end), persons=persons)
        compared.append((share, persons / total, parts.sum(), len(parts) * HALF_SHARE, printed))
    for what, counted, published, slack, file in compared:
        if abs(counted - published) > slack + TRACE:
            fields = {"counted": counted, "what": what, "published": published, "file": file}
            message = _("{counted:,.8g} {what}, but {published:,.8g} is published ({file})", **fields)
            yield Problem(where, "area", county, message)
