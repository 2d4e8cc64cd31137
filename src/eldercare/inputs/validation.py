"""A table held against its schema, faults told in our words and with our hints.

Cells are read by frictionless. What the rows owe one another is ours: none missing, parts that add, one unit a figure.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any, NamedTuple

from eldercare.inputs.description import Column, Schema, Sum
from eldercare.inputs.problems import NOTHING, InputError, Message, Problem, _, did_you_mean, listed

# What a spreadsheet program makes of an age group such as 1-4 or 10-14.
LOOKS_LIKE_DATE = re.compile(r"\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{2}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d{1,2}月\d{1,2}日")
SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|#+")
# frictionless takes what Python takes; digits of other scripts, 1_000 and nan are no numbers here.
PLAIN = {
    "integer": (re.compile(r"-?[0-9]{1,18}"), _("not a whole number such as 1207")),
    "number": (re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"), _("not a plain number such as 37.6")),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), _("not a date such as 2010-11-01")),
}
DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
# Day 0 of spreadsheet programs; five digits reach from 1927 to 2173.
SERIAL, DAY_ZERO = re.compile(r"[1-9][0-9]{4}"), date(1899, 12, 30)
UNITS, MAX_FAULTS = "年人口张个所户%‰岁元", 2_000
MADE_A_DATE = _("a spreadsheet program seems to have made a date of it: set the column to text")


# Rows by their number as a spreadsheet shows it (the header is row 1), with their values; None for a cell at fault.
Rows = dict[int, dict[str, Any]]


class Known(NamedTuple):
    """The values of a file to which a column refers."""

    file: str
    values: list[str]


def examine(
    where: str, schema: Schema, known: Mapping[str, Known], table: list[list[str]]
) -> tuple[Rows, list[Problem]]:
    """Return the rows of a table as values, and what is wrong with single rows.

    ``table`` holds the cells in the order of the schema, from the second row of the file on, and an empty list for a
    row to pass over; ``known`` by column that refers to another file; ``where`` the file. InputError: too many faults.
    """
    from frictionless import Schema as Descriptor  # only where a table is checked: it imports much

    columns = []
    for field in schema.fields:
        column = field.model_dump(exclude_unset=True) | {"floatNumber": True}
        # A reference is checked as a list of values: frictionless would read the other table for each of its users.
        if allowed := field.among or known.get(field.name, Known("", [])).values:
            column["constraints"] = column.get("constraints", {}) | {"enum": allowed}
        columns.append(column)
    # Cell by cell: the table reader of frictionless holds each column against a JSON schema, which takes a second.
    readers = [field.create_cell_reader() for field in Descriptor.metadata_import({"fields": columns}).fields]
    rows, problems, last = Rows(), list[Problem](), dict[tuple[object, ...], int]()
    for number, cells in enumerate(table, start=2):
        if not any(cells):
            continue
        place, faults, values = f"{where} row {number}", {}, dict[str, Any]()
        for field, text, read in zip(schema.fields, cells, readers, strict=True):
            name, (value, notes) = field.name, read(text)
            refused = _refused(next(iter(notes)), text, field, known.get(name)) if notes else None
            fault = _spoilt(text, field.type) or refused
            if not fault and field.constraints.unique and text:
                fault = _twice(last, number, name, value)
            if fault:
                faults[name] = Problem(place, name, text or None, *fault)
            values[name] = None if fault else value
        keys = schema.primaryKey
        if faults.keys().isdisjoint(keys) and (fault := _twice(last, number, "", *(values[name] for name in keys))):
            text = " / ".join(cells[schema.columns.index(name)] for name in keys)
            faults[""] = Problem(place, ", ".join(keys), text or None, *fault)
            # Of two rows with one key it is not known which is right.
            values = {}
        rows[number] = values
        problems += faults.values()
        if len(problems) > MAX_FAULTS:
            raise InputError(replace(problems[0], hint=_("one of very many faults; is it the right file?")))
    return rows, problems


def _twice(last: dict[tuple[object, ...], int], number: int, *key: object) -> tuple[Message, Message] | None:
    """Return message and hint for a value or key that stands in an earlier row, and note it as of this one."""
    earlier, last[key] = last.get(key), number
    return (_("the same as in row {row}; each may stand once", row=earlier), NOTHING) if earlier else None


def _spoilt(text: str, kind: str) -> tuple[Message, Message] | None:
    """Return message and hint for a cell that frictionless would take, or have no hint for."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in "\r\n" for c in text):
        return _("holds a character that cannot be seen"), _("type the cell anew")
    if SPREADSHEET_ERROR.fullmatch(text):
        return _("an error value of a spreadsheet program"), NOTHING
    if text and kind in PLAIN and not PLAIN[kind][0].fullmatch(text):
        return PLAIN[kind][1], meant(text, kind)
    return None


