"""Writes the pages made from configuration, data and code: those of docs/ and the schema of data/raw.

Usage: .venv/bin/python tools/make_docs.py [--check]     (--check writes nothing and says which page is out of date)
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from eldercare.cli import commands
from eldercare.inputs import Project, load_project
from eldercare.inputs.description import Column, Schema, description
from eldercare.inputs.models import DENOMINATORS, EVIDENCE, UNITS
from eldercare.inputs.parameters import Parameter
from eldercare.inputs.validation import spanned
from eldercare.model import Results
from eldercare.model.sensitivity import tornado
from eldercare.publish.dictionary import tables
from eldercare.publish.front import QUALITY_MARKS

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ".venv/bin/python tools/make_docs.py"
AREAS = ("the city", "each county")
MARK = f"<!-- Made by tools/make_docs.py; do not edit. To make it anew: {COMMAND} -->"


def pages(root: Path) -> dict[str, str]:
    """Return the text of every made page by its path."""
    project = load_project(root)
    return {
        "docs/parameters.md": parameters_page(project),
        "docs/assumptions.md": assumptions_page(project),
        "docs/tables.md": tables_page(),
        "docs/quality.md": quality_page(project),
        "docs/commands.md": commands_page(),
        "docs/decisions/README.md": decisions_page(root / "docs" / "decisions"),
        "data/raw/README.md": raw_page(root / "data" / "raw" / "datapackage.json"),
    }


def decisions_page(folder: Path) -> str:
    """Return the index of the decisions, a line for each file with its date and title."""
    files = sorted(file for file in folder.glob("*.md") if file.name != "README.md")
    titles = [file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files]
    return page(
        "Decisions",
        ["What was chosen, what else was possible, why.", "One file a decision: `YYYY-MM-DD-title.md`."],
        [f"* {file.name[:10]} [{title}]({file.name})" for file, title in zip(files, titles, strict=True)],
    )


def page(title: str, *blocks: Iterable[str]) -> str:
    """Return a page: title, mark, and blocks of lines with an empty line between, one sentence a line."""
    parts = [[f"# {title}"], [MARK], *blocks]
    return "\n\n".join("\n".join(line for text in block for line in sentences(text)) for block in parts) + "\n"


def sentences(text: str) -> list[str]:
    """Return a text by sentences, longer ones in lines of 140 characters; rows of tables and comments stay whole.

    Examples
    --------
    >>> sentences("One, e.g. this. Two. 三。四。")
    ['One, e.g. this.', 'Two.', '三。', '四。']
    """
    if text.startswith(("|", "<")):
        return [text]
    parts = re.split(r"(?<=[.?!]) (?=[A-Z`\u4e00-\u9fff])|(?<=。)(?=.)", text)
    return [line for part in parts for line in textwrap.wrap(part, 140, break_long_words=False, break_on_hyphens=False)]


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table.

    Examples
    --------
    >>> markdown_table(["a", "b"], [["1", "x|y"]])
    ['| a | b |', '|---|---|', '| 1 | x\\\\|y |']
    """
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |" for cells in (header, *rows)]
    return [lines[0], "|" + "---|" * len(header), *lines[1:]]


def value_of(parameter: Parameter) -> str:
    """Return the default as text."""
    value = parameter.value
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def interval_of(parameter: Parameter) -> str:
    """Return the 80% interval as text."""
    return "fixed" if parameter.interval is None else "{:g} to {:g}".format(*parameter.interval)


def unit_of(parameter: Parameter) -> str:
    """Return unit and denominator in English."""
    unit = UNITS[parameter.unit]["en"]
    return unit if parameter.denominator == "none" else f"{unit} ({DENOMINATORS[parameter.denominator]['en']})"


def source_of(project: Project, parameter: Parameter) -> str:
    """Return the source with its locator."""
    source = project.sources.get(parameter.source)
    return f"{source.title + ' [' + parameter.source + ']: ' if source else ''}{parameter.locator}"


def allowed_of(parameter: Parameter) -> str:
    """Return what a value may be."""
    kind = "" if parameter.choices else "a whole number from " if parameter.integer else "a number from "
    return f"{kind}{parameter.span}{', or none (not reported)' if parameter.optional else ''}"


