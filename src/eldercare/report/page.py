"""A page under construction: its run, language and words, and the parts that all pages share."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cache, cached_property
from importlib import resources
from typing import Any, Self

import htpy as h
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import eldercare
from eldercare.inputs import Project, Setting
from eldercare.inputs.models import DENOMINATORS, EVIDENCE, UNITS
from eldercare.inputs.tables import Source
from eldercare.model import Results
from eldercare.model.launch import CENSUS_TABLE
from eldercare.report import style
from eldercare.report.chart import Chart, Column, Table, Words
from eldercare.report.html import Html, TwoFold, join, prose
from eldercare.report.marks import Series
from eldercare.report.text import Text, names

# Marks of a column's specification: decimals and percentages; the others that say how a value is written.
DECIMALS = re.compile(r"(?=.)(?:\.([0-9?]))?(%)?")
FORMS = {"+": "signed", "text": "text", "year": "year"}
Specs = Sequence[str | Column]
Rows = Iterable[int] | None  # the years that a table prints


class Page:
    """One page: a topic for one area, scenario and language, "en" or "zh".

    ``topic`` is the file of the catalogue with its words, such as ``beds``; area, scenario, overrides and project are
    as for :func:`eldercare.load`. ``run`` has the numbers and ``t`` the words; ``first`` and ``last`` are the launch
    year and the last one projected, ``near`` and ``target`` that of which answers speak first and that of plans,
    ``years`` those that tables show. ``area_name`` and ``scenario_name`` are in the page's language.
    """

    def __init__(
        self,
        topic: str,
        area: str | None = None,
        scenario: str = "baseline",
        overrides: Mapping[str, object] | str | None = None,
        language: str = "en",
        project: Project | None = None,
    ):
        self.topic = topic
        self.run: Results = eldercare.load(area, scenario, overrides, project)
        self.city = self.run.project.city
        self.t = Text(language, names(self.run.project, language))
        self.first, self.last = int(self.run.years[0]), int(self.run.years[-1])
        self.near, self.target = self.city.near_year, self.city.target_year
        self.years = [year for year in self.city.milestones if year <= self.last]
        self.is_city = self.run.area == self.city.id
        self.area_name, self.scenario_name = self.area_of(self.run.area), self.scenario_of(self.run.scenario)

    @property
    def now(self) -> int:
        """The present year: the last one before new beds open."""
        return int(np.clip(int(self.run["supply.first_year"]) - 1, self.first, self.last))

    def about(self, topic: str) -> Self:
        """Return the same page with the words of another topic."""
        page = copy(self)
        page.topic = topic
        return page

    def area_of(self, area: str) -> str:
        """Return the name of any area in the page's language."""
        return self.run.project.label(area, self.t.language)

    def areas_of(self, areas: Iterable[str]) -> str:
        """Return the names of areas as prose."""
        return self.t.join(map(self.area_of, areas))

    def scenario_of(self, scenario: str) -> str:
        """Return the name of any scenario in the page's language."""
        return self.t.pick(self.run.project.scenarios[scenario].label)

    def parameter_of(self, key: str) -> str:
        """Return the name of a parameter in the page's language."""
        return self.t.pick(self.run.project.parameters[key].label)

    def own_words(self, text: str) -> str:
        """Return a text that the inputs hold once, in the page's language where config/city.yaml lists it."""
        return next((self.t.pick(both) for both in self.city.chinese if both["en"] == text), text)

    def source(self, source_id: str) -> Html:
        """Return the title of a source in the page's language, as a link where its address is on record."""
        source = self.run.project.sources[source_id]
        title = self.own_words(source.title)
        return Html(h.a(href=source.url, rel="noreferrer")[title] if "://" in source.url else h.span[title])

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the page's topic (or of another, ``topic.key``) with its fields filled.

        The area's name, the first and the last year are always at hand. A float is a count, written rounded, all in
        one notation, which is also that of the counts given as ``among``, those of other parts of the sentence.
        """
        others: Any = values.pop("among", ())
        counts = {name: value for name, value in values.items() if isinstance(value, float)}
        every = (*counts.values(), *others)
        given = values | {name: self.t.rounded(value, beside=every) for name, value in counts.items()}
        always = {"area": self.area_name, "first": self.first, "last": self.last}
        return self.t(key if "." in key else f"{self.topic}.{key}", **always | given)

    def heading(self, *parts: object) -> TwoFold:
        """Return the page's question, a banner where values were changed, and the parts given, such as the answer.

        In a notebook it brings the style and the font of the pages along, so that all that follows looks right.
        """
        question = [Html(h.p(".question")[self.say("question")])] if self.t.has(f"{self.topic}.question") else []
        changed = []
        for key in self.run.overrides:
            # Not a reading of results: told on a page, a value must not make the page one that depends on it.
            setting = self.run.settings.all[key]
            value, before = (self.value(key, given) for given in (setting.value, setting.trail[-2].value))
            label = self.parameter_of(key)
            changed.append(self.t("page.override_item", label=label, key=key, value=value, before=before))
        told = self.t("page.override", items=self.t.join(changed))
        banner = [h.div(".override", role="note")[told]] if changed else []
        site = join([*question, *banner, *parts])
        place = h.p[h.strong[self.area_name, " · ", self.scenario_name]]
        return TwoFold(site, notebook_style() + Html(place) + site)

    def answer(self, *sentences: str, allocated: bool | None = None, own: Sequence[str] = ()) -> Html:
        """Return the answer of a page, sentences in the largest type, and the text ``supply_allocated`` or _reported.

        The text says where the supply comes from; it is left out where ``allocated`` is None. Where a county of the
        area has a number of its own of the totals ``own``, the rule for these is told in its place, or its year.
        """
        answer = Html(h.p(".answer")[self.t.sentences(sentences)])
        if allocated is None:
            return answer
        kind = "allocated" if allocated else "reported"
        stocks = [self.run.stock(name) for name in own]
        if not any(stock.own[county] for stock in stocks for county in self.run.members()):
            key = f"supply_{kind}"
            if own and self.run.is_assumed(own):
                kind, key = "assumed", "page.supply_assumed_share" if allocated else "page.supply_assumed"
            origin = self.say(key)
        elif not (allocated or self.is_city) and (year := max(max(s.own[self.run.area], default=0) for s in stocks)):
            origin = self.say("page.supply_own_counted", area=self.area_name, year=year)
        else:
            origin = self.say(f"page.supply_own_{kind}")
        return join([answer, h.p(".note")[self.tag(kind), " ", origin]])

    def finding(self, *sentences: str) -> Html:
        """Return what a section shows, in sentences."""
        return Html(h.p(".finding")[prose(self.t.sentences(sentences))])

    def note(self, key: str, /, **values: object) -> Html:
        """Return a paragraph from the catalogue."""
        return Html(h.p(".note")[prose(self.say(key, **values))])

    def fold(self, key: str, body: Any, /, **values: object) -> Html:
        """Return what stands in a fold, closed at first, under a text of the catalogue."""
        return Html(h.details(".more")[h.summary[self.say(key, **values)], body])

    def tag(self, kind: str) -> Html:
        """Return a small label: reported, allocated, assumed or estimated."""
        return Html(h.span(class_=f"tag {kind}")[self.t(f"page.tag_{kind}")])

    def crossing(self, year: float) -> str:
        """Return how a crossing year is told: ``never``, ``already`` in the launch year, or ``crossing``."""
        return "never" if pd.isna(year) else "already" if year <= self.first else "crossing"

    def year_text(self, year: float) -> str:
        """Return a crossing year in words: a year, already below at the start, or not within the horizon."""
        case = self.crossing(year)
        return str(int(year)) if case == "crossing" else self.say(f"page.{case}")

    def column(self, spec: str, label: str = "", words: Words | None = None) -> Column:
        """Return a column of a table from its specification: the name in the frame, then how it is shown.

        A name alone is a whole number under the label ``c_NAME`` of the topic. After it, parted by spaces:

        ``.1``, ``.?`` : decimals, or as many as each value asks for
        ``%``, ``.1%`` : a share as a percentage
        ``+`` : with its sign
        ``~`` : with its 80% interval
        ``text``, ``year`` : words as they stand, a year
        ``when`` : a crossing year in words (:meth:`year_text`)
        ``:KEY`` : the text ``KEY_VALUE`` of the catalogue for each value
        ``=KEY`` : another label of the catalogue

        Known are ``year``, ``area``, ``scenario``, ``kind`` (a label such as "reported") and ``allocated``, each alone.
        Give ``label`` where it needs a value, and ``words`` where the catalogue has none.
        """
        name, *marks = spec.split()
        if spec in self._known:
            form, key, words = self._known[spec]
            return Column(name, self.t(key), form=form, words=words)
        key, form, interval = f"c_{name}", "number", False
        decimals: int | None = 0
        for mark in marks:
            if number := DECIMALS.fullmatch(mark):
                decimals = None if number[1] == "?" else int(number[1] or 0)
                form = "percent" if number[2] else form
            elif mark in FORMS:
                form = FORMS[mark]
            elif mark == "when":
                form, words = "year", self.year_text
            elif mark == "~":
                interval = True
            elif mark[0] == ":":
                form, words = "text", lambda value, stem=mark[1:]: self.say(f"{stem}_{value}")
            elif mark[0] == "=":
                key = mark[1:]
            else:
                raise ValueError(f"column {spec!r}: {mark!r} is not known")
        return Column(name, label or self.say(key), decimals, form, interval, words)

    @cached_property
    def _known(self) -> dict[str, tuple[str, str, Words | None]]:
        return {
            "year": ("year", "page.c_year", None),
            "area": ("text", "page.c_area", self.area_of),
            "scenario": ("text", "scenarios.c_scenario", self.scenario_of),
            "kind": ("text", "page.c_kind", self.tag),
            "allocated": ("text", "page.c_kind", lambda yes: self.tag("allocated" if yes else "reported")),
        }

    def columns(self, *specs: str | Column) -> list[Column]:
        """Return columns from their specifications (see :meth:`column`), such as ``"year", "supply", "gap ~"``."""
        return [spec if isinstance(spec, Column) else self.column(spec) for spec in specs]

    def line(self, name: str, colour: str = style.BLUE, key: str = "", **look: Any) -> Series:
        """Return a column as a line of a chart, labelled ``line_NAME`` or ``key`` of the catalogue."""
        return Series(name, self.say(key or f"line_{name}"), colour, **look)

    def probabilities(self, frame: pd.DataFrame, stem: str = "probability_by") -> list[Column]:
        """Return the columns STEM_YEAR of a frame of crossings, in order, labelled ``c_STEM``."""
        names = sorted(name for name in frame if name.startswith(f"{stem}_"))
        return [self.column(f"{name} %", self.say(f"c_{stem}", year=name[-4:])) for name in names]

    def table(
        self, name: str, frame: pd.DataFrame, columns: Specs, /, *, shown: Rows = None, cls: str = "data", **values: Any
    ) -> Table:
        """Return a table of the page's topic, with the caption ``NAME_caption`` of the catalogue.

        All rows are printed, or those of the years ``shown``; of a frame indexed by year those of the milestones.
        All rows are in its file.
        """
        if shown is None and frame.index.name == "year":
            shown = self.years
        if frame.index.name is not None:
            frame = frame.reset_index()
        rows = None if shown is None else frame["year"].isin(list(shown)).tolist()
        return Table(name, frame, self.columns(*columns), self.say(f"{name}_caption", **values), self.t, rows, cls)

    def chart(
        self,
        name: str,
        frame: pd.DataFrame,
        columns: Specs,
        figure: Figure,
        /,
        *,
        finding: str = "",
        key: str = "",
        allocated: bool = False,
        shown: Rows = None,
        **values: Any,
    ) -> Chart:
        """Return a chart of the page's topic: the frame as drawn, and its words from the catalogue.

        The caption is ``NAME_caption``; the finding ``NAME_alt``, or ``key`` where it depends on the case, or the
        text given; the source line ``NAME_source``, or the topic's ``source`` where there is none, followed by
        ``also_allocated`` where the supply is. ``values`` fill the fields of all of them.
        """
        table = self.table(name, frame, columns, shown=shown, **values)
        source = f"{name}_source" if self.t.has(f"{self.topic}.{name}_source") else "source"
        lines = [source, "also_allocated"] if allocated else [source]
        below = self.t.sentences(self.say(line, **values) for line in lines)
        return Chart(table, figure, finding or self.say(key or f"{name}_alt", **values), below)

    def value(self, key: str, value: Any) -> str:
        """Return a parameter's value as people write it, without its unit; a share as a percentage."""
        if value is None:
            return self.t("page.not_reported")
        parameter = self.run.project.parameters[key]
        if parameter.unit == "choice":
            name = f"page.choice_{value}"
            return self.t(name) if self.t.has(name) else str(value)
        if parameter.unit == "year":
            return str(int(value))
        is_share = parameter.unit == "share"
        shown = round(100.0 * value, 6) if is_share else value
        number = f"{shown:,.6f}".rstrip("0").rstrip(".") if isinstance(shown, float) else f"{shown:,}"
        return number.replace("-", "\N{MINUS SIGN}") + "%" * is_share

    def choice(self, key: str) -> str:
        """Return the value in force of a parameter that is a choice, in words."""
        return self.value(key, self.run[key])

    def imported(self) -> Html:
        """Return from which imported table the people of the launch year are counted, or nothing."""
        project = self.run.project
        if CENSUS_TABLE not in project.reads.tables:
            return Html("")
        source = project.sources[project.table(CENSUS_TABLE)["source_id"].iloc[0]]
        facts = filter(None, (self.own_words(source.title), self.own_words(source.publisher), source.date))
        told = self.t.sentences(facts, "semicolon")
        return self.note("page.imported", file=f"data/raw/{CENSUS_TABLE}.csv", source=told)

    def parameters(self) -> Html:
        """Return the parameters and the sources of data that this page read so far, and which table was imported."""
        keys = self.run.parameters_read()
        if not keys:
            return join([self.imported(), self.note("page.no_parameters"), self._data_sources()])
        rows = [self._parameter(key) for key in self.run.project.parameters if key in keys]
        specs = ("parameter text", "value", "interval", "unit text", "evidence text", "source text")
        columns = self.columns(*(f"{spec} =page.c_{spec.split()[0]}" for spec in specs))
        caption = self.t("page.parameters_caption")
        table = Table("parameters", pd.DataFrame(rows), columns, caption, self.t, cls="parameters")
        fold = self.fold("page.show_parameters", table, n=len(rows))
        return join([self.imported(), self.note("page.parameters_note"), fold, self._data_sources()])

    def sources(self, found: Iterable[Source], caption: str = "page.data_sources_caption") -> Table:
        """Return a table of sources, each a link where its address is on record."""
        first = self.column("source_id text =page.c_source", words=self.source)
        rest = self.columns(self.column("publisher text =page.c_publisher", words=self.own_words))
        rest += self.columns("date text =page.c_date", "quality :page.quality =page.c_quality")
        return Table("sources", pd.DataFrame(map(vars, found)), [first, *rest], self.say(caption), self.t)

    def _data_sources(self) -> Html:
        project = self.run.project
        tables = (project.table(name) for name in project.reads.tables)
        read = {key for table in tables if "source_id" in table for key in table["source_id"]}
        found = [source for key, source in project.sources.items() if key in read]
        if not found:
            return Html("")
        return Html(h.div(id="data-sources")[self.fold("page.show_sources", self.sources(found), n=len(found))])

    def _parameter(self, key: str) -> dict[str, object]:
        setting, shown = self._in_force(key)
        parameter, step = setting.parameter, setting.trail[-1]
        interval: object = self.t("page.no_interval")
        if setting.interval is not None:
            low, high = (self.value(key, end) for end in setting.interval)
            interval = Html(h.span(".range")[self.t("page.from_to", low=low, high=high)])
        unit = self.t("page.share") if parameter.unit == "share" else self.t.pick(UNITS[parameter.unit])
        if parameter.denominator != "none":
            unit = self.t("page.per", unit=unit, denominator=self.t.pick(DENOMINATORS[parameter.denominator]))
        known = step.source_id in self.run.project.sources
        title = self.source(step.source_id) if known else h.span[self.t("page.no_source")]
        return {
            "parameter": join([h.span[self.parameter_of(key)], h.code[key]], " "),
            "value": shown,
            "interval": interval,
            "unit": unit,
            "evidence": Html(h.span(class_=f"tag {step.evidence}")[self.t.pick(EVIDENCE[step.evidence])]),
            "source": join([title, *([h.br, h.small[self.own_words(step.locator)]] if step.locator else [])], ""),
        }

    def _in_force(self, key: str) -> tuple[Setting, str]:
        """Return a parameter's setting and value; for a city whose counties differ, their values and the first one."""
        own = self.run.settings.read(key)
        by_value: dict[object, list[str]] = {}
        for county in self.run.members():
            by_value.setdefault(self.run.county_settings[county].value(key), []).append(county)
        if len(by_value) == 1 and own.value in by_value:
            return own, self.value(key, own.value)
        parts = [
            self.t("page.of_counties", value=self.value(key, value), areas=self.areas_of(areas))
            for value, areas in by_value.items()
        ]
        return self.run.county_settings[self.run.members()[0]].read(key), self.t.sentences(parts, "semicolon")

    def draws_note(self) -> Html:
        """Return what the bands are: how many draws of what, with which seed."""
        draws, seed = map(self.run.settings.value, ("run.draws", "run.seed"))
        return self.note("page.provenance_draws", draws=self.t.number(draws), seed=int(seed))


@cache
def notebook_style() -> Html:
    """Return the style sheet of figures and tables with its Latin font, for notebooks outside the site.

    Chinese characters are as wide in every font, so the reader's own serves; Latin ones are not, and labels that were
    measured in one font would be cut in another.
    """
    folder = resources.files("eldercare.report") / "fonts"
    faces = "".join(
        f'@font-face{{font-family:"{style.font_families()[0]}";font-weight:{weight};src:url(data:font/woff2;base64,'
        f'{b64encode((folder / f"NotoSansSC-Latin-{face}.woff2").read_bytes()).decode()}) format("woff2");'
        "unicode-range:U+0-FF,U+2010-22FF,U+25A0-25CF}"
        for face, weight in (("Regular", 400), ("Bold", 700))
    )
    sheet = (resources.files("eldercare.report") / "notebook.css").read_text(encoding="utf-8")
    return Html(f"<style>{faces}{sheet}</style>")
