"""Front page: the answer for the city first, then counties, scenarios, pages, and how sure all this is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from eldercare.care import gap_state
from eldercare.inputs import Project, load_project
from eldercare.inputs.city import Tile
from eldercare.publish.dictionary import norm_in_force, tables
from eldercare.publish.documents import fill
from eldercare.publish.pages import FRONT, LANGUAGE_NAMES, Labels, Link, Shell
from eldercare.publish.request import LANGUAGES, Unit
from eldercare.report import Page, beds
from eldercare.report.text import Text

BASELINE = "baseline"


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
    results = {name: Published(outputs / "tables" / name) for name in scenarios}
    return {
        FRONT[language]: Front(project, language, labels, pages, results).document(outputs, run_id, changed)
        for language in LANGUAGES
    }


class Published:
    """The published tables of a scenario, as the front page reads them.

    Parameters
    ----------
    folder : Path
        Folder of the scenario's tables.
    """

    def __init__(self, folder: Path):
        every = pd.read_csv(folder / "beds.csv")
        self.beds = every[every["bed_type"] == "all"].set_index(["area", "year"])
        self.meals = pd.read_csv(folder / "meals.csv").set_index(["area", "year"])
        self.norm = norm_in_force(every)
        crossing = pd.read_csv(folder / "crossing.csv")
        distance = (crossing["norm"] - crossing["area"].map(self.norm)).abs()
        self.crossing = crossing.loc[distance.groupby(crossing["area"]).idxmin()].set_index("area")
        years = self.beds.index.get_level_values("year")
        self.first, self.last = int(years.min()), int(years.max())


@dataclass(frozen=True)
class Front:
    """The front page in one language; its methods return plain values for the template.

    Attributes
    ----------
    project : Project
    language : {"en", "zh"}
    labels : Labels
    pages : collection of str
        Stems of all pages of the site.
    results : mapping of str to Published
        The tables by scenario; the answer is the baseline's, or the first one's where there is no baseline.
    """

    project: Project
    language: str
    labels: Labels
    pages: Collection[str]
    results: Mapping[str, Published]

    @property
    def t(self) -> Text:
        """The words of the language."""
        return Text(self.language)

    @property
    def first(self) -> str:
        """The scenario whose answer is given."""
        return BASELINE if BASELINE in self.results else next(iter(self.results))

    def document(self, outputs: Path, run_id: str, changed: Mapping[str, Mapping[str, object]]) -> str:
        """Return the page."""
        city, t, results = self.project.city, self.t, self.results[self.first]
        name = self.labels.areas[city.id][self.language]
        title = t("site.front_title", city=name)
        page = Page("beds", city.id, self.first, {}, self.language, self.project)
        chart = beds.ratio_chart(page, beds.ratio(page.run))
        areas = [self.area(area, results) for area in self.labels.areas]
        # A scenario among several is one of a list; alone it has nothing to stand beside.
        compared = [self.compared(scenario) for scenario in self.results] if len(self.results) > 1 else []
        shell = Shell(
            language=self.language,
            site=t("site.name", city=name),
            title=f"{title} · {t('site.name', city=name)}",
            heading=title,
            run_id=run_id,
            languages=tuple(Link(LANGUAGE_NAMES[n], FRONT[n], n == self.language, n) for n in LANGUAGES),
            checks=tuple(self.checks()),
        )
        return fill(
            "front.html.j2",
            shell,
            city=city,
            city_name=name,
            scenario=self.labels.scenarios[self.first][self.language],
            answer=self.answer(results),
            first_beds=t.number(results.beds.loc[(city.id, results.first), "supply"]),
            last=results.last,
            chart=Markup(chart.html()),
            areas=areas,
            tiles=self.tiles(areas[1:]),
            waters=[{"label": w.label[self.language], "place": _place(w)} for w in city.map.waters] if city.map else [],
            compared=compared,
            grids=[self.grid(scenario, changed) for scenario in self.labels.scenarios],
            downloads=[self.downloads(scenario, outputs) for scenario in self.results],
        )

    def answer(self, results: Published) -> str:
        """Return the answer for the city: how long the beds last, and what is missing soon."""
        t, city = self.t, self.project.city
        crossing, then = results.crossing.loc[city.id], results.beds.loc[(city.id, city.near_year)]
        year, gap = crossing["crossing_year_p50"], then["gap_ratio_mean"]
        low, high = sorted(abs(then[f"gap_ratio_{end}"]) for end in ("p10", "p90"))
        values = {
            "area": self.labels.areas[city.id][self.language],
            "norm": t.number(results.norm[city.id]),
            "supply": t.number(results.beds.loc[(city.id, results.first), "supply"]),
            "first": results.first,
            "last": results.last,
            "near_year": city.near_year,
            "ratio": t.number(then["beds_per_1000"], 1),
            "basis": t(f"beds.basis_{crossing['elders_basis']}"),
            "gap": t.rounded(abs(gap)),
            "low": t.rounded(low),
            "high": t.rounded(high),
        }
        if pd.isna(year):
            opening = t("site.answer_never", **values)
        elif year <= results.first:
            opening = t("site.answer_already", **values)
        else:
            opening = t("site.answer_crossing", before=int(year) - 1, year=int(year), **values)
        return opening + t("page.space") + t("site.answer_short" if gap > 0 else "site.answer_spare", **values)

    def checks(self) -> list[Link]:
        """Return where the city's pages say how sure the answer is and where its numbers come from."""
        wanted = {"sure": "site.how_sure", "main": "site.where_from", "origin": "site.what_published"}
        stems = {role: self.unit(self.first, self.project.city.id, self.labels.with_role(role)).stem for role in wanted}
        return [
            Link(self.t(key), f"{stems[role]}.html" + ("#provenance" if role == "main" else ""))
            for role, key in wanted.items()
            if stems[role] in self.pages
        ]

    def unit(self, scenario: str, area: str, notebook: str | None = None) -> Unit:
        """Return the address of a page: of the leading one where no notebook is named."""
        return Unit(self.language, scenario, area, notebook or self.labels.main)

    def link(self, label: str, scenario: str, area: str, notebook: str | None = None) -> Link:
        """Return a link to a page, without an address where it was not made."""
        stem = self.unit(scenario, area, notebook).stem
        return Link(label, f"{stem}.html" if stem in self.pages else None)

    def gap(self, row: pd.Series, name: str) -> dict[str, str]:
        """Return a gap in words: state, number, 80% interval."""
        low, high = row[f"{name}_p10"], row[f"{name}_p90"]
        value, interval = self.t.number(row[f"{name}_mean"]), self.t.interval(low, high)
        return {"state": gap_state(low, high), "value": value, "interval": interval}

    def year(self, year: float, results: Published) -> str:
        """Return a crossing year in words."""
        if pd.isna(year):
            return self.t("page.never", last=results.last)
        already = year <= results.first
        return self.t("page.already", first=results.first) if already else self.t("site.year", year=int(year))

    def crossing(self, area: str, results: Published) -> dict[str, str]:
        """Return the crossing year of an area with its 80% interval; an empty one where its ends are the same."""
        row = results.crossing.loc[area]
        value, low, high = (self.year(row[f"crossing_year_{name}"], results) for name in ("p50", "p10", "p90"))
        return {"value": value, "interval": "" if low == high else f"{low} \N{EN DASH} {high}"}

    def area(self, area: str, results: Published) -> dict[str, Any]:
        """Return what a planner asks of an area: crossing year, gaps of the near and the target year, meals."""
        city, now = self.project.city, results.beds.loc[(area, results.first)]
        near = results.beds.loc[(area, city.near_year)]
        return {
            "id": area,
            "link": self.link(self.labels.areas[area][self.language], self.first, area),
            "supply": self.t.number(now["supply"]),
            "tag": "allocated" if now["allocated"] else "reported",
            "crossing": self.crossing(area, results),
            "gaps": [
                self.gap(results.beds.loc[(area, year)], "gap_ratio") for year in (city.near_year, city.target_year)
            ],
            "meals": self.gap(results.meals.loc[(area, city.near_year)], "gap"),
            "missing": near["gap_ratio_mean"],
        }

    def tiles(self, counties: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the counties with their places on the map; none where the city has no map."""
        if self.project.city.map is None:
            return []
        places = {area: _place(tile) for area, tile in self.project.city.map.tiles.items()}
        return [
            county
            | {
                "place": places.get(county["id"], ""),
                "said": self.t(
                    "site.tile_short" if county["missing"] > 0 else "site.tile_spare",
                    gap=self.t.rounded(abs(county["missing"])),
                    year=self.project.city.near_year,
                ),
            }
            for county in counties
        ]

    def compared(self, scenario: str) -> dict[str, Any]:
        """Return the city's key results of a scenario."""
        city, results = self.project.city, self.results[scenario]
        return {
            "link": self.link(self.labels.scenarios[scenario][self.language], scenario, city.id),
            "crossing": self.crossing(city.id, results),
            "gaps": [
                *(
                    self.gap(results.beds.loc[(city.id, year)], "gap_ratio")
                    for year in (city.near_year, city.target_year, results.last)
                ),
                self.gap(results.beds.loc[(city.id, city.target_year)], "gap_need"),
            ],
        }

    def grid(self, scenario: str, changed: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
        """Return the pages of a scenario by area and topic, with the values that were changed."""
        topics = {name: topic.label[self.language] for name, topic in self.labels.topics.items()}
        rows = []
        for area, names in self.labels.areas.items():
            stems = [Unit(language, scenario, area, name).stem for language in LANGUAGES for name in topics]
            values = {key: value for stem in stems for key, value in changed.get(stem, {}).items()}
            rows.append(
                {
                    "id": f"{scenario}-{area}",
                    "label": names[self.language],
                    "links": [self.link(label, scenario, area, name) for name, label in topics.items()],
                    "changed": ", ".join(f"{key} = {value}" for key, value in sorted(values.items())),
                }
            )
        return {
            "id": scenario,
            "label": self.labels.scenarios[scenario][self.language],
            "description": self.project.scenarios[scenario].description[self.language],
            "topics": list(topics.values()),
            "rows": rows,
            "open": scenario == self.first,
        }

    def downloads(self, scenario: str, outputs: Path) -> dict[str, Any]:
        """Return the files of a scenario's tables, and of its changed tables where there are some."""
        folders = [name for name in (scenario, f"{scenario}+set") if (outputs / "tables" / name).is_dir()]
        titles = {name: table.title[self.language] for name, table in tables().items()}
        return {
            "label": self.labels.scenarios[scenario][self.language],
            "sets": [
                {
                    "changed": folder != scenario,
                    "links": [
                        Link(self.t("site.workbook"), f"data/{folder}.xlsx"),
                        *(Link(title, f"data/{folder}/{name}.csv") for name, title in titles.items()),
                        Link("datapackage.json", f"data/{folder}/datapackage.json"),
                    ],
                }
                for folder in folders
            ],
        }


def _place(tile: Tile) -> str:
    """Return the place of a tile as CSS has it: lines before the first and after the last row and column."""
    (top, bottom), (left, right) = tile.rows, tile.columns
    return f"{top} / {left} / {bottom + 1} / {right + 1}"