def _refused(kind: str, text: str, field: Column, known: Known | None) -> tuple[Message, Message]:
    """Return message and hint for a value of another type, or one that a constraint excludes."""
    limits = field.constraints
    example = _("such as {example}", example=field.example) if field.example else NOTHING
    a_date = MADE_A_DATE if LOOKS_LIKE_DATE.fullmatch(text) else NOTHING
    plain = {
        "required": (_("empty; a value is required here"), NOTHING),
        "minimum": (_("below the minimum {limit}", limit=limits.minimum), NOTHING),
        "maximum": (_("above the maximum {limit}", limit=limits.maximum), NOTHING),
        "pattern": (_("must have the form {pattern}", pattern=limits.pattern), a_date or example),
        "type": (PLAIN.get(field.type, ("", NOTHING))[1], NOTHING),
    }
    if kind in plain and plain[kind][0]:
        return plain[kind]
    if kind == "enum" and known and not field.among:
        hint = did_you_mean(text, known.values) or _("add it to {file} first", file=known.file)
        return _("not in {file}", file=known.file), hint
    words = field.among or limits.enum or [field.trueValues[0], field.falseValues[0]]
    allowed, half_width = [str(word) for word in words], unicodedata.normalize("NFKC", text).strip()
    near = did_you_mean(half_width, [half_width]) if half_width in allowed else did_you_mean(text, allowed)
    return listed(allowed), a_date or near


