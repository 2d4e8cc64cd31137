"""The official full table of the 2020 census: a template to fill in, strict reading, import into data/raw.

The table is optional. It must agree with the totals, sex ratios and age shares that data/raw has as published.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from eldercare.inputs.cells import LOOKS_LIKE_DATE
from eldercare.inputs.encodings import table_records
from eldercare.inputs.errors import InputError, Problem, did_you_mean
from eldercare.inputs.project import Project
from eldercare.inputs.tables import FOLDER, check_reference, read_rows

TABLE, YEAR, SOURCE = "census_2020_table", 2020, "CENSUS2020TABLE"
TEMPLATE = "census_2020_template.csv"
PUBLISHED, SHARES = "census_2020_counties", "census_2020_age_shares"
SEXES = ("female", "male")
OPEN_FROM, OLDEST = 85, 120
# Steps to which the census tabulation prints shares, and males per 100 females.
SHARE_STEP, RATIO_STEP = Fraction(1, 10_000), Fraction(1, 100)

COLUMNS = {
    "county": ("county", "县区", "县(区)", "地区"),
    "sex": ("sex", "性别"),
    "age_group": ("age_group", "年龄组", "年龄"),
    "persons": ("persons", "人数", "人口数"),
}
SEX_WORDS = {"female": "female", "male": "male", "女": "female", "男": "male", "女性": "female", "男性": "male"}
TOTALS = {"合计", "总计", "小计", "总人口", "全市", "湖州市", "huzhou", "total", "all", "both"}
NO_TOTALS = "leave rows of totals out"
AGES = re.compile(r"(\d{1,3})(?:[-‐‑‒–—―−~至到]+(\d{1,3})|(\+|及?以上))?")
WHOLE = re.compile(r"\d+|\d{1,3}(,\d{3})+")
MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
STANDARD = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, OPEN_FROM, 5)), f"{OPEN_FROM}+")


class Ages(NamedTuple):
    """An age group in completed years, both ends included; infinite at the end when it is open."""

    start: int
    end: float

    @property
    def width(self) -> int | None:
        """Number of single ages; None when the group is open."""
        return None if math.isinf(self.end) else int(self.end) - self.start + 1

    def __str__(self) -> str:
        """Return the group as data/raw codes it: 0, 1-4, 85+."""
        return {None: f"{self.start}+", 1: f"{self.start}"}.get(self.width, f"{self.start}-{self.end:.0f}")


@dataclass(frozen=True)
class Count:
    """One row of the table; None for what could not be read."""

    row: int
    county: str | None = None
    sex: str | None = None
    ages: Ages | None = None
    persons: int | None = None

    @property
    def placed(self) -> bool:
        """Whether it is known whose count this is."""
        return None not in (self.county, self.sex, self.ages)

    def may_be(self, county: str, sex: str) -> bool:
        """Return whether the row belongs to a county and sex, as far as can be read."""
        return self.county in (county, None) and self.sex in (sex, None)


@dataclass(frozen=True)
class Imported:
    """What an import wrote: the file, its size, its source, and whether an earlier table was replaced."""

    path: Path
    rows: int
    age_groups: int
    persons: int
    source_id: str
    replaced: bool


def import_table(project: Project, file: Path | str, source_id: str = SOURCE) -> Imported:
    """Check a full table of the 2020 census and write it to data/raw/census_2020_table.csv.

    Parameters
    ----------
    project : Project
    file : Path or str
        CSV (UTF-8 or GB18030) or Excel .xlsx with the columns county, sex, age group and persons.
    source_id : str
        Source of the table, registered in data/raw/sources.csv.

    Raises
    ------
    InputError
        With every fault of the file, and every disagreement with the published figures; nothing is then written.
    """
    problems = check_reference("import census", "--source", source_id, "sources", dict.fromkeys(project.sources))
    file = Path(file)
    try:
        counts, faults = read_counts(file, project)
        problems += [*faults, *disagreements(project, counts, str(file))]
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    import pandas as pd

    order = {name: i for i, name in enumerate((*project.counties, *SEXES))}
    counts.sort(key=lambda c: (order[c.county], order[c.sex], c.ages.start))
    quality = project.sources[source_id].quality
    frame = pd.DataFrame(
        [(c.county, YEAR, c.sex, str(c.ages), c.ages.start, c.ages.width, c.persons) for c in counts],
        columns=["area", "year", "sex", "age_group", "age_start", "age_width", "persons"],
    ).assign(source_id=source_id, quality=quality, note="")
    frame["age_width"] = frame["age_width"].astype("Int64")
    path = stored_path(project)
    replaced = path.exists()
    _write(path, frame.to_csv(index=False, lineterminator="\n"))
    groups = frame["age_group"].nunique()
    return Imported(path, len(frame), groups, int(frame["persons"].sum()), source_id, replaced)


def remove_table(project: Project) -> Path:
    """Delete the imported table and return its path; InputError when there is none."""
    path = stored_path(project)
    try:
        path.unlink()
    except FileNotFoundError:
        raise InputError(Problem("import census", "--remove", message="there is no imported table")) from None
    except OSError as error:
        raise InputError(Problem(str(path), message=f"cannot be removed: {error.strerror}")) from error
    return path


def stored_path(project: Project) -> Path:
    """Return where the imported table stands in data/raw, whether it is there or not."""
    return project.root / FOLDER / f"{TABLE}.csv"


def stored_problems(project: Project) -> list[Problem]:
    """Return the faults of the table in data/raw, as an import would tell them; none when there is no table."""
    if TABLE not in project.tables:
        return []
    try:
        rows = read_rows(project.root, TABLE)
    except InputError as error:
        return error.problems
    where, counts, problems = f"{FOLDER}/{TABLE}.csv", [], []
    for number, row in enumerate(rows, start=2):
        end = math.inf if row["age_width"] is None else row["age_start"] + row["age_width"] - 1
        group = str(Ages(row["age_start"], end))
        ages, message, hint = _ages(group)
        if ages is None:
            problems.append(Problem(f"{where} row {number}", "age_start, age_width", group, message, hint))
        counts.append(Count(number, row["area"], row["sex"], ages, row["persons"]))
    return [*problems, *disagreements(project, counts, where)]


def write_template(project: Project, file: Path | str = TEMPLATE) -> Path:
    """Write a table to fill in, with the age groups of the published shares, and return its path.

    A closed age group carries 岁, so that a spreadsheet program does not make a date of 10-14.

    Raises
    ------
    InputError
        If the file exists, its folder does not, or its name does not end in .csv or .xlsx.
    """
    path = Path(file)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(Problem("--template", value=str(file), message="the name must end in .csv or .xlsx"))
    if path.exists():
        raise InputError(Problem(str(file), message="exists already; choose another name"))
    header = tuple(COLUMNS)
    ages = [group if group.endswith("+") else f"{group}岁" for group in STANDARD]
    rows = [(county, sex, group) for county in project.counties for sex in SEXES for group in ages]
    try:
        if path.suffix.lower() == ".xlsx":
            path.write_bytes(_workbook(header, rows))
        else:
            # The mark at the beginning tells a spreadsheet program that the file is UTF-8.
            with path.open("x", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows([header, *((*row, "") for row in rows)])
    except OSError as error:
        raise InputError(Problem(str(file), message=f"cannot be written: {error.strerror}")) from error
    return path


def _workbook(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet(TABLE)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 2, 14, book.add_format({"num_format": "@"}))
        sheet.set_column(3, 3, 14, book.add_format({"num_format": "#,##0"}))
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(aside, path)
    except OSError as error:
        raise InputError(Problem(str(path), message=f"cannot be written: {error.strerror}")) from error
    finally:
        aside.unlink(missing_ok=True)


# ---- reading


def read_counts(file: Path, project: Project) -> tuple[list[Count], list[Problem]]:
    """Return the rows of a file, and the faults of single cells.

    Raises
    ------
    InputError
        If the file cannot be read, or its header is wrong.
    """
    records = [(number, _without_empty_end(cells)) for number, cells in enumerate(_records(file), start=1)]
    header = records[0][1] if records else []
    problems, columns = _columns(f"{file} row 1", header)
    if problems:
        raise InputError(problems)
    rows = [(number, cells) for number, cells in records[1:] if cells]
    persons = columns.index("persons")
    if not any(_plain("".join(cells[persons : persons + 1])) for _, cells in rows):
        raise InputError(Problem(str(file), "persons", message="nothing is filled in; each row needs its residents"))
    words = {"county": _county_words(project), "sex": SEX_WORDS}
    counts = []
    for number, cells in rows:
        where = f"{file} row {number}"
        if len(cells) > len(header):
            message = f"{len(cells)} cells where the header has {len(header)}"
            problems.append(Problem(where, message=message, hint="quote cells that hold a comma"))
            counts.append(Count(number))
        else:
            count, faults = _count(where, number, dict(zip(columns, cells, strict=False)), words)
            counts.append(count)
            problems += faults
    return counts, problems


def _records(file: Path) -> list[list[str]]:
    """Return the cells of the file, of the first sheet when it is a workbook, as text."""
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise InputError(Problem(str(file), message="must be a .csv or .xlsx file", hint="save it as one of these"))
    if not file.is_file():
        near = did_you_mean(file.name, [p.name for p in file.parent.glob("*.*")])
        raise InputError(Problem(str(file), message="file not found", hint=near))
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(Problem(str(file), message=f"cannot be read: {error.strerror}")) from error
    if suffix == ".xlsx":
        import pandas as pd

        try:
            cells = pd.read_excel(io.BytesIO(content), header=None, dtype=object, keep_default_na=False)
        except Exception as error:  # a damaged workbook fails in many ways, each with its own type
            raise InputError(Problem(str(file), message=f"not readable as an .xlsx workbook: {error}")) from error
        return [[_text(cell) for cell in row] for row in cells.itertuples(index=False)]
    return [list(record) for record in table_records(content, str(file))]


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _plain(text: str) -> str:
    """Return a cell in half-width characters without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _columns(where: str, header: list[str]) -> tuple[list[Problem], list[str]]:
    names = {name: column for column, those in COLUMNS.items() for name in those}
    found = [names.get(_plain(cell).lower(), cell) for cell in header]
    missing = {name: column for name, column in names.items() if column not in found}
    problems, hinted = [], set()
    for column, times in Counter(found).items():
        if column not in COLUMNS:
            near = did_you_mean(_plain(column), missing or names)
            hinted |= {missing[name] for name in missing if near == f"did you mean {name}?"}
            message = f"not a column of this table; it has {', '.join('/'.join(those) for those in COLUMNS.values())}"
            problems.append(Problem(where, value=column, message=message, hint=near))
        elif times > 1:
            problems.append(Problem(where, column, message="the column stands there twice"))
    problems += [
        Problem(where, column, message=f"missing column; its name may be {', '.join(those)}")
        for column, those in COLUMNS.items()
        if column in missing.values() and column not in hinted
    ]
    return problems, found


