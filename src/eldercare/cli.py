"""The command line: thin commands that check names and call the packages below."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import eldercare
from eldercare.inputs import (
    InputError,
    Problem,
    Project,
    bed_changes,
    census,
    did_you_mean,
    load_project,
    resolve,
    sites,
)
from eldercare.inputs.layers import check_names
from eldercare.inputs.messages import message_language, told
from eldercare.inputs.scenarios import write_scenario_template
from eldercare.inputs.tables import stray_problems
from eldercare.inputs.vocabulary import DENOMINATORS, EVIDENCE, UNITS

DONE, FAILED, WRONG = 0, 1, 2


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line with the nearest allowed word."""

    def error(self, message: str) -> None:
        """Raise the complaint as an InputError."""
        if "invalid choice:" in message:
            word = message.split("invalid choice:")[1].split("'")[1]
            allowed = message.split("choose from")[1].strip(" )").replace("'", "").split(", ")
            message = f"unknown word {word!r}; allowed are {', '.join(allowed)}"
            raise InputError(Problem(self.prog, message=message, hint=did_you_mean(word, allowed)))
        if "unrecognized arguments:" in message:
            word = message.split("unrecognized arguments:")[1].split()[0]
            options = [o for action in self._actions for o in action.option_strings]
            raise InputError(
                Problem(self.prog, message=f"unknown option or word {word!r}", hint=did_you_mean(word, options))
            )
        raise InputError(Problem(self.prog, message=message))


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(
        prog="eldercare",
        description="Elderly-care capacity planning: population, beds and meals by county.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"eldercare {eldercare.__version__}")
    commands = top.add_subparsers(dest="command", metavar="command", required=True, parser_class=Parser)

    def command(name: str, text: str) -> Parser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    run = command("run", "Execute the notebooks and publish pages, tables and workbooks.")
    for option, what in (("scenario", "scenarios"), ("area", "the city or counties"), ("notebook", "notebooks")):
        run.add_argument(
            f"--{option}", nargs="+", action="extend", default=[], metavar=option[0].upper(), help=f"only these: {what}"
        )
    run.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="change a parameter for this run only",
    )
    run.add_argument(
        "--language", choices=["en", "zh", "both"], default="both", help="language of the pages (default: both)"
    )
    run.add_argument("--workers", type=int, metavar="N", help="notebooks executed at the same time (default: cores)")
    run.add_argument(
        "--engine",
        choices=["warm", "stock"],
        default="warm",
        help="kernels forked from a server with the libraries loaded, or started anew (default: warm)",
    )
    run.add_argument("--cluster", metavar="ADDRESS", default="", help="send the notebooks to a Dask scheduler")
    run.add_argument("--force", action="store_true", help="execute also what has not changed")
    run.add_argument("--dry-run", action="store_true", help="only list what would be executed, and why")
    run.add_argument(
        "--manifest", metavar="FILE", help="repeat the run of a manifest, if its inputs are still the same"
    )
    run.add_argument("-q", "--quiet", action="store_true", help="print errors only")

    check = command("verify", "Derive the published tables again from the inputs; say what differs.")
    check.add_argument("--scenario", nargs="+", action="extend", default=[], metavar="S", help="only these scenarios")
    where = command("trace", "Show where a published number comes from: inputs, sources and run.")
    where.add_argument("table", metavar="TABLE", help="population, beds, meals, services or crossing")
    where.add_argument(
        "row", nargs="*", metavar="KEY=VALUE|COLUMN", help="which row, such as area=deqing; which column"
    )
    where.add_argument("--scenario", default="baseline", metavar="S", help="a scenario (default: baseline)")

    command("check", "Check configuration and data; print every fault.")
    explain = command("explain", "Show where a parameter's value comes from, layer by layer.")
    explain.add_argument("key", metavar="KEY", help="a parameter, such as beds.norm")
    listing = command("parameters", "List every parameter with value, unit, bounds, interval, evidence and source.")
    for one in (explain, listing):
        one.add_argument("--county", metavar="C", help="a county (default: the city)")
        one.add_argument("--scenario", metavar="S", help="a scenario (default: baseline)")
    command("scenarios", "List the scenarios.")
    compare = command("compare", "Show what differs between scenarios and what follows from it.")
    compare.add_argument("scenarios", nargs="+", metavar="SCENARIO", help="two or more scenarios")
    new = command("new-scenario", "Write a commented template of a scenario to config/scenarios.")
    new.add_argument("name", metavar="NAME", help="small letters, digits and underscores")
    bring = command("import", "Bring an official table into data/raw, checked against the published figures.")
    bring.add_argument("table", choices=["census"], help="census: the full table of 2020, county by sex and age")
    bring.add_argument("file", nargs="?", metavar="FILE", help="the table, .csv or .xlsx")
    bring.add_argument(
        "--template",
        nargs="?",
        const=census.TEMPLATE,
        metavar="FILE",
        help=f"write a table to fill in, .csv or .xlsx (default: {census.TEMPLATE})",
    )
    bring.add_argument("--remove", action="store_true", help="delete the imported table")
    bring.add_argument("--source", metavar="ID", help=f"source in data/raw/sources.csv (default: {census.SOURCE})")
    serve = command("serve", "Show the published site in the browser, on this machine only.")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="port to listen on (default: 8000)")
    serve.add_argument("--no-browser", action="store_true", help="only print the address")
    notebooks = command("notebooks", "Check that the notebooks are thin and without outputs.")
    notebooks.add_argument("--check", action="store_true", required=True, help="print every fault")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 a notebook failed, 2 request or inputs wrong."""
    try:
        arguments = parser().parse_args(argv)
        return globals()[f"_{arguments.command.replace('-', '_')}"](arguments)
    except InputError as error:
        for problem in error.problems:
            print(told(problem, _language()), file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # The reader of our output has gone (| head); nothing is left to tell.
        sys.stderr.close()
        return DONE


def _language() -> str:
    try:
        return message_language()
    except InputError as error:
        print(error, file=sys.stderr)
        return "en"


def _run(arguments: argparse.Namespace) -> int:
    project = load_project()
    if arguments.manifest:
        return _repeat(project, arguments)
    problems = check_names(project, arguments.area, arguments.scenario) + census.stored_problems(project)
    problems += bed_changes.stored_problems(project) + sites.stored_problems(project)
    overrides: dict[str, object] = {}
    for pair in arguments.set:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            problems.append(Problem("--set", value=pair, message="must have the form KEY=VALUE"))
        elif key in overrides:
            problems.append(Problem("--set", key, value, "is given twice; give it once"))
        else:
            overrides[key] = value
    if arguments.workers is not None and arguments.workers < 1:
        problems.append(Problem("--workers", value=arguments.workers, message="a whole number from 1 is allowed"))
    if problems:
        raise InputError(problems)
    from eldercare.publish import Request, publish

    return publish(
        project,
        Request(
            scenarios=tuple(arguments.scenario),
            areas=tuple(arguments.area),
            notebooks=tuple(arguments.notebook),
            overrides=overrides,
            language=arguments.language,
            workers=arguments.workers,
            force=arguments.force,
            engine=arguments.engine,
            dry_run=arguments.dry_run,
            cluster=arguments.cluster,
            quiet=arguments.quiet,
        ),
    )


def _repeat(project: Project, arguments: argparse.Namespace) -> int:
    given = [name for name in ("scenario", "area", "notebook", "set") if getattr(arguments, name)]
    given += [name for name in ("force",) if getattr(arguments, name)]
    if given or arguments.language != "both":
        message = "goes alone: what to run stands in the manifest"
        raise InputError(Problem("--manifest", value=arguments.manifest, message=message))
    from eldercare.publish.publication import repeat

    return repeat(project, Path(arguments.manifest), arguments.workers, arguments.quiet)


def _verify(arguments: argparse.Namespace) -> int:
    project = load_project()
    from eldercare.publish.verify import verify

    status, lines = verify(project, arguments.scenario)
    print("\n".join(lines))
    return status


def _trace(arguments: argparse.Namespace) -> int:
    project = load_project()
    from eldercare.publish.trace import trace

    print(trace(project, arguments.table, arguments.row, arguments.scenario))
    return DONE


def _check(arguments: argparse.Namespace) -> int:
    project = load_project()
    problems = stray_problems(project.root)
    for name in project.tables:
        try:
            project.table(name)
        except InputError as error:
            problems += error.problems
    problems += census.stored_problems(project) + bed_changes.stored_problems(project)
    problems += sites.stored_problems(project)
    for scenario in project.scenarios:
        for area in project.areas:
            try:
                resolve(project, area, scenario)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    print(
        f"{len(project.parameters)} parameters, {len(project.counties)} counties, {len(project.scenarios)} scenarios, "
        f"{len(project.tables)} tables, {len(project.sources)} sources: no fault found"
    )
    return DONE


def _explain(arguments: argparse.Namespace) -> int:
    project = load_project()
    settings = _settings(project, arguments)
    if arguments.key not in settings:
        raise InputError(
            Problem(
                "explain",
                value=arguments.key,
                message="unknown parameter; eldercare parameters lists them",
                hint=did_you_mean(arguments.key, settings),
            )
        )
    setting = settings[arguments.key]
    parameter = setting.parameter
    rows = [
        ("", f"{parameter.label['en']} · {parameter.label['zh']}"),
        ("meaning", parameter.meaning["en"]),
        ("", parameter.meaning["zh"]),
        ("value", _value(setting.value)),
        ("unit", _both(UNITS[parameter.unit])),
        ("denominator", _both(DENOMINATORS[parameter.denominator])),
        ("allowed", parameter.allowed.replace(" is allowed", "").replace("allowed are ", "")),
        ("80% interval", _interval(setting.interval)),
    ]
    print(arguments.key)
    for name, text in rows:
        print(f"  {name:<13}{text}")
    for step in setting.trail:
        change = (
            f"{_value(step.value)}"
            if step.operation in ("default", "set")
            else f"{step.operation} {step.operand:g} = {_value(step.value)}"
        )
        print(f"\n  {step.layer}: {change}   ({step.where})")
        print(f"    interval   {_interval(step.interval)}")
        print(f"    evidence   {_both(EVIDENCE[step.evidence])}")
        source = project.sources.get(step.source_id)
        print(f"    source     {source.title + ' [' + step.source_id + ']' if source else 'none'}")
        print(f"    locator    {step.locator}")
        if step.why:
            print(f"    why        {_both(step.why)}")
    return DONE


def _parameters(arguments: argparse.Namespace) -> int:
    settings = _settings(load_project(), arguments)
    header = ("key", "value", "unit", "allowed", "80% interval", "evidence", "source")
    rows = []
    for key, setting in settings.all.items():
        parameter = setting.parameter
        allowed = "|".join(parameter.choices) or f"{parameter.bounds[0]:g} to {parameter.bounds[1]:g}"
        rows.append(
            (
                key,
                _value(setting.value),
                parameter.unit,
                allowed,
                _interval(setting.interval),
                setting.trail[-1].evidence,
                setting.trail[-1].source_id,
            )
        )
    _print_table(header, rows)
    return DONE


def _scenarios(arguments: argparse.Namespace) -> int:
    project = load_project()
    _print_table(
        ("scenario", "label", "名称", "description"),
        [(name, one.label["en"], one.label["zh"], one.description["en"]) for name, one in project.scenarios.items()],
    )
    return DONE


def _compare(arguments: argparse.Namespace) -> int:
    project = load_project()
    problems = check_names(project, [], arguments.scenarios)
    if len(set(arguments.scenarios)) < 2:
        problems.append(Problem("compare", message="needs at least two different scenarios"))
    if problems:
        raise InputError(problems)
    from eldercare.publish import compare

    print(compare(project, arguments.scenarios))
    return DONE


def _new_scenario(arguments: argparse.Namespace) -> int:
    project = load_project()
    path = write_scenario_template(project.root, arguments.name, next(iter(project.counties)))
    print(f"{path.relative_to(project.root)} is written; change it, then: eldercare run --scenario {arguments.name}")
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    if sum(map(bool, (arguments.file, arguments.template, arguments.remove))) != 1:
        message = "give exactly one: a FILE to import, --template or --remove"
        raise InputError(Problem("import census", message=message))
    if arguments.source and not arguments.file:
        raise InputError(Problem("import census", "--source", arguments.source, "only goes with a FILE to import"))
    project = load_project()
    if arguments.template:
        path = census.write_template(project, arguments.template)
        print(f"{path} is written; fill in the column persons, then: eldercare import census {path}")
    elif arguments.remove:
        path = census.remove_table(project).relative_to(project.root)
        print(f"{path} is removed\nThe base population is reconstructed again; eldercare run makes the pages anew.")
    else:
        one = census.import_table(project, arguments.file, arguments.source or census.SOURCE)
        print(
            f"{one.path.relative_to(project.root)} {'is replaced' if one.replaced else 'is written'}: {one.rows} rows, "
            f"{one.age_groups} age groups, {one.persons:,} residents, source {one.source_id}\n"
            "The base population now uses it in place of the reconstruction; eldercare run makes the pages anew."
        )
    return DONE


def _serve(arguments: argparse.Namespace) -> int:
    from eldercare.publish.serve import serve

    serve(load_project().root / "outputs" / "site", arguments.port, browser=not arguments.no_browser)
    return DONE


def _notebooks(arguments: argparse.Namespace) -> int:
    from eldercare.publish import check_notebooks

    project = load_project()
    faults = check_notebooks(project.root)
    if faults:
        raise InputError([Problem(fault) for fault in faults])
    print("the notebooks are thin, without outputs, and have stable cell ids")
    return DONE


def _settings(project: Project, arguments: argparse.Namespace):
    return resolve(project, arguments.county or project.city.id, arguments.scenario or "baseline")


def _value(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _interval(interval: tuple[float, float] | None) -> str:
    return "fixed" if interval is None else f"{interval[0]:g} to {interval[1]:g}"


def _both(versions: dict[str, str]) -> str:
    return f"{versions['en']} · {versions['zh']}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = [tuple(header), *map(tuple, rows)]
    widths = [max(_width(row[i]) for row in table) for i in range(len(header))]
    for row in table:
        print("  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
