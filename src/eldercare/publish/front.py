"""Front page: the answer for the city first, then counties, scenarios, pages, and how sure all this is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from eldercare.care.beds import gap_state
from eldercare.inputs import Project, load_project
from eldercare.inputs.city import Tile
from eldercare.publish.dictionary import norm_in_force, tables
from eldercare.publish.documents import fill
from eldercare.publish.pages import CHECKS, FRONT, LANGUAGE_NAMES, Labels, Link, Shell
from eldercare.publish.request import LANGUAGES, PageAddress, TableFolder
from eldercare.report import Page, beds
from eldercare.report.text import Text

BASELINE = "baseline"
# Pages of the site, with the changed values that each was made with.
Made = Mapping[PageAddress, Mapping[str, object]]


def front_pages(
    root: Path, data: Path, run_id: str, pages: Made, scenarios: Collection[str], labels: Labels
) -> dict[str, str]:
    """Return the front page in every language by file name.

    ``data`` is the folder of the tables, ``scenarios`` are those that have tables, in order.
    """
    project = load_project(root)
    results = {name: Published(data / name) for name in scenarios}
    documents = {}
    for language in LANGUAGES:
        t = Text(language, labels.words[language])
        front = Front(project, t, labels, pages, results)
        page = Page("beds", project.city.id, front.first, {}, language, project)
        shell = Shell(
            language=language,
            words=labels.words[language],
            title=f"{t('site.front_title')} · {t('site.name')}",
            heading=t("site.front_title"),
            run_id=run_id,
            languages=tuple(Link(LANGUAGE_NAMES[n], FRONT[n], n == language, n) for n in LANGUAGES),
            checks=tuple(front.checks()),
        )
        chart = beds.ratio_chart(page, beds.ratio(page.run))
        documents[FRONT[language]] = fill("front.html.j2", shell, front=front, city=project.city, chart=chart.html())
    return documents


class Published:
    """The published tables of a scenario in a folder, as the front page reads them."""

    def __init__(self, folder: Path):
        self.folder = folder
        beds, meals, crossing = (pd.read_csv(folder / f"{name}.csv") for name in ("beds", "meals", "crossing"))
        self.norm = norm_in_force(beds)
        beds = beds[beds["bed_type"] == "all"]
        self._rows = {"beds": beds.set_index(["area", "year"]), "meals": meals.set_index(["area", "year"])}
        distance = (crossing["norm"] - crossing["area"].map(self.norm)).abs()
        self.crossing = crossing.loc[distance.groupby(crossing["area"]).idxmin()].set_index("area")
        self.first, self.last = int(beds["year"].min()), int(beds["year"].max())

    def row(self, area: str, year: int | None = None, table: str = "beds") -> pd.Series:
        """Return what a table says of all beds, or of meals, of an area in a year; the first one when not given."""
        return self._rows[table].loc[(area, year or self.first)]

    def case(self, year: float) -> str:
        """Return how a crossing year is told: ``never``, ``already`` in the first year, or ``crossing``."""
        return "never" if pd.isna(year) else "already" if year <= self.first else "crossing"


@dataclass(frozen=True)
class Front:
    """What the template of the front page asks for, in the language of ``t``; ``results`` are by scenario."""

    project: Project
    t: Text
    labels: Labels
    pages: Made
    results: Mapping[str, Published]

    @property
    def first(self) -> str:
        """The scenario whose answer is given: the baseline, or the first one where there is none."""
        return BASELINE if BASELINE in self.results else next(iter(self.results))

    def answer(self) -> str:
        """Return the answer for the city: how long the beds last, and what is missing soon."""
        t, city, results = self.t, self.project.city, self.results[self.first]
        crossing, then = results.crossing.loc[city.id], results.row(city.id, city.near_year)
        year, gap = crossing["crossing_year_p50"], then["gap_ratio_mean"]
        low, high = sorted(abs(then[f"gap_ratio_{end}"]) for end in ("p10", "p90"))
        values = {
            "area": self.labels.areas[city.id][self.t.language],
            "norm": t.number(results.norm[city.id]),
            "supply": t.number(results.row(city.id)["supply"]),
            "first": results.first,
            "last": results.last,
            "ratio": t.number(then["beds_per_1000"], 1),
            "basis": t(f"beds.basis_{crossing['elders_basis']}"),
            "gap": t.rounded(abs(gap)),
            "low": t.rounded(low),
            "high": t.rounded(high),
        }
        case = results.case(year)
        turn = {"before": int(year) - 1, "year": int(year)} if case == "crossing" else {}
        opening = t(f"site.answer_{case}", **values, **turn)
        return t.sentences([opening, t("site.answer_short" if gap > 0 else "site.answer_spare", **values)])

    def checks(self) -> list[Link]:
        """Return where the city's pages say how sure the answer is and where its numbers come from."""
        links = []
        for role, key in CHECKS.items():
            notebook = self.labels.with_role(role)
            link = self.link(self.t(key), self.first, self.project.city.id, notebook)
            if notebook and link.href:
                links.append(replace(link, href=f"{link.href}#provenance") if role == "main" else link)
        return links

    def link(self, label: str, scenario: str, area: str, notebook: str | None = None) -> Link:
        """Return a link to a page, the leading one where no notebook is named; no address where it was not made."""
        page = PageAddress(self.t.language, scenario, area, notebook or self.labels.main)
        return Link(label, f"{page.stem}.html" if page in self.pages else None)

    def gap(self, scenario: str, area: str, year: int, name: str = "gap_ratio", table: str = "beds") -> dict[str, Any]:
        """Return a gap: state, mean, and as text its value and 80% interval."""
        row = self.results[scenario].row(area, year, table)
        mean, low, high = (float(row[f"{name}_{statistic}"]) for statistic in ("mean", "p10", "p90"))
        said = {"value": self.t.number(mean), "interval": self.t.interval(low, high)}
        return {"state": gap_state(low, high), "mean": mean, **said}

    def crossing(self, scenario: str, area: str) -> dict[str, str]:
        """Return the crossing year of an area with its 80% interval; an empty one where its ends are the same."""
        results, t, said = self.results[scenario], self.t, []
        years = results.crossing.loc[area, [f"crossing_year_{name}" for name in ("p50", "p10", "p90")]]
        for year in years:
            case = results.case(year)
            about = {"year": int(year)} if case == "crossing" else {"first": results.first, "last": results.last}
            said.append(t("site.year" if case == "crossing" else f"page.{case}", **about))
        value, low, high = said
        if {results.case(year) for year in years} == {"crossing"}:
            span = t("site.year", year=t("page.years", first=int(years.iloc[1]), last=int(years.iloc[2])))
        else:
            span = t("page.from_to", low=low, high=high)
        return {"value": value, "interval": "" if low == high else span}

    def changed_values(self, scenario: str, area: str) -> str:
        """Return the values that pages of an area were made with, where they were changed."""
        values: dict[str, object] = {}
        for page in sorted(self.pages):
            values |= self.pages[page] if (page.scenario, page.area) == (scenario, area) else {}
        return ", ".join(f"{key} = {value}" for key, value in sorted(values.items()))

    def downloads(self, scenario: str) -> dict[bool, list[Link]]:
        """Return the files of a scenario's tables, and of its changed tables where there are some."""
        titles = {f"{name}.csv": table.title[self.t.language] for name, table in tables().items()}
        titles["datapackage.json"] = "datapackage.json"
        found = {}
        for is_changed in (False, True):
            name = TableFolder(scenario, is_changed).name
            if self.results[scenario].folder.with_name(name).is_dir():
                files = [Link(title, f"data/{name}/{file}") for file, title in titles.items()]
                found[is_changed] = [Link(self.t("site.workbook"), f"data/{name}.xlsx"), *files]
        return found

    @staticmethod
    def place(tile: Tile | None) -> str:
        """Return the place of a tile as CSS has it: lines before the first and after the last row and column."""
        if tile is None:
            return ""
        (top, bottom), (left, right) = tile.rows, tile.columns
        return f"{top} / {left} / {bottom + 1} / {right + 1}"