def _county_words(project: Project) -> dict[str, str]:
    """Return all spellings of the counties: identifier, code, name in both languages, without 县 or 区 too."""
    words = {}
    for name, county in project.counties.items():
        chinese = county.label["zh"]
        words |= dict.fromkeys((name, chinese, chinese[:-1], county.code, county.label["en"].lower()), name)
    return words


def _count(
    where: str, number: int, cells: Mapping[str, str], words: Mapping[str, Mapping[str, str]]
) -> tuple[Count, list[Problem]]:
    problems = []

    def fault(column: str, message: str, hint: str = "") -> None:
        problems.append(Problem(where, column, cells[column], message, hint))

    for column in COLUMNS:
        if not _plain(cells.get(column, "")):
            problems.append(Problem(where, column, message="empty; a value is required here"))
    found = {}
    for column, allowed in words.items():
        text = _plain(cells.get(column, "")).lower()
        found[column] = allowed.get(text)
        if text and found[column] is None:
            hint = NO_TOTALS if text in TOTALS else did_you_mean(text, allowed)
            shown = [f"{value} ({_chinese(allowed, value)})" for value in dict.fromkeys(allowed.values())]
            fault(column, f"allowed are {', '.join(shown)}", hint)
    ages = None
    if text := re.sub("周?岁", "", _plain(cells.get("age_group", ""))):
        ages, message, hint = _ages(text)
        if ages is None:
            fault("age_group", message, hint)
    persons = None
    if text := _plain(cells.get("persons", "")):
        if WHOLE.fullmatch(text):
            persons = int(text.replace(",", ""))
        else:
            fault("persons", "not a whole number of residents such as 12345 or 12,345")
    return Count(number, found["county"], found["sex"], ages, persons), problems


