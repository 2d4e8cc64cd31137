"""The command line: thin commands that check names and call the packages below."""

import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import eldercare
from eldercare.command_line import Group, Whole, Word, misused
from eldercare.inputs import InputError, Problem, Project, census, load_project, resolve
from eldercare.inputs.checks import input_problems
from eldercare.inputs.explain import aligned, explain, parameter_rows
from eldercare.inputs.guards import printable
from eldercare.inputs.joint import doubts, split_problems
from eldercare.inputs.layers import check_names
from eldercare.inputs.problems import _, folded, kept, message_language, refuse
from eldercare.inputs.scenarios import BASELINE, write_scenario_template

DONE, FAILED, WRONG = 0, 1, 2
ONE_OR_BOTH = Word(["en", "zh", "both"])


@click.group(cls=Group, name="eldercare", no_args_is_help=False)
@click.version_option(eldercare.__version__, prog_name="eldercare", message="%(prog)s %(version)s")
def commands() -> None:
    """Elderly-care capacity planning: population, beds and meals by county."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 a notebook failed, 2 request or inputs wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # No terminal's encoding makes a command fail; into a pipe or file goes UTF-8.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        with commands.make_context("eldercare", list(sys.argv[1:] if argv is None else argv)) as ctx:
            return commands.invoke(ctx) or DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.UsageError, InputError) as error:
        tell((error if isinstance(error, InputError) else misused(error, commands)).problems)
        return WRONG
    except BrokenPipeError:
        # The reader of our output has gone (| head); nothing is left to tell.
        sys.stderr.close()
        return DONE


def tell(problems: Sequence[Problem]) -> None:
    """Write faults, one line each, in the user's language."""
    try:
        language = message_language()
    except InputError as error:
        problems, language = [*error.problems, *problems], "en"
    for problem in folded(problems):
        say(problem.told(language), err=True)


def say(text: str, *, err: bool = False) -> None:
    """Write a text; what comes from a file or a name shows its control characters and is not obeyed."""
    click.echo(printable(text), err=err)


def several(option: str, name: str, metavar: str, text: str) -> Callable[[Any], Any]:
    """Return an option that takes several values."""
    return click.option(option, name, multiple=True, metavar=f"{metavar} ...", help=text)


scenario_option = click.option("--scenario", default=BASELINE, metavar="S", help=f"a scenario (default: {BASELINE})")
county_option = click.option("--county", metavar="C", help="a county (default: the city)")


@commands.command()
@several("--scenario", "scenarios", "S", "only these: scenarios")
@several("--area", "areas", "A", "only these: the city or counties")
@several("--notebook", "notebooks", "N", "only these: notebooks")
@several("--set", "pairs", "KEY=VALUE", "change a parameter for this run only")
@click.option("--language", type=ONE_OR_BOTH, default="both", metavar="en|zh|both", help="of the pages (default: both)")
@click.option("--workers", type=Whole(1), metavar="N", help="notebooks executed at the same time (default: cores)")
@click.option("--cluster", metavar="ADDRESS", default="", help="send the notebooks to a Dask scheduler")
@click.option("--force", is_flag=True, help="execute also what has not changed")
@click.option("--dry-run", is_flag=True, help="only list what would be executed, and why")
@click.option("--manifest", metavar="FILE", help="repeat the run of a manifest, if its inputs are still the same")
@click.option("--watch", is_flag=True, help="run again whenever an input is saved, until Ctrl+C")
@click.option("-q", "--quiet", is_flag=True, help="print errors only")
def run(manifest: str | None, watch: bool, pairs: tuple[str, ...], **request: Any) -> int:
    """Execute the notebooks and publish pages, tables and workbooks."""
    project = load_project()
    if manifest:
        others = [request[name] for name in ("scenarios", "areas", "notebooks", "force")]
        if any((pairs, watch, request["language"] != "both", *others)):
            raise InputError(Problem("--manifest", "", manifest, _("goes alone: what to run stands in the manifest")))
        from eldercare.publish.repeat import repeat

        return repeat(project, Path(manifest), request["workers"], request["quiet"])
    if not watch:
        return _publish(project, pairs, request)
    from eldercare.publish.watch import watch as follow

    def publish() -> int:
        try:
            return _publish(load_project(), pairs, request)
        except InputError as error:
            tell(error.problems)
            return WRONG

    return follow(project.root, publish)


def _publish(project: Project, pairs: Sequence[str], request: dict[str, Any]) -> int:
    """Check what a run was asked for, and run; InputError with every fault."""
    problems = check_names(project, request["areas"], request["scenarios"])
    overrides: dict[str, object] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            problems.append(Problem("--set", value=pair, message=_("must have the form KEY=VALUE")))
        elif key in overrides:
            problems.append(Problem("--set", key, value, _("is given twice; give it once")))
        else:
            overrides[key] = value
    refuse(problems)
    from eldercare.publish.publication import publish
    from eldercare.publish.request import Request

    return publish(project, Request(overrides=overrides, **request))


