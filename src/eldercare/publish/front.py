"""Front page: the answer for the city first, then counties, scenarios, pages, and how sure all this is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from eldercare.inputs import CITY, Project, load_project, resolve
from eldercare.publish.dictionary import tables
from eldercare.publish.documents import fill
from eldercare.publish.pages import FRONT, LANGUAGE_NAMES, Labels, Link, Shell
from eldercare.publish.request import LANGUAGES, Unit
from eldercare.report import Html, Page, beds
from eldercare.report.html import element, join, table
from eldercare.report.text import Text

BASELINE = "baseline"
YEARS = (2030, 2035)


class Results:
    """The published tables of one scenario, as the front page reads them.

    Parameters
    ----------
    project : Project
    folder : Path
        Folder of the tables of all scenarios.
    scenario : str
    """

    def __init__(self, project: Project, folder: Path, scenario: str):
        self.project = project
        self.scenario = scenario
        frames = {name: pd.read_csv(folder / scenario / f"{name}.csv") for name in ("beds", "meals", "crossing")}
        frames["beds"] = frames["beds"][frames["beds"]["bed_type"] == "all"]
        self._rows = {name: frames[name].set_index(["area", "year"]) for name in ("beds", "meals")}
        self._crossing = frames["crossing"].set_index("area")

    def beds(self, area: str, year: int) -> pd.Series:
        """Return the row of all beds of an area at the end of a year."""
        return self._rows["beds"].loc[(area, year)]

    def meals(self, area: str, year: int) -> pd.Series:
        """Return the row of the meals of an area in a year."""
        return self._rows["meals"].loc[(area, year)]

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of the tables."""
        years = self._rows["beds"].index.get_level_values("year")
        return int(years.min()), int(years.max())

    def norm(self, area: str) -> float:
        """Return the norm that the area is measured against in this scenario."""
        return float(resolve(self.project, area, self.scenario).value("beds.norm"))

    def crossing(self, area: str) -> pd.Series:
        """Return the crossing row of the area's own norm."""
        rows = self._crossing.loc[[area]]
        return rows.iloc[int((rows["norm"] - self.norm(area)).abs().argmin())]


def front_pages(
    root: Path,
    outputs: Path,
    run_id: str,
    pages: Collection[str],
    changed: Mapping[str, Mapping[str, object]],
    scenarios: Collection[str],
    labels: Labels,
) -> dict[str, str]:
    """Return the front page in every language by file name.

    Parameters
    ----------
    root : Path
        Folder of the project.
    outputs : Path
        Folder with the tables to read.
    run_id : str
    pages : collection of str
        Stems of all pages of the site.
    changed : mapping
        Stem to overrides, for the pages made with changed values.
    scenarios : collection of str
        Scenarios that have tables, in order.
    labels : Labels
    """
    project = load_project(root)
    results = {name: Results(project, outputs / "tables", name) for name in scenarios}
    first = BASELINE if BASELINE in results else next(iter(results))
    documents = {}
    for language in LANGUAGES:
        t = Text(language)
        page = Page("03_beds", CITY, first, {}, language, project)
        parts = {
            "answer": answer(t, labels, results[first]),
            "key_figures": key_figures(t, results[first]),
            "checks": checks(t, labels, first, pages),
            "chart": beds.ratio_chart(page).html(),
            "sections": [
                Link(t(f"site.h_{name}"), f"#{name}")
                for name in ("counties", "map", "compared", "pages", "sure", "data")
                if name != "compared" or len(results) > 1
            ],
            "counties": counties(t, labels, results[first], pages),
            "map": county_map(t, labels, results[first], pages),
            "compared": compared(t, labels, results, pages) if len(results) > 1 else "",
            "grids": [grid(t, labels, project, name, pages, changed, name == first) for name in labels.scenarios],
            "downloads": [downloads(t, labels, outputs, name) for name in results],
            "first": labels.scenarios[first][language],
        }
        documents[FRONT[language]] = fill("front.html.j2", _shell(t, run_id), **parts)
    return documents


def _shell(t: Text, run_id: str) -> Shell:
    languages = tuple(Link(LANGUAGE_NAMES[name], FRONT[name], name == t.language, name) for name in LANGUAGES)
    title = f"{t('site.front_title')} · {t('site.name')}"
    return Shell(language=t.language, title=title, run_id=run_id, languages=languages)