def _chinese(words: Mapping[str, str], value: str) -> str:
    return next(word for word, meant in words.items() if meant == value and not word.isascii())


def _ages(text: str) -> tuple[Ages | None, str, str]:
    """Return the age group of a cell, or what is wrong with it and a hint."""
    if LOOKS_LIKE_DATE.fullmatch(text):
        parts = [int(MONTHS.get(part, part)) for part in re.findall(rf"\d+|{'|'.join(MONTHS)}", text.lower())]
        group = "-".join(map(str, sorted(part for part in parts if part <= 31)[:2]))
        meant = f"was it {group}? " if group in STANDARD else ""
        hint = f"{meant}set the column to text, or write the group with 岁"
        return None, "a spreadsheet program has made a date of the age group", hint
    match = AGES.fullmatch(text)
    if match is None:
        hint = NO_TOTALS if text.lower() in TOTALS else did_you_mean(text, STANDARD)
        return None, "not an age group such as 60-64, a single age such as 60, or an open group such as 85+", hint
    start, end = int(match[1]), int(match[2] or match[1])
    if match[3]:
        if OPEN_FROM <= start <= OLDEST:
            return Ages(start, math.inf), "", ""
        return None, f"an open group must begin at {OPEN_FROM} to {OLDEST}", ""
    single, five = start == end, start % 5 == 0 and end == start + 4
    if end <= OLDEST and (single or five or (start, end) == (1, 4)):
        return Ages(start, end), "", ""
    hint = did_you_mean(f"{start}-{end}", STANDARD)
    return None, f"allowed are five-year groups (0-4 or 0 and 1-4, 5-9, 10-14 ...) and single ages to {OLDEST}", hint