@commands.command()
@several("--scenario", "scenarios", "S", "only these scenarios")
def verify(scenarios: tuple[str, ...]) -> int:
    """Make the published tables and pages again from the inputs; say what differs."""
    from eldercare.publish.repeat import verify

    status, lines = verify(load_project(), scenarios)
    say("\n".join(lines))
    return status


@commands.command()
@click.argument("table", metavar="TABLE")
@click.argument("row", nargs=-1, metavar="[KEY=VALUE|COLUMN]...")
@scenario_option
def trace(table: str, row: tuple[str, ...], scenario: str) -> None:
    """Show where a published number comes from: inputs, sources and run.

    TABLE is a file of outputs/tables/SCENARIO, such as beds or cost; KEY=VALUE tells which row, such as year=2030.
    """
    from eldercare.publish.trace import trace

    say(trace(load_project(), table, row, scenario))


@commands.command()
def check() -> None:
    """Check configuration and data; print every fault."""
    project = load_project()
    problems = input_problems(project)
    for scenario in project.scenarios:
        for area in project.areas:
            with kept(problems):
                resolve(project, area, scenario)
    # Own numbers are held against the city's totals only where every value is sound.
    problems = problems or [one for scenario in project.scenarios for one in split_problems(project, scenario)]
    refuse(dict.fromkeys(problems))
    for doubt in doubts(project, project.scenarios):
        say(doubt.told(message_language()))
    from eldercare.model import Run
    from eldercare.publish.fonts import strange, written
    from eldercare.publish.keys import Keys

    for remark in strange(written(project.root, Keys(project).inputs)):
        say(remark)
    # Whether people can be computed at all shows in a few draws.
    Run(overrides={"run.draws": 20}, project=project).projection()
    say(
        f"{len(project.parameters)} parameters, {len(project.counties)} counties, {len(project.scenarios)} scenarios, "
        f"{len(project.tables)} tables, {len(project.sources)} sources: no fault found"
    )


@commands.command("explain")
@click.argument("key", metavar="KEY")
@county_option
@scenario_option
def explain_command(key: str, county: str | None, scenario: str) -> None:
    """Show where a parameter's value comes from, layer by layer.

    KEY is a parameter, such as beds.norm.
    """
    project = load_project()
    say(explain(project, resolve(project, county or project.city.id, scenario), key))


@commands.command()
@county_option
@scenario_option
def parameters(county: str | None, scenario: str) -> None:
    """List every parameter with value, unit, bounds, interval, evidence and source."""
    project = load_project()
    say(aligned(parameter_rows(resolve(project, county or project.city.id, scenario))))


@commands.command()
def scenarios() -> None:
    """List the scenarios."""
    rows = [(name, s.label["en"], s.label["zh"], s.description["en"]) for name, s in load_project().scenarios.items()]
    say(aligned([("scenario", "label", "名称", "description"), *rows]))


@commands.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
def compare(scenarios: tuple[str, ...]) -> None:
    """Show what differs between scenarios and what follows from it."""
    project = load_project()
    problems = check_names(project, [], scenarios)
    if len(set(scenarios)) < 2:
        problems.append(Problem("compare", message=_("needs at least two different scenarios")))
    refuse(problems)
    from eldercare.publish.comparison import compare

    say(compare(project, scenarios))


@commands.command()
@click.argument("name", metavar="NAME")
def new_scenario(name: str) -> None:
    """Write a commented template of a scenario to config/scenarios.

    NAME has small letters, digits and underscores.
    """
    project = load_project()
    file = write_scenario_template(project.root, name, next(iter(project.counties)))
    say(f"{file} is written; change it, then: eldercare run --scenario {name}")


@commands.command()
@click.argument("city", metavar="CITY")
@several("--county", "counties", "C", "its counties")
@click.option("--census", type=Whole(1990), metavar="YEAR", help="year of its census (default: that of this city)")
def new_city(city: str, counties: tuple[str, ...], census: int | None) -> None:
    """Write a folder for another city below cities/: what this city can lend it, and tables to fill in.

    A city or county is its id, code and name: shaoxing=330600=绍兴市.
    """
    from eldercare.inputs import new_city as places

    project, (own, *others) = load_project(), map(places.place, (city, *counties))
    folder = places.new_city(project, own, others, census or project.city.launch_year)
    say(f"{folder.relative_to(project.root)} is written; data/raw/README.md there says what to fill in")
    say("then, in that folder: eldercare check, eldercare run")


@commands.command("plan")
@click.option("--area", metavar="A", help="the city or a county (default: the city)")
@scenario_option
@click.option("--chance", type=Whole(50, 99), default=80, metavar="N", help="% chance of care for all (default: 80)")
@click.option("--apart", type=Whole(0, 100), default=10, metavar="N", help="% points between counties (default: 10)")
@click.option("--budget", type=Whole(0), metavar="N", help="yuan a year; meet the most within it (default: meet all)")
@click.option("--name", metavar="NAME", default="cheapest_mix", help="of the scenario written (default: cheapest_mix)")
def plan_command(area: str | None, scenario: str, name: str, **asked: Any) -> None:
    """Find the cheapest mix of what to open and write it as a scenario.

    In each county and year care is there in as many draws as the chance says, and no county's share of a need met lies
    further below the city's than the points allow.
    """
    project = load_project()
    refuse(check_names(project, [area] if area else [], [scenario]))
    from eldercare.publish.mix import plan

    say(plan(project, area or project.city.id, scenario, name, message_language(), **asked))


