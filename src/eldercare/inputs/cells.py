"""One cell of a table: its value by the description of its column, or what is wrong with it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from eldercare.inputs.errors import Problem, did_you_mean

# What a spreadsheet program makes of an age group such as 1-4 or 10-14.
LOOKS_LIKE_DATE = re.compile(r"\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{2}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d{1,2}月\d{1,2}日")
SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|#+")
# Digits of other scripts are no digits here.
PLAIN = {
    "integer": (re.compile(r"-?[0-9]{1,18}"), int, "a whole number such as 1207"),
    "number": (re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?([eE][+-]?[0-9]+)?"), float, "a plain number such as 37.6"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat, "a date such as 2020-11-01"),
}
GROUPED = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
# Day 0 of spreadsheet programs; five digits reach from 1927 to 2173.
SERIAL, DAY_ZERO = re.compile(r"[1-9][0-9]{4}"), date(1899, 12, 30)
UNITS = "年人口张个所户%‰岁元"
LONGEST_SHOWN = 60


def read_cell(where: str, text: str, field: Mapping[str, Any]) -> tuple[Any, list[Problem]]:
    """Return the value of a cell by its field description, and the problems found in it.

    An empty cell is ``""`` for text and ``None`` otherwise.

    Examples
    --------
    >>> field = {"name": "value", "type": "number"}
    >>> read_cell("x.csv row 2", "37.6", field)
    (37.6, [])
    >>> print(*read_cell("x.csv row 2", "25,097", field)[1])
    x.csv row 2: value = '25,097': not a plain number such as 37.6 (did you mean 25097?)
    """
    constraints, name = field.get("constraints", {}), field["name"]

    def fault(message: str, hint: str = "") -> tuple[Any, list[Problem]]:
        shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
        return None, [Problem(where, name, shown, message, hint)]

    if not text.strip():
        if constraints.get("required"):
            return None, [Problem(where, name, message="empty; a value is required here")]
        return ("" if field["type"] == "string" else None), []
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c not in "\r\n" for c in text):
        return fault("holds a character that cannot be seen", "type the cell anew")
    if SPREADSHEET_ERROR.fullmatch(text):
        return fault("an error value of a spreadsheet program")
    value: Any = text
    if field["type"] == "boolean":
        if text not in field["trueValues"] + field["falseValues"]:
            return fault(f"allowed: {field['trueValues'][0]}, {field['falseValues'][0]}")
        value = text in field["trueValues"]
    elif field["type"] in PLAIN:
        pattern, parse, wanted = PLAIN[field["type"]]
        try:
            value = parse(text) if pattern.fullmatch(text) else None
        except ValueError:
            value = None
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return fault(f"not {wanted}", meant(text, field["type"]))
    if "enum" in constraints and value not in constraints["enum"]:
        plain = unicodedata.normalize("NFKC", text).strip()
        hint = f"did you mean {plain}?" if plain in constraints["enum"] else did_you_mean(text, constraints["enum"])
        if LOOKS_LIKE_DATE.fullmatch(text):
            hint = "a spreadsheet program seems to have made a date of it: set the column to text"
        return fault(f"allowed: {', '.join(map(str, constraints['enum']))}", hint)
    if "minimum" in constraints and value < constraints["minimum"]:
        return fault(f"below the minimum {constraints['minimum']}")
    if "maximum" in constraints and value > constraints["maximum"]:
        return fault(f"above the maximum {constraints['maximum']}")
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], text):
        return fault(f"must have the form {constraints['pattern']}")
    return value, []


def meant(text: str, kind: str) -> str:
    """Return ``did you mean X?`` for a number or date in another spelling, else how to write one.

    Examples
    --------
    >>> meant("３７．６", "number"), meant("1,016 人", "integer")
    ('did you mean 37.6?', 'did you mean 1016?')
    >>> meant("2020年11月1日", "date"), meant("44136", "date")
    ('did you mean 2020-11-01?', 'did you mean 2020-11-01?')
    >>> meant("about 5", "number")
    'without separators, units or spaces'
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if kind == "date":
        if found := DATE.fullmatch(plain):
            try:
                return f"did you mean {date(*map(int, found.groups())).isoformat()}?"
            except ValueError:
                return ""
        if SERIAL.fullmatch(plain):
            return f"did you mean {(DAY_ZERO + timedelta(days=int(plain))).isoformat()}?"
        return ""
    # An apostrophe is what a spreadsheet program puts before a number that is kept as text.
    plain = plain.removeprefix("'").rstrip(UNITS).replace("\N{MINUS SIGN}", "-")
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    plain = plain.removeprefix("+")
    if kind == "integer" and re.fullmatch(r"-?[0-9]+\.0+", plain):
        plain = plain.split(".")[0]
    if plain != text and PLAIN[kind][0].fullmatch(plain):
        return f"did you mean {plain}?"
    return "without separators, units or spaces"