def parameters_page(project: Project) -> str:
    """Return the page of all parameters, one section for each file."""
    blocks = [
        [
            f"{len(project.parameters)} parameters with their defaults.",
            "A county file states other facts, a scenario other assumptions.",
            "`eldercare parameters --county C --scenario S` lists the values in force,",
            "`eldercare explain KEY` every layer.",
            "The interval is the 80% interval that drives the draws.",
        ]
    ]
    for file in dict.fromkeys(parameter.where.split(":")[0] for parameter in project.parameters.values()):
        blocks.append([f"## {file}"])
        for parameter in project.parameters.values():
            if parameter.where.split(":")[0] != file:
                continue
            rows = [
                ["value", value_of(parameter)],
                ["unit", unit_of(parameter)],
                ["allowed", allowed_of(parameter)],
                ["80% interval", interval_of(parameter)],
                ["evidence", f"{EVIDENCE[parameter.evidence]['en']} {EVIDENCE[parameter.evidence]['zh']}"],
                ["source", source_of(project, parameter)],
            ]
            label, meaning = parameter.label, parameter.meaning
            blocks.append([f"### `{parameter.key}`"])
            blocks.append([f"{label['en']} · {label['zh']}.", meaning["en"], meaning["zh"]])
            blocks.append(markdown_table(["", ""], rows))
    return page("Parameters", *blocks)


def assumptions_page(project: Project) -> str:
    """Return the page of what is assumed: defaults, facts and changes of evidence grade assumption."""
    assumed = [one for one in project.parameters.values() if one.evidence == "assumption"]
    rows = (
        [f"`{one.key}`", one.label["en"], value_of(one), unit_of(one), interval_of(one), one.locator] for one in assumed
    )
    blocks = [
        [f"{len(assumed)} of {len(project.parameters)} parameters are assumptions: no published figure was found."],
        markdown_table(["parameter", "meaning", "value", "unit", "80% interval", "how it was chosen"], rows),
    ]
    for kind, layers in (("county", project.counties), ("scenario", project.scenarios)):
        rows = []
        for name, layer in layers.items():
            operations = [(key, one, "") for key, one in (layer.facts if kind == "county" else layer.changes).items()]
            for county, changes in getattr(layer, "county_changes", {}).items():
                operations += [(key, one, county) for key, one in changes.items()]
            rows += [
                [name, f"`{key}`", county, f"{one.kind} {one.operand}", one.why["en"] if one.why else "", one.locator]
                for key, one, county in operations
                if one.evidence == "assumption"
            ]
        text = f"What the {'county files state' if kind == 'county' else 'scenarios change'} as an assumption"
        blocks.append([f"## {text}"])
        header = [kind, "parameter", "only for", "change", "why", "how it was chosen"]
        blocks.append(markdown_table(header, rows) if rows else ["Nothing."])
    return page("Assumptions", *blocks)


def quality_page(project: Project) -> str:
    """Return the quality statement in both languages: uses, marks against lists, assumptions by evidence and effect."""
    given, words = QUALITY_MARKS, {"met": "met 达到", "partly": "partly 部分达到", "not": "not met 未达到"}
    blocks = [["Marked by the makers of the suite, not by a reviewer.", "由编制者自评，未经外部评审。"]]
    for use, title in (
        ("permitted", "What it may be used for 适用范围"),
        ("forbidden", "What it may not be used for 不适用范围"),
    ):
        blocks += [[f"## {title}"], [f"* {text}" for row in given[use] for text in (row["en"], row["zh"])]]
    for part in given["lists"]:
        rows = [
            [row["en"], row["zh"], words[row["mark"]], row["why"]["en"], row["why"]["zh"]]
            + ["<br>".join(f"[{Path(path).name}](../{path})" for path in row["evidence"])]
            for row in part["items"]
        ]
        blocks += [[f"## {part['name']['en']}", part["name"]["zh"]]]
        blocks += [markdown_table(["item", "条目", "mark 自评", "why", "说明", "evidence 依据"], rows)]
    return page("Quality statement 质量说明", *blocks, *effects(project))


def effects(project: Project) -> list[list[str]]:
    """Return the parameters by grade of evidence and by how far the ends of their intervals move the city's gap."""
    moved = tornado(Results(None, "baseline", project=project), project.city.id).set_index("parameter")["width"]
    sizes = {"more than 10,000 beds 1万张以上": 1e4, "1,000 to 10,000 1000张—1万张": 1e3, "less 1000张以下": 0.0}
    rows = []
    for grade, label in EVIDENCE.items():
        cells, left = [], {key for key, one in project.parameters.items() if one.evidence == grade and key in moved}
        for least in sizes.values():
            large = sorted((key for key in left if moved[key] >= least), key=lambda key: -moved[key])
            cells.append("<br>".join(f"`{key}` {project.parameters[key].label['zh']}" for key in large))
            left -= set(large)
        if any(cells):
            rows.append([f"{label['en']} {label['zh']}", *cells])
    year = project.city.target_year
    return [
        ["## Assumptions by evidence and effect 设定值：证据等级与影响程度"],
        [
            f"How far the gap of the city in {year} moves between the ends of a parameter's 80% interval,"
            " the others at their values.",
            f"其他参数取设定值时，各参数由80%区间一端变到另一端，{year}年全市缺口的变化。",
            "What is assumed and moves most is what to count first.",
            "证据弱而影响大的，应优先查清。",
            "A group of factors that has no parameter of one name is left out here; the page about scenarios has all.",
            "没有同名参数的组合因素未列，全部见情景比较页。",
        ],
        markdown_table(["evidence 证据", *sizes], rows),
    ]