def answer(t: Text, labels: Labels, results: Results) -> Html:
    """Return the answer for the city in one paragraph: how long the beds last, and what is missing in 2030."""
    first, last = results.years
    crossing, then = results.crossing(CITY), results.beds(CITY, 2030)
    values = {
        "area": labels.areas[CITY][t.language],
        "norm": t.number(results.norm(CITY)),
        "supply": t.number(results.beds(CITY, first)["supply"]),
        "first": first,
        "last": last,
        "ratio": t.number(then["beds_per_1000"], 1),
        "basis": t(f"beds.basis_{crossing['elders_basis']}"),
    }
    year = crossing["crossing_year_p50"]
    if pd.isna(year):
        opening = t("site.answer_never", **values)
    elif year <= first:
        opening = t("site.answer_already", **values)
    else:
        opening = t("site.answer_crossing", before=int(year) - 1, year=int(year), **values)
    gap = {name: then[f"gap_ratio_{name}"] for name in ("p50", "p10", "p90")}
    ends = sorted((abs(gap["p10"]), abs(gap["p90"])))
    closing = t(
        "site.answer_short" if gap["p50"] > 0 else "site.answer_spare",
        gap=t.rounded(abs(gap["p50"])),
        low=t.rounded(ends[0]),
        high=t.rounded(ends[1]),
        **values,
    )
    return element("p", opening + t("page.space") + closing, cls="answer")


def key_figures(t: Text, results: Results) -> Html:
    """Return the three numbers to remember: beds, the year in which they fall short, beds missing in 2030."""
    first = results.years[0]
    figures = [
        (t.number(results.beds(CITY, first)["supply"]), t("site.key_supply")),
        (_year(t, results.crossing(CITY)["crossing_year_p50"], results.years), t("site.c_crossing")),
        (t.rounded(results.beds(CITY, YEARS[0])["gap_ratio_p50"]), t("site.c_gap", year=YEARS[0])),
    ]
    pairs = [element("div", join([element("dt", name), element("dd", value)])) for value, name in figures]
    return element("dl", join(pairs), cls="key-figures")


def checks(t: Text, labels: Labels, scenario: str, pages: Collection[str]) -> list[Link]:
    """Return where the city's pages say how sure the answer is and where its numbers come from."""
    wanted = {"sure": "site.how_sure", "main": "site.where_from", "origin": "site.what_published"}
    stems = {role: Unit(t.language, scenario, CITY, labels.with_role(role) or "").stem for role in wanted}
    return [
        Link(t(key), f"{stems[role]}.html" + ("#provenance" if role == "main" else ""))
        for role, key in wanted.items()
        if stems[role] in pages
    ]


def page_link(t: Text, labels: Labels, label: str, scenario: str, area: str, pages: Collection[str]) -> Html:
    """Return a name as a link to the leading page of an area and scenario; as text where there is none."""
    stem = Unit(t.language, scenario, area, labels.main).stem
    return element("a", label, href=f"{stem}.html") if stem in pages else element("span", label)


def state(low: float, high: float) -> str:
    """Return the state that an 80% interval of a gap (positive = shortage) stands for.

    Examples
    --------
    >>> state(10, 20), state(-5, 20), state(-20, -5)
    ('short', 'open', 'enough')
    """
    return "short" if low > 0 else "enough" if high <= 0 else "open"


def gap_cell(t: Text, middle: float, low: float, high: float) -> Html:
    """Return a gap in words: the state, the number, its 80% interval."""
    kind = state(low, high)
    return join(
        [
            element("span", t(f"site.state_{kind}"), cls=f"state {kind}"),
            element("span", t.number(middle), cls="value"),
            element("small", f"({t.interval(low, high)})"),
        ]
    )


def _year(t: Text, year: float, years: tuple[int, int]) -> str:
    if pd.isna(year):
        return t("beds.never", last=years[1])
    return t("beds.already", first=years[0]) if year <= years[0] else t("site.year", year=int(year))


def year_cell(t: Text, row: pd.Series, years: tuple[int, int]) -> Html:
    """Return a crossing year with its 80% interval."""
    middle, low, high = (_year(t, row[f"crossing_year_{name}"], years) for name in ("p50", "p10", "p90"))
    parts = [element("span", middle, cls="value")]
    if low != high:
        parts.append(element("small", f"({low} \N{EN DASH} {high})"))
    return join(parts)


def _bed_gap(t: Text, row: pd.Series) -> Html:
    return gap_cell(t, row["gap_ratio_p50"], row["gap_ratio_p10"], row["gap_ratio_p90"])