# ---- agreement of the rows with each other and with the published figures


def disagreements(project: Project, counts: list[Count], where: str) -> Iterator[Problem]:
    """Yield what is wrong with the table as a whole.

    Each county and sex must have every age once, from 0 to one open group, and all the same groups; each county
    must have the published total, and the published sex ratio and age shares within their rounding. What may only
    follow from a row that could not be read is not told: the row's own fault is.
    """
    first: dict[tuple, int] = {}
    kept: list[Count] = []
    for count in counts:
        key = (count.county, count.sex, count.ages)
        if not count.placed or first.setdefault(key, count.row) == count.row:
            kept.append(count)
            continue
        message = f"the same county, sex and age group as row {first[key]}; each may stand once"
        yield Problem(f"{where} row {count.row}", "county, sex, age_group", " / ".join(map(str, key)), message)
        # Which of the two is right cannot be known.
        kept.append(Count(count.row, count.county, count.sex))
    groups: dict[tuple[str, str], tuple[Ages, ...]] = {}
    for county in project.counties:
        for sex in SEXES:
            rows = [count for count in kept if count.placed and (count.county, count.sex) == (county, sex)]
            problems = list(_tiling(where, f"{county}, {sex}", rows))
            if not problems:
                groups[county, sex] = tuple(sorted(count.ages for count in rows))
            elif not any(count.may_be(county, sex) and not count.placed for count in kept):
                yield from problems
    usual = Counter(groups.values()).most_common(1)
    for who, own in groups.items():
        if odd := [str(ages) for ages in own if ages not in usual[0][0]]:
            message = f"the age groups {', '.join(odd)} are not those of the other rows; use the same groups everywhere"
            yield Problem(where, "county, sex", ", ".join(who), message)
    for county in project.counties:
        rows = [count for count in kept if count.county == county]
        if all((county, sex) in groups for sex in SEXES) and all(row.persons is not None for row in rows):
            yield from _against_published(project, county, rows, where)


