"""Malformed inputs by kind, made systematically: each is put into a copy of the project and met by a command."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHECK = ("check",)
RUN = ("run", "--area", "deqing", "--scenario", "baseline", "--notebook", "03_beds")


@dataclass(frozen=True)
class Case:
    """One malformed input: its kind, what is wrong, how to make it, and the command that meets it."""

    kind: str
    name: str
    make: Callable[[Path], None]
    command: tuple[str, ...] = CHECK


def cases() -> list[Case]:
    """Return every case."""
    return [
        *yaml_files(),
        *yaml_values(),
        *parameter_metadata(),
        *layer_mistakes(),
        *csv_files(),
        *csv_cells(),
        *combinations(),
        *descriptions(),
        *notebooks(),
        *manifests(),
        *command_lines(),
    ]


# ---- ways to make a file wrong


def write(file: str, content: bytes | str) -> Callable[[Path], None]:
    data = content.encode("utf-8") if isinstance(content, str) else content
    return lambda root: (root / file).write_bytes(data) and None


def change(file: str, how: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        path = root / file
        before = path.read_bytes()
        after = how(before)
        assert after != before, file
        path.write_bytes(after)

    return make


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def how(content: bytes) -> bytes:
        assert old.encode() in content, (file, old)
        return content.replace(old.encode(), new.encode(), 1)

    return change(file, how)


def gone(file: str) -> Callable[[Path], None]:
    return lambda root: (root / file).unlink()


def folder(file: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / file).unlink()
        (root / file).mkdir()

    return make


NOISE = bytes((7 * i * i + 13 * i + 200) % 256 for i in range(4000))


# ---- YAML

YAML = {
    "parameters": "config/parameters/beds.yaml",
    "county": "config/counties/deqing.yaml",
    "scenario": "config/scenarios/ageing_in_place.yaml",
}
YAML_WHOLE: dict[str, bytes | str] = {
    "empty": "",
    "only a comment": "# nothing\n",
    "blank lines": "\n\n\n",
    "UTF-16": "a: 1\n".encode("utf-16"),
    "Latin-1": "a: caf\xe9\n".encode("latin-1"),
    "noise": NOISE,
    "a NUL byte": b"a: 1\x00\n",
    "a control character": b"a: \x07\n",
    "a list": "- a\n- b\n",
    "one word": "nothing\n",
    "JSON that is cut off": '{"a": {"b": 1',
    "thousand open brackets": "a: " + "[" * 1000 + "\n",
    "nested too deeply": "".join(" " * i + "a:\n" for i in range(60)) + " " * 60 + "a: 1\n",
    "a bomb of aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "a Python object": "a: !!python/object/apply:os.system ['touch PWNED']\n",
    "a Python name": "a: !!python/name:os.system\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a directive": "%YAML 1.1\n---\na: 1\n",
    "a mebibyte": "a: '" + "x" * 1_100_000 + "'\n",
    "a list as key": "? [a, b]\n: 1\n",
    "a number as key": "1: 2\n",
    "an empty key": "'': 1\n",
    "a merge key": "a: {b: 1}\nc:\n  <<: {b: 2}\n",
    "an unclosed quote": 'a: "b\n',
    "an unclosed brace": "a: {b: 1\n",
    "a tab": "a:\n\tb: 1\n",
    "a full-width colon": "a：1\n",
    "no space after the colon": "a:1\n",
}


def yaml_files() -> Iterator[Case]:
    for kind, file in YAML.items():
        for name, content in YAML_WHOLE.items():
            yield Case("YAML files", f"{kind}: {name}", write(file, content))
        yield Case("YAML files", f"{kind}: a folder in its place", folder(file))
        yield Case("YAML files", f"{kind}: cut in half", change(file, lambda b: b[: len(b) // 2 - 7] + b'"'))
        yield Case("YAML files", f"{kind}: an unknown key", change(file, lambda b: b + b"\nunknown_key: 1\n"))


VALUES = [
    "yes", "no", "on", "off", "~", "null", "", "050", "0x32", "0b11", "5_0", "1:30", "+50", ".", "50.", "1e999", "nan",
    ".inf", "５０", '"50"', "50%", "50,000", "2020-01-01", "[50]", "{a: 50}", "true", "fifty", "-1", "1000000000",
    "99999999999999999999", '"=1+1"', "${HOME}", "__import__('os').system('touch PWNED')", '"{{ 7 * 7 }}"', "%d",
    "../50",
]  # fmt: skip


def yaml_values() -> Iterator[Case]:
    for value in VALUES:
        yield Case(
            "values in YAML",
            f"beds.norm: {value or '(nothing)'}",
            swap(YAML["parameters"], "value: 50", f"value: {value}"),
        )


def parameter_metadata() -> Iterator[Case]:
    lines = {
        "label": "  label: {en: Norm for beds, zh: 每千名老年人拥有养老床位标准}\n",
        "value": "  value: 50\n",
        "unit": "  unit: beds_per_1000\n",
        "denominator": "  denominator: elders_60plus\n",
        "bounds": "  bounds: [1, 200]\n",
        "interval": "  interval: none\n",
        "evidence": "  evidence: policy\n",
        "source": "  source: SEED\n",
    }
    for name, line in lines.items():
        yield Case("metadata of parameters", f"{name} left out", swap(YAML["parameters"], line, ""))
        yield Case("metadata of parameters", f"{name} twice", swap(YAML["parameters"], line, line + line))
        for value in ("wrong_word", "[1, 2, 3]", "{a: b}", "7"):
            if (name, value) == ("value", "7"):
                continue
            yield Case(
                "metadata of parameters", f"{name}: {value}", swap(YAML["parameters"], line, f"  {name}: {value}\n")
            )


FACT = '    set: 0.12\n    interval: [0.08, 0.2]\n    source: SEED\n    locator: "x"\n    evidence: official\n'


def layer_mistakes() -> Iterator[Case]:
    county, scenario = YAML["county"], YAML["scenario"]

    def fact(key: str, text: str) -> Callable[[Path], None]:
        return swap(county, "facts: {}", f"facts:\n  {key}:\n{text}")

    for name, make in {
        "an unknown parameter": fact("meals.uptak", FACT),
        "a value out of bounds": fact("meals.uptake", FACT.replace("0.12", "1.2")),
        "no interval": fact("meals.uptake", FACT.replace("    interval: [0.08, 0.2]\n", "")),
        "an interval beside the value": fact("meals.uptake", FACT.replace("[0.08, 0.2]", "[0.3, 0.4]")),
        "an interval of three": fact("meals.uptake", FACT.replace("[0.08, 0.2]", "[0.1, 0.2, 0.3]")),
        "an interval the wrong way round": fact("meals.uptake", FACT.replace("[0.08, 0.2]", "[0.2, 0.08]")),
        "an unknown source": fact("meals.uptake", FACT.replace("SEED", "SEEED")),
        "no source": fact("meals.uptake", FACT.replace("SEED", "none")),
        "unknown evidence": fact("meals.uptake", FACT.replace("official", "offical")),
        "a key that facts do not have": fact("meals.uptake", FACT + "    multiply: 2\n"),
        "facts as a list": swap(county, "facts: {}", "facts: []"),
        "another name than the file": swap(county, "county: deqing", "county: deqin"),
        "a code of letters": swap(county, '"330521"', '"33052X"'),
        "a code of another county": swap(county, '"330521"', '"330522"'),
        "a label in one language": swap(county, ", zh: 德清县", ""),
    }.items():
        yield Case("county layer", name, make)
    for name, content in {"a space": "de qing.yaml", "a capital": "Deqing2.yaml"}.items():

        def make(root: Path, content: str = content) -> None:
            text = (root / county).read_text(encoding="utf-8").replace("330521", "330599")
            stem = Path(content).stem
            (root / "config/counties" / content).write_text(
                text.replace("county: deqing", f'county: "{stem}"'), "utf-8"
            )

        yield Case("county layer", f"a file named {name}", make)
    for name, make in {
        "an unknown parameter": swap(scenario, "meals.uptake:", "meals.uptakes:"),
        "two operations": swap(scenario, "multiply: 0.75", "multiply: 0.75\n    add: 1"),
        "no operation": swap(scenario, "    multiply: 0.75\n", ""),
        "a product out of bounds": swap(
            scenario, "multiply: 1.5\n    why: {en: People", "multiply: 40\n    why: {en: People"
        ),
        "a factor that is text": swap(scenario, "multiply: 0.75", "multiply: half"),
        "no reason": swap(scenario, "    why:", "    whi:"),
        "an unknown county": swap(scenario, "changes:\n", "county_changes:\n  anjii: {}\nchanges:\n"),
        "another name than the file": swap(scenario, "scenario: ageing_in_place", "scenario: other"),
        "a name with a path": swap(scenario, "scenario: ageing_in_place", 'scenario: "../x"'),
        "a reason in one language": swap(scenario, "{en: ", "{fr: x, en: "),
    }.items():
        yield Case("scenario layer", name, make)


# ---- tables


def table(name: str) -> str:
    return f"data/raw/{name}.csv"


def rows(how: Callable[[list[list[str]]], object]) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        cells = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
        how(cells)
        stream = io.StringIO(newline="")
        csv.writer(stream, lineterminator="\n").writerows(cells)
        return stream.getvalue().encode("utf-8")

    return edit


CSV_HOW: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda b: b"",
    "blank lines": lambda b: b"\n\n,,\n",
    "the header only": lambda b: b.split(b"\n")[0] + b"\n",
    "UTF-16 without a mark": lambda b: b.decode("utf-8").encode("utf-16-le"),
    "Latin-1": lambda b: b + "\nà,é,ü\n".encode("latin-1"),
    "Big5": lambda b: "地區,總人口數\n臺灣,歲數\n".encode("big5"),
    "a workbook": lambda b: b"PK\x03\x04" + b,
    "an old workbook": lambda b: b"\xd0\xcf\x11\xe0" + b,
    "noise": lambda b: NOISE,
    "semicolons": lambda b: b.replace(b",", b";"),
    "bars": lambda b: b.replace(b",", b"|"),
    "full-width commas": lambda b: b.decode("utf-8").replace(",", "，").encode("utf-8"),
    "an unclosed quote": lambda b: b + b'"open',
    "a NUL byte": rows(lambda c: c[1].__setitem__(-1, "a\x00b")),
    "a header with a wrong name": rows(lambda c: c[0].__setitem__(0, "wrong")),
    "a header in Chinese": rows(lambda c: c[0].__setitem__(0, "地区")),
    "a column left out": rows(lambda c: [row.pop(0) for row in c]),
    "a column twice": rows(lambda c: [row.append(row[0]) for row in c]),
    "a column too many": rows(lambda c: [row.append("extra") for row in c]),
    "a cell too many": rows(lambda c: c[2].append("extra")),
    "a cell too few": rows(lambda c: c[2].pop()),
    "a row twice": rows(lambda c: c.append(c[1])),
    "a row of a spreadsheet error": rows(lambda c: c[1].__setitem__(0, "#REF!")),
    "an unknown source": rows(lambda c: c[1].__setitem__(c[0].index("source_id"), "SEEED")),
    "a grade that is none": rows(lambda c: c[1].__setitem__(c[0].index("quality"), "good")),
    "a cell of 200,000 letters": rows(lambda c: c[1].__setitem__(-1, "x" * 200_000)),
}
TABLES = ("report_2018", "census_totals", "births_china")


def csv_files() -> Iterator[Case]:
    for name in TABLES:
        for what, how in CSV_HOW.items():
            yield Case("CSV files", f"{name}: {what}", change(table(name), how))
        yield Case("CSV files", f"{name}: missing", gone(table(name)))
        yield Case("CSV files", f"{name}: a folder in its place", folder(table(name)))
    drop = {
        "a county left out": ("census_totals", lambda c: c.pop(12)),
        "a year left out": ("births_china", lambda c: c.pop(30)),
        "an age left out": ("mortality_china", lambda c: c.pop(100)),
        "counties that do not add": ("census_totals", lambda c: c[13].__setitem__(3, "542890")),
        "bands that do not add": ("census_bands", lambda c: c[19].__setitem__(5, "402019")),
        "shares that do not add": ("census_age_shares", lambda c: c[5].__setitem__(6, "0.2")),
        "beds that do not add": ("report_2018", lambda c: c[1].__setitem__(4, "39468")),
        "a unit of another figure": ("vital_events", lambda c: c[1].__setitem__(5, "percent")),
        "two rows in use": ("geography", lambda c: c[1].__setitem__(5, "true")),
    }
    for what, (name, how) in drop.items():
        yield Case("rows that disagree", f"{name}: {what}", change(table(name), rows(how)))


NUMBERS = [
    "", " ", "abc", "1,234", "1 234", "１２３４", "12三4", "1.2.3", "--1", "+5", "1e999", "nan", "inf", "-1", "0x10",
    "=1+1", "5%", "约1000", "1000人", "#N/A", "#DIV/0!", "'1000", "1_000", "½", "٣", "9" * 30, "1e", "TRUE",
]  # fmt: skip
DATES = ["", "2020/11/1", "2020-13-01", "2020-11-31", "1-Nov-20", "44136", "2020年11月1日", "20201101", "Nov 2020"]
AGES = ["4-Jan", "1月4日", "2001-04-01", "１-４", "1–4", "1 - 4", "0-4", "4", "一至四"]


def csv_cells() -> Iterator[Case]:
    def cell(name: str, row: int, column: str, value: str) -> Callable[[Path], None]:
        return change(table(name), rows(lambda c: c[row].__setitem__(c[0].index(column), value)))

    for value in NUMBERS:
        yield Case("cells: numbers", repr(value), cell("census_totals", 11, "value", value))
    for value in DATES:
        yield Case("cells: dates", repr(value), cell("census_totals", 11, "reference_date", value))
    for value in AGES:
        yield Case("cells: age groups", repr(value), cell("census_age_shares", 2, "age_group", value))
    for value in ("Deqing", "deqin", "德清县", "../deqing", "<b>deqing</b>"):
        yield Case("cells: areas", repr(value), cell("census_totals", 13, "area", value))
    for value in ("yes", "1", "True", "是", ""):
        yield Case("cells: true or false", repr(value), cell("geography", 1, "used", value))


# ---- inputs that are valid one by one

TOTALS = {
    "supply.institution_beds": 25_097,
    "supply.home_care_centre_beds": 14_370,
    "supply.meal_points": 520,
    "meals.places": 1_211,
    "services.purchased": 24_987,
}
COUNTIES = ("wuxing", "nanxun", "deqing", "changxing", "anji")
CITY = "config/city.yaml"
PLAN = """scenario: my_plan
label: {{en: My plan, zh: 试点}}
description: {{en: My plan., zh: 试点。}}
changes: {{{changes}}}
county_changes: {{{county_changes}}}
"""
CHANGE = "{key}: {{set: {value}, evidence: assumption, source: none, locator: a try, why: {{en: a try, zh: 试算}}}}"


def combinations() -> Iterator[Case]:
    kind = "valid one by one"

    def stated(**of: dict[str, object]) -> Callable[[Path], None]:
        def make(root: Path) -> None:
            for county, facts in of.items():
                text = "".join(
                    f"  {key}:\n    set: {value}\n    interval: none\n    evidence: official\n    source: SEED\n"
                    '    locator: "a table"\n'
                    for key, value in facts.items()
                )
                swap(f"config/counties/{county}.yaml", "facts: {}\n", f"facts:\n{text}")(root)

        return make

    def both(*makes: Callable[[Path], None]) -> Callable[[Path], None]:
        return lambda root: [make(root) for make in makes] and None

    def plan(key: str, value: object, county: str = "") -> Callable[[Path], None]:
        change = CHANGE.format(key=key, value=value)
        fields = {"changes": "", "county_changes": f"{county}: {{{change}}}"} if county else {"changes": change}
        return write("config/scenarios/my_plan.yaml", PLAN.format(**{"county_changes": ""} | fields))

    for key, total in TOTALS.items():
        for command in (CHECK, RUN):
            yield Case(
                kind, f"{key} of a county above the city: {command[0]}", stated(deqing={key: total + 1}), command
            )
        four = {county: {key: total // 4 + 1} for county in COUNTIES[:4]}
        yield Case(kind, f"{key} of four counties above the city", stated(**four))
        asked = ("run", "--area", "deqing", "--set", f"{key}={total + 1}")
        yield Case(kind, f"{key} above the city, by --set", lambda root: None, asked)
    yield Case(kind, "a scenario that gives a county more than the city", plan("supply.meal_points", 521, "deqing"))
    rest = both(stated(deqing={"supply.meal_points": 300}), plan("supply.meal_points", 221, "anji"))
    yield Case(kind, "a county and a scenario for another, together above the city", rest)
    years = {"meals.first_year": 2035, "meals.full_year": 2036}
    yield Case(kind, "a scenario's year before a county's", both(stated(deqing=years), plan("meals.full_year", 2030)))
    yield Case(kind, "a county's years out of order", stated(deqing={"meals.full_year": 2022}))
    yield Case(kind, "years out of order, by --set", lambda root: None, ("run", "--set", "meals.full_year=2022"))
    for name, code in (("nantaihu", "330571"), ("huzhou", "330500"), ("china", "100000")):
        text = f'county: {name}\ncode: "{code}"\nlabel: {{en: X, zh: 某地}}\nfacts: {{}}\n'
        for command in (CHECK, RUN):
            make = write(f"config/counties/{name}.yaml", text)
            yield Case(kind, f"a county file {name} without rows: {command[0]}", make, command)
    yield Case(kind, "a county file gone", gone("config/counties/anji.yaml"))
    for name, (old, new) in {
        "milestones after the horizon": ("2040, 2050]", "2040, 2070]"),
        "a country without rows": ("country: china", "country: zhejiang"),
        "years of the country's beds without rows": ("pace_years: [2015, 2020]", "pace_years: [2014, 2020]"),
        "a neighbour without meals": ("meals: jiaxing", "meals: changzhou"),
        "a neighbour without a pattern": ("sex_by_age: changzhou", "sex_by_age: jiaxing"),
        "a measure that the area has not": ("measure: unable_to_care_for_self", "measure: padl_disability"),
        "a registered count of another year": ("registered_60plus, year: 2019", "registered_60plus, year: 2060"),
        "a norm that the report has not": ("[beds_per_1000_target,", "[beds_per_100_target,"),
    }.items():
        yield Case(kind, name, swap(CITY, old, new))

    def cell(name: str, value: str, column: str = "value", **where: str) -> Callable[[Path], None]:
        def how(content: list[list[str]]) -> None:
            head = content[0]
            for row in content[1:]:
                if all(row[head.index(key)] == wanted for key, wanted in where.items()):
                    row[head.index(column)] = value

        return change(table(name), rows(how))

    for indicator in ("institutions", "villages", "care_worker_training_cohorts"):
        yield Case(kind, f"no {indicator} in the report", cell("report_2018", "0", indicator=indicator))
    facts = "census_counties"
    for indicator in ("resident_population", "males_per_100_females"):
        yield Case(kind, f"{indicator} of nought", cell(facts, "0", area="deqing", indicator=indicator))
    yield Case(kind, "a death rate of nought", cell("mortality_china", "0", "mx", age_start="10"))
    yield Case(kind, "births of nought", cell("births_china", "0", "births_thousand", year="1960"))
    nobody = cell("census_sex_pattern", "0", "persons", age_start="70")
    many = cell("registered_population", "2100000", area="huzhou", indicator="registered_60plus", year="2019")
    yield Case(kind, "nobody of an age in the neighbour", nobody)
    yield Case(kind, "more registered elders than people", many)


PACKAGE = "data/raw/datapackage.json"


def descriptions() -> Iterator[Case]:
    def edit(how: Callable[[dict], object]) -> Callable[[bytes], bytes]:
        def run(content: bytes) -> bytes:
            package = json.loads(content)
            how(package)
            return json.dumps(package, ensure_ascii=False).encode("utf-8")

        return run

    def resource(package: dict, name: str = "census_totals") -> dict:
        return next(one for one in package["resources"] if one["name"] == name)

    def schema(package: dict, name: str = "census_totals") -> dict:
        return resource(package, name)["schema"]

    for name, content in {
        "empty": b"", "cut off": b'{"resources": [', "a list": b"[]", "a number": b"7", "Latin-1": b'{"a": "\xe9"}',
        "nested too deeply": b"[" * 100_000, "noise": NOISE, "no tables": b'{"resources": []}',
    }.items():  # fmt: skip
        yield Case("description of tables", name, write(PACKAGE, content))
    yield Case("description of tables", "missing", gone(PACKAGE))
    for name, how in {
        "an unknown key": lambda p: p.update(other=1),
        "a table without a name": lambda p: resource(p).pop("name"),
        "a table without a schema": lambda p: resource(p).pop("schema"),
        "a path to another folder": lambda p: resource(p).update(path="../../../etc/passwd"),
        "an absolute path": lambda p: resource(p).update(path="/etc/passwd"),
        "two tables of one name": lambda p: p["resources"].append(resource(p)),
        "a type that is none": lambda p: schema(p)["fields"][1].update(type="whole"),
        "a key that is no column": lambda p: schema(p).update(primaryKey=["nothing"]),
        "a reference to no table": lambda p: schema(p)["foreignKeys"][0]["reference"].update(resource="nothing"),
        "a sum of no column": lambda p: schema(p)["sums"][0].update(column="nothing"),
        "a pattern that is none": lambda p: schema(p)["fields"][0]["constraints"].update(pattern="[a"),
        "fields that are no list": lambda p: schema(p).update(fields={"a": 1}),
        "a boolean without words": lambda p: schema(p, "care_evidence")["fields"][5].update(trueValues=[]),
    }.items():
        yield Case("description of tables", name, change(PACKAGE, edit(how)))


# ---- notebooks and manifests

BEDS = "notebooks/03_beds.ipynb"


def notebooks() -> Iterator[Case]:
    def edit(how: Callable[[dict], object]) -> Callable[[bytes], bytes]:
        def run(content: bytes) -> bytes:
            notebook = json.loads(content)
            how(notebook)
            return json.dumps(notebook).encode("utf-8")

        return run

    def parameters(notebook: dict) -> dict:
        return next(cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", []))

    for name, content in {
        "empty": b"", "cut off": b'{"cells": [', "a list": b"[]", "a number": b"7", "no cells": b"{}", "noise": NOISE,
        "cells that are no list": b'{"cells": 7}', "cells that are words": b'{"cells": ["a"]}',
        "nested too deeply": b"[" * 100_000, "no parameters": b'{"cells": []}',
    }.items():  # fmt: skip
        yield Case("notebooks", name, write(BEDS, content), RUN)
    for name, how in {
        "a parameter left out": lambda n: parameters(n).update(source="area = 1\nscenario = 2\noverrides = {}\n"),
        "parameters that are no Python": lambda n: parameters(n).update(source="area = = 1"),
        "parameters nested too deeply": lambda n: parameters(n).update(source="area = " + "(" * 5000),
        "cells without metadata": lambda n: [cell.pop("metadata") for cell in n["cells"]],
        "no tag": lambda n: parameters(n)["metadata"].update(tags=[]),
    }.items():
        yield Case("notebooks", name, change(BEDS, edit(how)), RUN)
    yield Case("notebooks", "a folder in its place", folder(BEDS), RUN)

    def elsewhere(root: Path) -> None:
        (root / "elsewhere.ipynb").write_bytes((root / BEDS).read_bytes())
        (root / BEDS).unlink()
        (root / BEDS).symlink_to(root / "elsewhere.ipynb")

    yield Case("notebooks", "a link to another folder", elsewhere, RUN)

    def outside(root: Path) -> None:
        (root / "elsewhere.ipynb").write_bytes((root / BEDS).read_bytes())

    yield Case("notebooks", "asked for by a path", outside, ("run", "--notebook", "../elsewhere"))
    yield Case("notebooks", "asked for by a file name", outside, ("run", "--notebook", "elsewhere.ipynb"))


def manifests() -> Iterator[Case]:
    for name, content in {
        "empty": b"", "cut off": b'{"run_id":', "a list": b"[]", "no parts": b"{}", "noise": NOISE,
        "nested too deeply": b"[" * 100_000,
        "of other inputs": json.dumps(
            {"run_id": "1", "request": {}, "inputs": {}, "versions": {}, "parameters": {}, "state": {}}
        ).encode(),
    }.items():  # fmt: skip
        yield Case("manifests", name, write("manifest.json", content), ("run", "--manifest", "manifest.json"))
    yield Case("manifests", "missing", lambda root: None, ("run", "--manifest", "nothing.json"))
    yield Case("manifests", "a folder", lambda root: None, ("run", "--manifest", "config"))
    yield Case("manifests", "with an area", lambda root: None, ("run", "--manifest", "x.json", "--area", "anji"))


# ---- command lines


def command_lines() -> Iterator[Case]:
    for words in [
        "", "rum", "run --area", "run --area deqin", "run --area ../deqing", "run --area Deqing", "run --area 德清",
        "run --scenario base_line", "run --scenario ../baseline", "run --scenario /etc/passwd", "run --notebook 03_bed",
        "run --notebook /tmp/x.ipynb", "run --language fr", "run --workers 0", "run --workers -1", "run --workers two",
        "run --workers 1.5", "run --set", "run --set beds.norm", "run --set beds.norm=", "run --set =5",
        "run --set beds.nrm=55", "run --set beds.norm=fifty", "run --set beds.norm=5000", "run --set beds.norm=nan",
        "run --set beds.norm=1e999", "run --set beds.norm=５５", "run --set beds.norm=0x10",
        "run --set beds.norm=__import__('os').system('touch_PWNED')", "run --set beds.norm={{7*7}}",
        "run --set beds.norm=50 beds.norm=51", "run --set supply.plan=freeze", "run --set run.draws=2.5",
        "run --set ../x=1", "run --st beds.norm=1", "run extra", "run --quiet=yes", "explain", "explain beds.nrm",
        "explain beds.norm --county nowhere", "explain beds.norm --scenario nothing", "parameters --county ../x",
        "parameters --scenario x", "compare", "compare baseline", "compare baseline baseline",
        "compare baseline hold_norm", "new-scenario", "new-scenario ../x", "new-scenario A", "new-scenario baseline",
        "new-scenario a/b", "new-scenario ..", "import", "import census", "import cenus", "import census nothing.csv",
        "import census config", "import census --remove", "import census --template x.txt",
        "import census --template no/such/folder/x.csv", "import census --source X --remove", "notebooks",
        "verify", "verify --scenario nothing", "trace", "trace beds", "trace bed area=deqing",
        "trace beds area=deqing gap --scenario ../x", "trace beds colour=red", "trace beds =x", "check extra",
        "scenarios extra", "--nothing",
    ]:  # fmt: skip
        yield Case("command lines", f"eldercare {words}", lambda root: None, tuple(words.split()))
