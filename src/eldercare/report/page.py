"""A page under construction: its run, language and texts, and the parts that all pages share."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eldercare.inputs import CITY, Project, Setting
from eldercare.inputs.reads import KIND, Reads
from eldercare.inputs.vocabulary import DENOMINATORS, EVIDENCE, UNITS
from eldercare.model import Results
from eldercare.report.html import Html, element, join, prose, table
from eldercare.report.text import Text

TABLE_YEARS = (2020, 2025, 2030, 2035, 2040, 2050)


class Provenance(Html):
    """The last part of a page, with the record of what the page was made from beside it."""

    reads: Reads

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {"text/html": str(self), KIND: self.reads.record()}


class Page:
    """One page: a notebook for one area, scenario and language.

    Parameters
    ----------
    notebook : str
        Stem of the notebook file.
    area, scenario, overrides
        As for :class:`eldercare.model.Results`.
    language : {"en", "zh"}
    project : Project, optional
    """

    def __init__(
        self,
        notebook: str,
        area: str,
        scenario: str,
        overrides: Mapping[str, object] | None = None,
        language: str = "en",
        project: Project | None = None,
    ):
        self.notebook = notebook
        self.t = Text(language)
        self.run = Results(area, scenario, overrides, project)

    @property
    def area_name(self) -> str:
        """Name of the area in the page's language."""
        return self.run.label(self.t.language)

    @property
    def is_city(self) -> bool:
        """Whether the page is about the whole city."""
        return self.run.area == CITY

    @property
    def years(self) -> list[int]:
        """Years that tables show, up to the last one projected."""
        last = int(self.run.years[-1])
        return [year for year in TABLE_YEARS if year <= last]

    def area_of(self, area: str) -> str:
        """Return the name of any area in the page's language."""
        return self.run.label(self.t.language, area)

    def heading(self) -> Html:
        """Return the h1 with topic, area and scenario, the page's question, and a banner for changed values."""
        title = self.t(
            "page.title",
            topic=self.t(f"page.topic_{self.notebook}"),
            area=self.area_name,
            scenario=self.run.scenario_label(self.t.language),
        )
        parts = [
            element("h1", title),
            element("p", self.t(f"page.question_{self.notebook}", area=self.area_name), cls="question"),
        ]
        changed = [key for key in self.run.settings_used(self.notebook) if self.run.settings[key].overridden]
        if changed:
            parts.append(self._banner(changed))
        return join(parts)

    def _banner(self, keys: list[str]) -> Html:
        parts = []
        for key in keys:
            setting = self.run.settings[key]
            before = setting.trail[-2].value
            parts.append(
                self.t(
                    "page.override_item",
                    label=self.t.pick(setting.parameter.label),
                    key=key,
                    value=self.value(key, setting.value),
                    before=self.value(key, before),
                )
            )
        return element("div", self.t("page.override", items=self.t.join(parts)), cls="override", role="note")

    def section(self, name: str) -> Html:
        """Return the heading of a section with an id to link to."""
        key = f"{self.notebook[3:]}.h_{name}"
        key = key if self.t.has(key) else f"page.h_{name}"
        return element("h2", self.t(key), id=name)

    def note(self, key: str, cls: str = "note", **values: object) -> Html:
        """Return a paragraph from the catalogue."""
        return element("p", prose(self.t(key, **values)), cls=cls)

    def tag(self, kind: str) -> Html:
        """Return a small label: reported, allocated, assumed or estimated."""
        return element("span", self.t(f"page.tag_{kind}"), cls=f"tag {kind}")

    def supply_tag(self, allocated: bool) -> Html:
        """Return the label that says whether a number was reported or allocated."""
        return self.tag("allocated" if allocated else "reported")

    def twin_label(self) -> str:
        """Return the words that open a chart's table."""
        return self.t("page.twin")

    def value(self, key: str, value: object) -> str:
        """Return a parameter's value as people write it, without its unit."""
        if value is None:
            return self.t("page.not_reported")
        parameter = self.run.project.parameters[key]
        if parameter.unit == "choice":
            name = f"page.choice_{value}"
            return self.t(name) if self.t.has(name) else str(value)
        if parameter.unit == "year":
            return str(int(value))
        number = f"{value:,.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
        return number.replace("-", "\N{MINUS SIGN}")

    def parameters(self) -> Html:
        """Return the table of the parameters that this page's results read, with their evidence and sources."""
        rows = []
        for key in self.run.settings_used(self.notebook):
            setting, shown = self._in_force(key)
            parameter = setting.parameter
            step = setting.trail[-1]
            interval: str = self.t("page.no_interval")
            if setting.interval is not None:
                low, high = (self.value(key, end) for end in setting.interval)
                interval = element("span", f"{low} \N{EN DASH} {high}", cls="range")
            unit = self.t.pick(UNITS[parameter.unit])
            if parameter.denominator != "none":
                unit = self.t("page.per", unit=unit, denominator=self.t.pick(DENOMINATORS[parameter.denominator]))
            source = self.run.project.sources.get(step.source_id)
            rows.append(
                {
                    self.t("page.c_parameter"): Html(
                        element("span", self.t.pick(parameter.label)) + " " + element("code", key)
                    ),
                    self.t("page.c_value"): shown,
                    self.t("page.c_interval"): interval,
                    self.t("page.c_unit"): unit,
                    self.t("page.c_evidence"): Html(
                        element("span", self.t.pick(EVIDENCE[step.evidence]), cls=f"tag {step.evidence}")
                    ),
                    self.t("page.c_source"): Html(
                        element("span", source.title if source else self.t("page.no_source"))
                        + ("<br>" + element("small", step.locator) if step.locator else "")
                    ),
                }
            )
        if not rows:
            return self.note("page.no_parameters")
        frame = pd.DataFrame(rows)
        value, interval_label = self.t("page.c_value"), self.t("page.c_interval")
        caption = self.t("page.parameters_caption", scenario=self.run.scenario_label(self.t.language))
        return join(
            [
                self.section("parameters"),
                self.note("page.parameters_note"),
                element(
                    "details",
                    join(
                        [
                            element("summary", self.t("page.show_parameters", n=len(rows))),
                            table(frame, caption, cls="parameters", numeric=[value, interval_label]),
                        ]
                    ),
                    cls="more",
                ),
            ]
        )

    def _in_force(self, key: str) -> tuple[Setting, str]:
        """Return a parameter's setting and value; for a city whose counties differ, their values and the first one."""
        own, by_value = self.run.settings[key], {}
        for county in self.run.members():
            by_value.setdefault(self.run.counties[county].settings.value(key), []).append(county)
        if len(by_value) == 1 and own.value in by_value:
            return own, self.value(key, own.value)
        parts = [
            self.t(
                "page.of_counties", value=self.value(key, value), areas=self.t.join([self.area_of(c) for c in areas])
            )
            for value, areas in by_value.items()
        ]
        return self.run.counties[self.run.members()[0]].settings[key], self.t("page.semicolon").join(parts)

    def provenance(self) -> Provenance:
        """Return what the page rests on: data tables, draws, seed, and what is allocated or assumed.

        Every page ends with it: the record of what was read is taken when it is shown.
        """
        settings = self.run.settings
        parts = [
            self.section("provenance"),
            self.note(f"page.provenance_{self.notebook}"),
            self.note(
                "page.provenance_draws",
                draws=self.t.number(settings.value("run.draws")),
                seed=int(settings.value("run.seed")),
            ),
        ]
        said = Provenance(join(parts))
        said.reads = self.run.project.reads
        return said