def _tiling(where: str, who: str, rows: list[Count]) -> Iterator[Problem]:
    """Yield where the age groups of a county and sex overlap or leave ages out."""
    if not rows:
        yield Problem(where, "county, sex", who, "no rows; the table needs both sexes of each county")
    double = [
        row
        for row in rows
        if any(row.ages.start <= o.ages.start and o.ages.end <= row.ages.end and o.ages != row.ages for o in rows)
    ]
    for row in double:
        message = f"ages of {who} that have rows of their own; each age may stand once"
        yield Problem(f"{where} row {row.row}", "age_group", str(row.ages), message, "leave subtotals out")
    if double or not rows:
        return
    expected: float = 0
    for ages in sorted(row.ages for row in rows):
        if ages.start > expected:
            yield Problem(where, "age_group", str(Ages(int(expected), ages.start - 1)), f"no row for {who}")
        expected = ages.end + 1
    if not math.isinf(expected):
        yield Problem(where, "age_group", message=f"{who} has no open group at the end, such as {OPEN_FROM}+")


def _against_published(project: Project, county: str, rows: list[Count], where: str) -> Iterator[Problem]:
    facts = project.table(PUBLISHED).query("area == @county").set_index("indicator")["value"]
    shares = project.table(SHARES).query("area == @county").set_index("age_start")["share"].sort_index()
    source, total = f"{FOLDER}/{PUBLISHED}.csv", sum(row.persons for row in rows)
    published = int(facts["resident_population"])
    if total != published:
        message = f"{total:,} residents in all, but the published census total is {published:,} ({source})"
        yield Problem(where, "county", county, message)
    females, males = (sum(row.persons for row in rows if row.sex == sex) for sex in SEXES)
    ratio = _exact(facts["males_per_100_females"])
    if not females or abs(Fraction(100 * males, females) - ratio) > RATIO_STEP / 2:
        found = f"{100 * males / females:.4f}" if females else "no females and so no number of"
        message = f"{found} males per 100 females, but {float(ratio):.2f} are published ({source})"
        yield Problem(where, "county", county, message)
    # Shares are compared between the ages at which the table and they divide: 0-4 with 0 and 1-4 together.
    own = [{row.ages.start for row in rows if row.sex == sex} for sex in SEXES]
    starts = sorted(own[0] & own[1] & set(shares.index))
    for start, end in zip(starts, [*(s - 1 for s in starts[1:]), math.inf], strict=True):
        persons = sum(row.persons for row in rows if start <= row.ages.start <= end)
        parts = [_exact(share) for age, share in shares.items() if start <= age <= end]
        # Of the published total: a wrong number then shows in its own group and not in all the others.
        if abs(Fraction(persons, published) - sum(parts)) > len(parts) * SHARE_STEP / 2:
            message = (
                f"{persons:,} residents aged {Ages(start, end)} are a share of {persons / published:.6f}, "
                f"but {float(sum(parts)):.4f} is published ({FOLDER}/{SHARES}.csv)"
            )
            yield Problem(where, "county", county, message)


def _exact(value: float) -> Fraction:
    """Return a published decimal number as it is printed, free of binary rounding."""
    return Fraction(str(float(value)))
