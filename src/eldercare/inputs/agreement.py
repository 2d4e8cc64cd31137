"""What the rows of a table owe one another: none missing, parts that add to their total, one unit for each figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from eldercare.inputs.errors import Problem

# So many missing rows are named one by one.
NAMED = 10


@dataclass(frozen=True)
class Record:
    """A row that could be read: its number as a spreadsheet shows it, and its values; None where a cell is at fault."""

    row: int
    values: Mapping[str, Any]


def disagreements(where: str, schema: Mapping[str, Any], records: Sequence[Record]) -> Iterator[Problem]:
    """Yield what is wrong with a table as a whole, by the rules of its description.

    ``complete`` names combinations of values that each need a row, ``sums`` parts and their total, ``units`` the unit
    of each indicator. Rows that are kept but not used owe nothing; what may follow only from a cell that could not be
    read is not told.

    Parameters
    ----------
    where : str
        The file, for messages.
    schema : mapping
        Schema of the table in datapackage.json.
    records : sequence of Record
    """
    used = [record for record in records if record.values.get("used") is not False]
    for rule in schema.get("complete", ()):
        yield from _missing(where, rule, used)
    for rule in schema.get("sums", ()):
        yield from _sums(where, rule, used)
    units = schema.get("units", {})
    for record in records:
        unit, wanted = record.values.get("unit"), units.get(record.values.get("indicator"))
        if unit and wanted and unit != wanted:
            message = f"{record.values['indicator']} is given in {wanted}"
            yield Problem(f"{where} row {record.row}", "unit", unit, message, f"did you mean {wanted}?")


def _span(values: Any) -> list[Any]:
    return list(range(values["from"], values["to"] + 1)) if isinstance(values, Mapping) else list(values)


def _missing(where: str, rule: Mapping[str, Any], records: Sequence[Record]) -> Iterator[Problem]:
    names = list(rule)
    if any(record.values.get(name) is None for record in records for name in names):
        return
    there = {tuple(record.values[name] for name in names) for record in records}
    gone = [key for key in product(*(_span(rule[name]) for name in names)) if key not in there]
    for key in gone[:NAMED]:
        yield Problem(where, ", ".join(names), " / ".join(map(str, key)), "no row; the table needs one")
    if len(gone) > NAMED:
        yield Problem(where, ", ".join(names), message=f"{len(gone) - NAMED} more rows are missing")


def _sums(where: str, rule: Mapping[str, Any], records: Sequence[Record]) -> Iterator[Problem]:
    ((name, parts),) = rule["parts"].items()
    column, total = rule["column"], rule["total"]
    conditions = {key: value for key, value in rule.get("where", {}).items()}
    groups: dict[tuple, dict[Any, list[Record]]] = {}
    for record in records:
        if all(record.values.get(key) in values for key, values in conditions.items()):
            group = tuple(record.values.get(key) for key in rule["per"])
            groups.setdefault(group, {}).setdefault(record.values.get(name), []).append(record)
    for group, members in groups.items():
        wanted = [*parts] if isinstance(total, int | float) else [*parts, total]
        # Twice there, not there, or not readable: told elsewhere, or not published.
        if any(len(members.get(one, ())) != 1 or members[one][0].values[column] is None for one in wanted):
            continue
        rows = [members[one][0] for one in parts]
        added = sum(row.values[column] for row in rows)
        target = total if isinstance(total, int | float) else members[total][0].values[column]
        slack = rule.get("step", 0) * (len(wanted)) / 2
        if abs(added - target) <= slack + 1e-9 * abs(target):
            continue
        who = ", ".join(f"{key} {value}" for key, value in zip(rule["per"], group, strict=True))
        listed = ", ".join(map(str, parts)) if len(parts) < 7 else f"{parts[0]} ... {parts[-1]}"
        numbers = ", ".join(str(row.row) for row in rows) if len(rows) < 7 else f"{rows[0].row} ... {rows[-1].row}"
        message = f"{name} {listed} ({who}) add to {added:.12g}, not to {target:.12g}"
        place = where if isinstance(total, int | float) else f"{where} row {members[total][0].row}"
        yield Problem(place, column, message=message, hint=f"rows {numbers}")