def tables_page() -> str:
    """Return the page of every column of every published table."""
    blocks = [
        [
            "The tables of `outputs/tables/<scenario>/`, as CSV and in the workbook. Columns marked *key* name a row.",
            "Where *adds* is set, the rows of the counties add up to huzhou's; medians and percentiles do not add.",
        ]
    ]
    for table in tables().values():
        rows = (
            [
                f"`{one.name}`",
                one.type,
                "" if one.unit["en"] == "none" else one.unit["en"],
                " ".join(word for word, on in (("key", one.key), ("adds", one.adds)) if on),
                one.meaning["en"],
                one.meaning["zh"],
            ]
            for one in table.columns
        )
        blocks += [[f"## {table.name}.csv"], [f"{table.title['en']} · {table.title['zh']}"]]
        blocks.append(markdown_table(["column", "type", "unit", "", "meaning", "含义"], rows))
    return page("Published tables", *blocks)


def raw_page(file: Path) -> str:
    """Return the page of every table of data/raw: its rows, its rules, its columns."""
    package = description(file.read_bytes(), file.name, AREAS)
    tables = ([f"[{r.path}](#{r.name})", r.title] for r in package.resources)
    blocks = [*package.description.split("\n\n"), "## Tables"]
    pages = [*(block.split("\n") for block in blocks), markdown_table(["table", "holds"], tables)]
    for resource in package.resources:
        schema = resource.table_schema
        rules = ["Optional: the file may be missing."] if resource.optional else []
        rules += [f"Where it is published: {resource.published}"] if resource.published else []
        rules.append(f"One row for each: {', '.join(schema.primaryKey)}.")
        for rule in schema.complete:
            rules.append(f"No row may be missing: {' x '.join(f'{key} {spanned(rule[key])}' for key in rule)}.")
        for rule in schema.sums:
            ((column, parts),) = rule.parts.items()
            rules.append(f"Checked sum of `{rule.column}`: {column} {spanned(parts)} = {rule.total}.")
        if schema.usedOncePer:
            rules.append(f"At most one used row for each: {', '.join(schema.usedOncePer)}.")
        columns = ([f"`{f.name}`", f.type, f.unit, allowed(f, schema), f.description] for f in schema.fields)
        pages += [
            [f"## {resource.name}"],
            [f"{resource.title}. {resource.description}"],
            [f"* {rule}" for rule in rules],
        ]
        pages.append(markdown_table(["column", "type", "unit", "allowed", "meaning"], columns))
    return page(package.title, *pages)


def allowed(field: Column, schema: Schema) -> str:
    """Return what a column may hold, in words."""
    limits = field.constraints
    words = field.among or [f"`{value}`" for value in limits.enum or ()]
    parts = ["required" if limits.required else "may be empty", "each value once" if limits.unique else ""]
    parts += ["true or false"] if field.type == "boolean" else [f"one of {', '.join(map(str, words))}" if words else ""]
    parts += [f"from {limits.minimum}" if limits.minimum is not None else ""]
    parts += [f"to {limits.maximum}" if limits.maximum is not None else ""]
    parts += [f"form `{limits.pattern}`" if limits.pattern else ""]
    parts += [f"in {key.reference.resource}.csv" for key in schema.foreignKeys if key.fields == field.name]
    return "; ".join(filter(None, parts))


def commands_page() -> str:
    """Return the page of every command with its arguments."""
    blocks = [
        [
            "Run as `.venv/bin/eldercare COMMAND`.",
            "Exit status: 0 done, 1 a notebook failed or results differ, 2 the request or the inputs are wrong.",
            "Messages about faults are in English, or in Chinese where the locale or `ELDERCARE_LANGUAGE` says `zh`.",
        ]
    ]
    for name, command in commands.commands.items():
        ctx = click.Context(command, info_name=name, parent=click.Context(commands, info_name="eldercare"))
        usage = " ".join((ctx.command_path, *command.collect_usage_pieces(ctx)))
        texts = [[" ".join(part.split())] for part in (command.help or "").split("\n\n")]
        blocks += [[f"## {name}"], [f"`{usage}`"], *texts]
        rows = [
            [f"`{', '.join(option.opts)}{'' if option.is_flag else f' {option.metavar}'}`", option.help or ""]
            for option in command.params
            if isinstance(option, click.Option)
        ]
        if rows:
            blocks.append(markdown_table(["option", "meaning"], rows))
    return page("Commands", *blocks)


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit status."""
    status = 0
    for name, text in pages(ROOT).items():
        path = ROOT / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            print(f"{name} is out of date; run: {COMMAND}", file=sys.stderr)
            status = 1
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(name)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
