"""Published counts beside a run: the report, later counts, and what the country has published."""

from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from eldercare.model.demography import E0_EVERY
from eldercare.model.draws import spread
from eldercare.model.run import Run
from eldercare.model.supply import SPLIT
from eldercare.population import SEXES


class Published(Run):
    """A run beside what was published; parameters and errors as for :class:`Run`."""

    @property
    def report(self) -> pd.DataFrame:
        """Figures of the report, indexed by indicator."""
        return self._report.copy()

    def counts(self, table: str, indicator: str, area: str | None = None, basis: str | None = None) -> pd.Series:
        """Return the figures of an area (default: the run's) that are in use, by year."""
        area = area or self.area
        rows = self.project.table(table).query("used and area == @area and indicator == @indicator")
        rows = rows[rows["basis"] == basis] if basis else rows
        return rows.set_index("year")["value"].sort_index()

    @property
    def starting_point(self) -> pd.DataFrame:
        """People at launch and the area's part of the report's totals: name, value, kind (reported, estimated ...)."""
        census = self.project.table("census_totals").set_index(["area", "year"])["value"]
        rows = [("residents", float(census.get((self.area, self.launch_year), np.nan)), "reported")]
        people = {"elders": self.elders(), "registered": self.elders(basis="registered")}
        rows += [(name, float(draws[0].mean()), "estimated") for name, draws in people.items()]
        for indicator in SPLIT:
            values = self.split(indicator).values
            first = "assumed" if self.is_assumed([indicator]) else "reported"
            kind = "allocated" if self.is_allocated([indicator]) else first
            rows.append((indicator, sum(values[county] for county in self.members()), kind))
        return pd.DataFrame(rows, columns=["name", "value", "kind"])

    @cached_property
    def published_checks(self) -> pd.DataFrame:
        """The model beside published counts of the projected years: count, year, model, p10, p90, published, fitted.

        Counts of persons; the share of people aged 60 and over among the registered is a fraction of 1.
        """
        flows, elders = self.projection(), self.elders(basis="registered")
        residents, registered = (flows.population[basis].sum(axis=(1, 2)) for basis in flows.population)
        compared = {
            "registered_60": (elders, self.counts("registered_population", "registered_60plus")),
            "share": (elders / registered, self.counts("registered_population", "share_60plus_registered") / 100),
            "residents": (residents, self.counts("resident_population", "resident_year_end")),
            "deaths": (flows.deaths["resident"], self.counts("vital_events", "deaths", basis="resident")),
            "births": (flows.births["resident"], self.counts("vital_events", "births", basis="resident")),
        }
        counts = self.project.city.registered_counts
        fitted = {("registered_60", count.year) for count in counts if count.indicator == "registered_60plus"}
        # The level of fertility was chosen by the births of the first year.
        fitted.add(("births", self.launch_year + 1))
        rows = [
            (name, year, value.mean(), *np.quantile(value, [0.1, 0.9]), published[year], (name, year) in fitted)
            for name, (values, published) in compared.items()
            for year, value in zip(self.years[-len(values) :], values, strict=True)
            if year in published.index
        ]
        return pd.DataFrame(rows, columns=["count", "year", "model", "p10", "p90", "published", "fitted"])

    @cached_property
    def longevity(self) -> pd.DataFrame:
        """Life expectancy at birth, years: mean, p10, p90 of each sex and of both, and the UN's for the country.

        Rows are the milestone years after the launch that the projection keeps; the sexes are weighted equally.
        """
        un = self.project.table("life_expectancy_projected").set_index("year")[["e0", "e0_p10", "e0_p90"]]
        un.columns = ["china", "china_p10", "china_p90"]
        e0 = self.projection().e0
        rows: dict[int, dict[str, np.ndarray]] = {}
        for year in self.project.city.milestones:
            step, rest = divmod(year - self.launch_year, E0_EVERY)
            if rest or not 0 < step < len(e0):
                continue
            rows[year] = {}
            for name, drawn in zip((*SEXES, "both"), (*e0[step], e0[step].mean(axis=0)), strict=True):
                of = spread(drawn)
                rows[year] |= {name: of["mean"], f"{name}_p10": of["p10"], f"{name}_p90": of["p90"]}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year").join(un)

    @property
    def national_pace(self) -> dict[str, float]:
        """Yearly growth of the country's beds between two counts and since: first, last, newest, growth, recent."""
        beds = self.counts("care_evidence", "beds_total", self.project.city.country)
        first, last, newest = years = (*self.project.city.pace_years, int(beds.index[-1]))
        growth, recent = (float(beds[b] / beds[a]) ** (1 / max(b - a, 1)) - 1 for a, b in pairwise(years))
        return {"first": first, "last": last, "newest": newest, "growth": growth, "recent": recent}