def meant(text: str, kind: str) -> Message:
    """Return ``did you mean X?`` for a number or date in another spelling, else how to write one.

    Examples
    --------
    >>> meant("３７．６", "number"), meant("1,016 人", "integer")
    ('did you mean 37.6?', 'did you mean 1016?')
    >>> meant("2010年11月1日", "date"), meant("40483", "date")
    ('did you mean 2010-11-01?', 'did you mean 2010-11-01?')
    >>> meant("about 5", "number")
    'without separators, units or spaces'
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if kind == "date":
        try:
            if parts := DATE.fullmatch(plain):
                return _("did you mean {word}?", word=date(*map(int, parts.groups())).isoformat())
        except ValueError:
            return NOTHING
        days = SERIAL.fullmatch(plain)
        return _("did you mean {word}?", word=DAY_ZERO + timedelta(days=int(plain))) if days else NOTHING
    # An apostrophe is what a spreadsheet program puts before a number that is kept as text.
    plain = plain.removeprefix("'").rstrip(UNITS).replace("\N{MINUS SIGN}", "-").replace(",", "").removeprefix("+")
    if kind == "integer":
        plain = re.sub(r"\.0+$", "", plain)
    if PLAIN[kind][0].fullmatch(plain):
        return _("did you mean {word}?", word=plain)
    return _("without separators, units or spaces")


def spanned(values: Sequence[object]) -> str:
    """Return values in words, many of them by the first and the last and their number.

    Examples
    --------
    >>> spanned(["male", "female"]), spanned(range(9))
    ('male, female', '0 ... 8 (9)')
    """
    return ", ".join(map(str, values)) if len(values) < 7 else f"{values[0]} ... {values[-1]} ({len(values)})"


def in_use(rows: Rows) -> Rows:
    """Return the rows that are not kept unused."""
    return {number: values for number, values in rows.items() if values.get("used") is not False}


def gaps(schema: Schema, rows: Rows) -> dict[str, str]:
    """Return in words the rows that a table needs and has not, by area; under no name those that are of no area.

    ``complete`` names combinations of values that each need a row. Nothing is missing as long as a cell that could
    hold one of its values is at fault.
    """
    gone: dict[str, list[str]] = {}
    for rule in schema.complete:
        there = {tuple(values.get(name) for name in rule) for values in in_use(rows).values()}
        if any(None in key for key in there):
            continue
        rest = [name for name in rule if name != "area"]
        missing: dict[str, list[str]] = {}
        for key in product(*rule.values()):
            if key not in there:
                words = dict(zip(rule, map(str, key), strict=True))
                missing.setdefault(words.get("area", ""), []).append(" / ".join(words[name] for name in rest))
        for area, names in missing.items():
            gone.setdefault(area, []).append(f"{' / '.join(rest)} {spanned(names)}".strip())
    return {area: ", ".join(filter(None, words)) for area, words in gone.items()}


def disagreements(where: str, schema: Schema, rows: Rows) -> Iterator[Problem]:
    """Yield sums that do not add, units that are another figure's, and quantities for which two rows are used.

    Rows that are kept but not used owe nothing; what may follow only from a cell at fault is not told. ``where`` is the
    file, for messages.
    """
    for rule in schema.sums:
        yield from _sums(where, rule, in_use(rows))
    first: dict[tuple[object, ...], int] = {}
    for number, values in rows.items():
        row = f"{where} row {number}"
        unit, wanted = values.get("unit"), schema.units.get(values.get("indicator") or "")
        if unit and wanted and unit != wanted:
            message = _("{figure} is given in {unit}", figure=values["indicator"], unit=wanted)
            yield Problem(row, "unit", unit, message, did_you_mean(wanted, [wanted]))
        if values.get("indicator") in schema.positive and values.get("value") == 0:
            message = _("{figure} must be above 0; others are divided by it", figure=values["indicator"])
            yield Problem(row, "value", 0, message)
        key = tuple(values.get(name) for name in schema.usedOncePer)
        if key and values.get("used") and None not in key and first.setdefault(key, number) != number:
            message = _("row {row} is used for the same quantity; set one of the two to used = false", row=first[key])
            yield Problem(row, ", ".join(schema.usedOncePer), " / ".join(map(str, key)), message)


def _sums(where: str, rule: Sum, rows: Rows) -> Iterator[Problem]:
    ((name, parts),) = rule.parts.items()
    total = [rule.total] if isinstance(rule.total, str) else []
    groups: dict[tuple[object, ...], dict[object, list[int]]] = {}
    for number, values in rows.items():
        if all(values.get(key) in allowed for key, allowed in rule.where.items()):
            group = groups.setdefault(tuple(values.get(key) for key in rule.per), {})
            group.setdefault(values.get(name), []).append(number)
    for key, members in groups.items():
        needed = [members.get(part, []) for part in (*parts, *total)]
        # Twice there, not there, or not readable: told elsewhere, or not published.
        if not parts or any(len(numbers) != 1 or rows[numbers[0]][rule.column] is None for numbers in needed):
            continue
        numbers = [there[0] for there in needed]
        figures = [rows[number][rule.column] for number in numbers]
        added, target = sum(figures[: len(parts)]), figures[-1] if total else float(rule.total)
        if abs(added - target) <= rule.step * len(needed) / 2 + 1e-9 * abs(target):
            continue
        who = ", ".join(f"{column} {value}" for column, value in zip(rule.per, key, strict=True))
        fields = {"parts": f"{name} {spanned(parts)} ({who})", "sum": added, "total": target}
        message = _("{parts} add to {sum:.12g}, not to {total:.12g}", **fields)
        hint = _("rows {rows}", rows=spanned(numbers[: len(parts)]))
        yield Problem(f"{where} row {numbers[-1]}" if total else where, rule.column, None, message, hint)
