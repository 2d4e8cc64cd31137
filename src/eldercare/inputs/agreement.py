"""What the rows of a table owe one another: none missing, parts that add to their total, one unit for each figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from eldercare.inputs.description import Schema, Sum
from eldercare.inputs.problems import Problem, _, did_you_mean
from eldercare.inputs.validation import Record


def spanned(values: Sequence[object]) -> str:
    """Return values in words, many of them by the first and the last and their number.

    Examples
    --------
    >>> spanned(["male", "female"]), spanned(range(9))
    ('male, female', '0 ... 8 (9)')
    """
    return ", ".join(map(str, values)) if len(values) < 7 else f"{values[0]} ... {values[-1]} ({len(values)})"


def gaps(schema: Schema, records: Sequence[Record]) -> dict[str, str]:
    """Return in words the rows that a table needs and has not, by area; under no name those that are of no area.

    ``complete`` names combinations of values that each need a row. Nothing is missing as long as a cell that could
    hold one of its values is at fault.
    """
    gone: dict[str, list[str]] = {}
    for rule in schema.complete:
        there = {tuple(record.values.get(name) for name in rule) for record in records if _counts(record)}
        if any(None in key for key in there):
            continue
        rest = [name for name in rule if name != "area"]
        rows: dict[str, list[str]] = {}
        for key in product(*rule.values()):
            if key not in there:
                values = dict(zip(rule, map(str, key), strict=True))
                rows.setdefault(values.get("area", ""), []).append(" / ".join(values[name] for name in rest))
        for area, missing in rows.items():
            gone.setdefault(area, []).append(f"{' / '.join(rest)} {spanned(missing)}".strip())
    return {area: ", ".join(filter(None, rows)) for area, rows in gone.items()}


def disagreements(where: str, schema: Schema, records: Sequence[Record]) -> Iterator[Problem]:
    """Yield sums that do not add, units that are another figure's, and quantities for which two rows are used.

    Parameters
    ----------
    where : str
        The file, for messages.
    schema : Schema
    records : sequence of Record
        Rows that are kept but not used owe nothing; what may follow only from a cell at fault is not told.
    """
    used = [record for record in records if _counts(record)]
    for rule in schema.sums:
        yield from _sums(where, rule, used)
    first: dict[tuple[object, ...], int] = {}
    for record in records:
        row, values = f"{where} row {record.row}", record.values
        unit, wanted = values.get("unit"), schema.units.get(values.get("indicator") or "")
        if unit and wanted and unit != wanted:
            message = _("{figure} is given in {unit}", figure=values["indicator"], unit=wanted)
            yield Problem(row, "unit", unit, message, did_you_mean(wanted, [wanted]))
        key = tuple(values.get(name) for name in schema.usedOncePer)
        if key and values.get("used") and None not in key and first.setdefault(key, record.row) != record.row:
            message = _("row {row} is used for the same quantity; set one of the two to used = false", row=first[key])
            yield Problem(row, ", ".join(schema.usedOncePer), " / ".join(map(str, key)), message)


def _counts(record: Record) -> bool:
    return record.values.get("used") is not False


def _sums(where: str, rule: Sum, records: Sequence[Record]) -> Iterator[Problem]:
    ((name, parts),) = rule.parts.items()
    groups: dict[tuple[object, ...], dict[object, list[Record]]] = {}
    for record in records:
        if all(record.values.get(key) in values for key, values in rule.where.items()):
            group = tuple(record.values.get(key) for key in rule.per)
            groups.setdefault(group, {}).setdefault(record.values.get(name), []).append(record)
    for group, members in groups.items():
        total = rule.total if isinstance(rule.total, str) else None
        needed = [members.get(part, []) for part in (*parts, *([total] if total else ()))]
        # Twice there, not there, or not readable: told elsewhere, or not published.
        if not parts or any(len(rows) != 1 or rows[0].values[rule.column] is None for rows in needed):
            continue
        rows = [rows[0] for rows in needed]
        values = [row.values[rule.column] for row in rows]
        added, target = sum(values[: len(parts)]), values[-1] if total else float(rule.total)
        if abs(added - target) <= rule.step * len(needed) / 2 + 1e-9 * abs(target):
            continue
        who = ", ".join(f"{key} {value}" for key, value in zip(rule.per, group, strict=True))
        message = _(
            "{parts} add to {sum:.12g}, not to {total:.12g}",
            parts=f"{name} {spanned(parts)} ({who})",
            sum=added,
            total=target,
        )
        place = f"{where} row {rows[-1].row}" if total else where
        yield Problem(
            place, rule.column, None, message, _("rows {rows}", rows=spanned([row.row for row in rows[: len(parts)]]))
        )
