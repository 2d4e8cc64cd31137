"""Front page: the answer for the city first, then counties, scenarios, pages, and how sure all this is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from eldercare.care.beds import gap_state
from eldercare.inputs import load_project, resolve
from eldercare.inputs.strict_yaml import read_own
from eldercare.model.supply import BED_INDICATORS
from eldercare.publish.dictionary import norm_in_force, tables
from eldercare.publish.documents import fill
from eldercare.publish.pages import CHECKS, FRONT, GLOSSARY, LANGUAGE_NAMES, QUALITY, Labels, Link, Shell
from eldercare.publish.request import LANGUAGES, PageAddress, TableFolder
from eldercare.publish.search import terms
from eldercare.report import Page, beds
from eldercare.report.text import Text

BASELINE = "baseline"
# How the suite stands against public lists, and what it may be used for.
QUALITY_MARKS = read_own((resources.files("eldercare.publish") / "templates/quality.yaml").read_text(encoding="utf-8"))
# Pages of the site: where each is found, and the changed values that it was made with.
Made = Mapping[PageAddress, tuple[str, Mapping[str, object]]]


def front_pages(
    root: Path, data: Path, run_id: str, date: str, pages: Made, scenarios: Collection[str], labels: Labels
) -> dict[str, str]:
    """Return the front page, the glossary and the quality statement in every language by file name.

    ``data`` is the folder of the tables, ``scenarios`` are those that have tables, in order.
    """
    project = load_project(root)
    city = project.city
    order = [name for name in labels.scenarios if name in scenarios]
    bases = {name: resolve(project, city.id, name).choice("beds.ratio_basis") for name in order}
    results = {name: Published(data / name, basis) for name, basis in bases.items()}
    documents = {}
    for language in LANGUAGES:
        t = Text(language, labels.words[language])
        page = Page("beds", city.id, BASELINE if BASELINE in results else next(iter(results)), {}, language, project)
        front = Front(page, t, labels, pages, results)
        shell = Shell(
            language=language,
            words=labels.words[language],
            heading=t("site.front_title"),
            run_id=run_id,
            date=date,
            file=f"{city.id}-{page.run.scenario}",
            languages=tuple(Link(LANGUAGE_NAMES[n], FRONT[n], n == language, n) for n in LANGUAGES),
            checks=tuple(front.checks()),
        )
        about = {"front": front, "chart": beds.ratio_chart(page, beds.ratio(page.run)).html(), "tables": tables()}
        documents[FRONT[language]] = fill("front.html.j2", shell, counted_in=beds.counted_in(page), **about)
        for kind, files in {"glossary": GLOSSARY, "quality": QUALITY}.items():
            documents[files[language]] = beside(shell, t, kind, files)
    return documents


def beside(shell: Shell, t: Text, kind: str, files: Mapping[str, str]) -> str:
    """Return a page for all areas: the terms, each with its counterpart, or the marks of quality."""
    (other,) = (name for name in LANGUAGES if name != t.language)
    languages = tuple(Link(LANGUAGE_NAMES[n], files[n], n == t.language, n) for n in LANGUAGES)
    shell = replace(shell, heading=t(f"{kind}.title"), languages=languages, checks=())
    about = {"terms": terms(t), "other": terms(Text(other)), "other_language": other}
    return fill(f"{kind}.html.j2", shell, marks=QUALITY_MARKS, **about)


class Published:
    """The published tables of a scenario in a folder, as the front page reads them; the norm counts a ``basis``."""

    def __init__(self, folder: Path, basis: str):
        self.folder, self.basis = folder, basis
        beds, crossing = (pd.read_csv(folder / f"{name}.csv") for name in ("beds", "crossing"))
        self.norm = norm_in_force(beds)
        self.institutions = beds[beds["bed_type"] == "institution"].groupby(["area", "year"]).first()
        beds = beds[beds["bed_type"] == "all"]
        self._rows = beds.set_index(["basis", "area", "year"]).sort_index()
        self.other = next((name for name in beds["basis"].unique() if name != basis), basis)
        crossing = crossing[crossing["basis"] == basis]
        distance = (crossing["norm"] - crossing["area"].map(self.norm)).abs()
        self.crossing = crossing.loc[distance.groupby(crossing["area"]).idxmin()].set_index("area")
        self.first, self.last = int(beds["year"].min()), int(beds["year"].max())

    def row(self, area: str, year: int | None = None, basis: str = "") -> pd.Series:
        """Return what the table says of all beds of an area in a year; the first one when not given."""
        return self._rows.loc[(basis or self.basis, area, year or self.first)]


@dataclass(frozen=True)
class Front:
    """What the template of the front page asks for, in the language of ``t``; ``results`` are by scenario.

    The scenario whose answer is given is that of the ``page`` of beds.
    """

    page: Page
    t: Text
    labels: Labels
    pages: Made
    results: Mapping[str, Published]

    @property
    def counted(self) -> str:
        """The beds of the last counts."""
        return self.t.number(sum(self.page.run.stock(name).total for name in BED_INDICATORS.values()))

    @property
    def assumed(self) -> bool:
        """Whether beds of the city were assumed, as no count of them was found."""
        return self.page.run.is_assumed(list(BED_INDICATORS.values()))

    def answer(self) -> str:
        """Return the answer for the city, that of its page of beds."""
        key = "site.answer_assumed" if self.assumed else "site.answer_counted"
        return self.t.sentences([self.page.say(key, supply=self.counted), *beds.said(self.page)])

    def checks(self) -> list[Link]:
        """Return where the city's pages say how sure the answer is and where its numbers come from."""
        links = []
        for role, key in CHECKS.items():
            notebook = self.labels.with_role(role)
            link = self.link(self.t(key), self.page.run.scenario, self.page.city.id, notebook)
            if notebook and link.href:
                links.append(replace(link, href=f"{link.href}#provenance") if role == "main" else link)
        return links

    def link(self, label: str, scenario: str, area: str, notebook: str | None = None) -> Link:
        """Return a link to a page; where none is named to the first that is the scenario's own, or else the first."""
        asked = (notebook,) if notebook else (self.labels.main, *self.labels.topics)
        pages = [PageAddress(self.t.language, scenario, area, name) for name in asked]
        places = {page.stem: self.pages[page][0] for page in pages if page in self.pages}
        place = next((one for one in places if places[one] == one), next(iter(places.values()), None))
        return Link(label, place and f"{place}.html")

    def gap(self, scenario: str, area: str, year: int, of: str = "gap_ratio", *, other: bool = False) -> dict[str, Any]:
        """Return a gap: state, mean, and as text its value and 80% interval; of the ``other`` basis where asked for."""
        results = self.results[scenario]
        row = results.row(area, year, results.other if other else "")
        mean, low, high = (float(row[f"{of}_{statistic}"]) for statistic in ("mean", "p10", "p90"))
        value, *ends = (self.t.rounded(n, beside=(mean, low, high)) for n in (mean, low, high))
        interval = self.t("page.from_to", low=ends[0], high=ends[1])
        return {"state": gap_state(low, high), "mean": mean, "value": value, "interval": interval}

    def built(self, scenario: str, year: int) -> dict[str, str]:
        """Return the beds that a scenario adds in the city by the end of a year."""
        results, city = self.results[scenario], self.page.city.id
        more = results.row(city, year)["supply"] - results.row(city, beds.counted_in(self.page))["supply"]
        return {"value": ("+" if more > 0.5 else "") + self.t.rounded(more)}

    def occupied(self, scenario: str, year: int) -> dict[str, str]:
        """Return the occupancy of the city's institutions in a year if as many apply as today."""
        row = self.results[scenario].institutions.loc[(self.page.city.id, year)]
        mean, low, high = (self.t.percent(row[f"occupancy_as_today_{name}"], 0) for name in ("mean", "p10", "p90"))
        return {"value": mean, "interval": self.t("page.from_to", low=low, high=high)}

    def met(self, scenario: str) -> dict[str, str]:
        """Return from when on the city meets the norm again (median), with the 80% interval."""
        row = self.results[scenario].crossing.loc[self.page.city.id]
        said = [beds.met_text(self.page, row[f"met_again_year_{name}"]) for name in ("p50", "p10", "p90")]
        later = self.page.say("page.later") if pd.isna(row["met_again_year_p90"]) else said[2]
        span = self.t("page.from_to", low=said[1], high=later)
        return {"value": said[0], "interval": "" if said[1] == said[2] else span}

    def changed_values(self, scenario: str, area: str) -> str:
        """Return the values that pages of an area were made with, where they were changed."""
        values: dict[str, object] = {}
        for page in sorted(self.pages):
            values |= self.pages[page][1] if (page.scenario, page.area) == (scenario, area) else {}
        return ", ".join(f"{key} = {value}" for key, value in sorted(values.items()))

    def folders(self, scenario: str) -> dict[str, bool]:
        """Return the names of a scenario's folders of tables, each with whether values were changed."""
        names = {TableFolder(scenario, is_changed).name: is_changed for is_changed in (False, True)}
        return {n: changed for n, changed in names.items() if self.results[scenario].folder.with_name(n).is_dir()}
