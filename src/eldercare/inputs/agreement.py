"""What the rows of a table owe one another: none missing, parts that add to their total, one unit for each figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from eldercare.inputs.description import Schema, Sum
from eldercare.inputs.problems import Problem, _, did_you_mean
from eldercare.inputs.validation import Rows


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