def counties(t: Text, labels: Labels, results: Results, pages: Collection[str]) -> Html:
    """Return what a planner asks of each county: crossing year, gaps in 2030 and 2035, meals."""
    records = []
    for area, names in labels.areas.items():
        now, meals = results.beds(area, results.years[0]), results.meals(area, YEARS[0])
        tag = "allocated" if now["allocated"] else "reported"
        records.append(
            {
                t("page.c_area"): page_link(t, labels, names[t.language], results.scenario, area, pages),
                t("site.c_supply"): join(
                    [
                        element("span", t.number(now["supply"]), cls="value"),
                        element("span", t(f"page.tag_{tag}"), cls=f"tag {tag}"),
                    ]
                ),
                t("site.c_crossing"): year_cell(t, results.crossing(area), results.years),
                **{t("site.c_gap", year=year): _bed_gap(t, results.beds(area, year)) for year in YEARS},
                t("site.c_meals", year=YEARS[0]): gap_cell(t, meals["gap"], meals["gap_p10"], meals["gap_p90"]),
            }
        )
    frame = pd.DataFrame(records)
    scenario = labels.scenarios[results.scenario][t.language]
    return table(frame, t("site.counties_caption", scenario=scenario), numeric=list(frame.columns[1:]))


def county_map(t: Text, labels: Labels, results: Results, pages: Collection[str]) -> Html:
    """Return the counties as tiles laid out as they lie; the style sheet holds the layout."""
    tiles = [element("li", t("site.lake"), cls="lake")]
    for area, names in labels.areas.items():
        if area == CITY:
            continue
        then = results.beds(area, YEARS[0])
        kind = state(then["gap_ratio_p10"], then["gap_ratio_p90"])
        year = _year(t, results.crossing(area)["crossing_year_p50"], results.years)
        gap = then["gap_ratio_p50"]
        lines = [
            element("strong", page_link(t, labels, names[t.language], results.scenario, area, pages)),
            element("span", t(f"site.state_{kind}"), cls=f"state {kind}"),
            element("span", t("site.tile_crossing", year=year)),
            element(
                "span", t("site.tile_short" if gap > 0 else "site.tile_spare", gap=t.rounded(abs(gap)), year=YEARS[0])
            ),
        ]
        tiles.append(element("li", join(lines), cls=f"tile {area} {kind}"))
    return element("ul", join(tiles), cls="map")


def compared(t: Text, labels: Labels, results: Mapping[str, Results], pages: Collection[str]) -> Html:
    """Return the city's key results of every scenario side by side."""
    records = [
        {
            t("site.scenario"): page_link(t, labels, labels.scenarios[name][t.language], name, CITY, pages),
            t("site.c_crossing"): year_cell(t, result.crossing(CITY), result.years),
            **{t("site.c_gap", year=year): _bed_gap(t, result.beds(CITY, year)) for year in (*YEARS, result.years[1])},
            t("site.c_gap_need", year=YEARS[1]): gap_cell(
                t, *(result.beds(CITY, YEARS[1])[f"gap_need_{name}"] for name in ("p50", "p10", "p90"))
            ),
        }
        for name, result in results.items()
    ]
    frame = pd.DataFrame(records)
    caption = t("site.compared_caption", area=labels.areas[CITY][t.language])
    return table(frame, caption, numeric=list(frame.columns[1:]))


def grid(
    t: Text,
    labels: Labels,
    project: Project,
    scenario: str,
    pages: Collection[str],
    changed: Mapping[str, Mapping[str, object]],
    is_open: bool,
) -> dict[str, object]:
    """Return the pages of a scenario by area and topic, as plain values for the template."""
    rows = []
    for area, names in labels.areas.items():
        stems = {name: f"{t.language}/{scenario}/{area}/{name}" for name in labels.topics}
        values = {
            key: value
            for stem, overrides in changed.items()
            if stem.split("/")[1:3] == [scenario, area]
            for key, value in overrides.items()
        }
        links = [
            Link(labels.topics[name].label[t.language], f"{stem}.html" if stem in pages else None)
            for name, stem in stems.items()
        ]
        rows.append(
            {
                "id": f"{scenario}-{area}",
                "label": names[t.language],
                "links": links,
                "changed": ", ".join(f"{key} = {value}" for key, value in sorted(values.items())),
            }
        )
    return {
        "id": scenario,
        "label": labels.scenarios[scenario][t.language],
        "description": project.scenarios[scenario].description[t.language],
        "topics": [topic.label[t.language] for topic in labels.topics.values()],
        "rows": rows,
        "open": is_open,
    }


def downloads(t: Text, labels: Labels, outputs: Path, scenario: str) -> dict[str, object]:
    """Return the files of a scenario's tables, and of its changed tables where there are some."""
    folders = [name for name in (scenario, f"{scenario}+set") if (outputs / "tables" / name).is_dir()]
    return {
        "label": labels.scenarios[scenario][t.language],
        "sets": [
            {
                "changed": folder != scenario,
                "links": [
                    Link(t("site.workbook"), f"data/{folder}.xlsx"),
                    *(Link(table.title[t.language], f"data/{folder}/{name}.csv") for name, table in tables().items()),
                    Link("datapackage.json", f"data/{folder}/datapackage.json"),
                ],
            }
            for folder in folders
        ],
    }