@commands.command()
@click.argument("form", type=Word(["parameters", "observations"]), metavar="parameters|observations")
@click.argument("file", metavar="FILE.xlsx")
@scenario_option
@county_option
def export(form: str, file: str, scenario: str, county: str | None) -> None:
    """Write a workbook to fill in, for Excel or WPS, in both languages.

    Of parameters it makes a scenario, with what that of --scenario states filled in and the values in force of the city
    or a county beside it; observations are counts of beds and meal points of later years.
    """
    project, kind = load_project(), "scenario" if form == "parameters" else form
    from eldercare.inputs import forms

    if form == "observations":
        forms.export_observations(project, Path(file))
    else:
        tell(forms.export_parameters(project, Path(file), scenario, county or project.city.id))
    say(f"{file} is written; fill in the yellow cells, then: eldercare import {kind} {file}")


@commands.command("import")
@click.argument("table", type=Word(["census", "scenario", "observations"]), metavar="census|scenario|observations")
@click.argument("file", required=False, metavar="[FILE]")
@click.option(
    "--template",
    is_flag=False,
    flag_value=census.TEMPLATE,
    metavar="[FILE]",
    help=f"write a table to fill in, .csv or .xlsx (default: {census.TEMPLATE})",
)
@click.option("--remove", is_flag=True, help="delete the imported table")
@click.option("--source", metavar="ID", help="source in data/raw/sources.csv (default: that of the census table)")
@click.option("--replace", is_flag=True, help="the scenario may take the place of one that is there")
def import_table(table: str, file: str | None, replace: bool, **census_options: Any) -> None:
    """Bring a table or a filled-in workbook into data/raw or config/scenarios, once it is sound.

    FILE is the full table of the census, county by sex and age, as .csv or .xlsx, checked against the published figures
    (--template, --remove and --source belong to it); or a workbook of eldercare export (--replace: a scenario).
    """
    if replace and table != "scenario" or (table != "census" and (not file or any(census_options.values()))):
        message = _("takes a FILE; --replace belongs to a scenario, other options to the census")
        raise InputError(Problem(f"import {table}", message=message))
    from eldercare.inputs import forms

    if table == "census":
        import_census(file, **census_options)
    elif table == "scenario":
        say(forms.import_scenario(load_project(), Path(str(file)), replace))
    else:
        say(forms.import_observations(load_project(), Path(str(file))))


def import_census(file: str | None, template: str | None, remove: bool, source: str | None) -> None:
    """Import, or make or remove, the full table of the census."""
    if sum(map(bool, (file, template, remove))) != 1:
        message = _("give exactly one: a FILE to import, --template or --remove")
        raise InputError(Problem("import census", message=message))
    if source and not file:
        raise InputError(Problem("import census", "--source", source, _("only goes with a FILE to import")))
    project = load_project()
    if template:
        path = Path(template)
        census.write_template(project, path)
        say(f"{path} is written; fill in the column persons, then: eldercare import census {path}")
    elif remove:
        say(f"{census.remove_table(project).relative_to(project.root)} is removed")
        say("The base population is reconstructed again; eldercare run makes the pages anew.")
    elif file:
        say(census.import_table(project, Path(file), source))


@commands.command()
@several("--area", "areas", "A", "only these: the city or counties")
@scenario_option
@click.option("--language", type=Word(["en", "zh"]), metavar="en|zh", help="only this language (default: both)")
@click.option("--to", "kind", type=Word(["docx", "pdf"]), default="docx", metavar="docx|pdf", help="(default: docx)")
def brief(areas: tuple[str, ...], scenario: str, language: str | None, kind: str) -> None:
    """Write two pages about each area for a meeting, as Word to edit or as PDF, to outputs/briefs."""
    project = load_project()
    refuse(check_names(project, areas, [scenario]))
    from eldercare.publish.brief import write_briefs

    for file in write_briefs(project, areas, scenario, [language] if language else ["zh", "en"], kind):
        say(str(file.relative_to(project.root)))


@commands.command()
@click.option("--port", type=Whole(0, 65535), default=8000, metavar="N", help="port to listen on (default: 8000)")
@click.option("--no-browser", is_flag=True, help="only print the address")
def serve(port: int, no_browser: bool) -> None:
    """Show the published site in the browser, on this machine only."""
    from eldercare.publish.serve import server

    with server(load_project().root / "outputs" / "site", port) as running:
        running.show("", not no_browser)


@commands.command()
@click.option("--port", type=Whole(0, 65535), default=0, metavar="N", help="port (default: one that is free)")
@click.option("--no-browser", is_flag=True, help="only print the address")
def desk(port: int, no_browser: bool) -> None:
    """Try values, save them as a scenario and publish, in the browser and on this machine only."""
    from eldercare.publish.desk import desk

    desk(load_project().root, port, browser=not no_browser)


if __name__ == "__main__":
    sys.exit(main())
