"""Published counts beside a run: the report, later counts, and what the country and neighbours have published."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eldercare.inputs import Project
from eldercare.inputs.city import City
from eldercare.model.demography import E0_EVERY, CountyProjection, count_from
from eldercare.population import SEXES

# Counts of a county's institution beds that are not its full count, and the institutions that they belong to.
WELFARE_BEDS, WELFARE_HOMES = "beds_welfare_type_elder_institutions", "welfare_type_elder_institutions"


def report(project: Project) -> pd.DataFrame:
    """Return the figures of the report, indexed by indicator."""
    return project.table(project.city.report.table).set_index("indicator")


def used(project: Project, table: str, area: str, indicator: str) -> pd.Series:
    """Return the figures of an area that are in use, by year."""
    rows = project.table(table)
    rows = rows[(rows["area"] == area) & (rows["indicator"] == indicator)]
    if "used" in rows:
        rows = rows[rows["used"].astype(bool)]
    return rows.set_index("year")["value"].sort_index()


def elders(project: Project, area: str) -> pd.Series:
    """Return the published registered people aged 60 and over, by year from a year before the launch on."""
    counts = used(project, "registered_population", area, "registered_60plus")
    return counts[counts.index >= project.city.launch_year - 1].rename("published")


def checks(project: Project, area: str, years: np.ndarray, projection: CountyProjection) -> pd.DataFrame:
    """Return the model beside published counts of the projected years: count, year, model, published, fitted.

    Counts of persons; the share of people aged 60 and over among the registered is a fraction of 1.
    """
    city = project.city
    fitted = {(count.indicator, count.year) for count in city.registered_counts}
    registered = projection.population["registered"]
    older, everyone = count_from(registered, 60).mean(axis=1), registered.sum(axis=(1, 2)).mean(axis=1)
    residents = projection.population["resident"].sum(axis=(1, 2)).mean(axis=1)
    rows: list[tuple[str, int, float, float, bool]] = []

    def add(name: str, modelled: Mapping[int, float], published: pd.Series, scale: float = 1.0, fit: str = "") -> None:
        for year, value in published.items():
            if year in modelled:
                known = fit == "always" or (fit, year) in fitted
                rows.append((name, int(year), float(modelled[year]), float(value) * scale, known))

    by_year = dict(zip(years.tolist(), older, strict=True))
    add(
        "registered_60",
        by_year,
        used(project, "registered_population", area, "registered_60plus"),
        fit="registered_60plus",
    )
    share = dict(zip(years.tolist(), older / everyone, strict=True))
    add("share", share, used(project, "registered_population", area, "share_60plus_registered"), 0.01)
    add(
        "residents",
        dict(zip(years.tolist(), residents, strict=True)),
        used(project, "resident_population", area, "resident_year_end"),
    )
    for name in ("deaths", "births"):
        events = project.table("vital_events")
        counts = events[(events["area"] == area) & (events["basis"] == "resident") & (events["indicator"] == name)]
        modelled = dict(zip(years[1:].tolist(), getattr(projection, name)["resident"].mean(axis=1), strict=True))
        add(name, modelled, counts.set_index("year")["value"], fit="always" if name == "births" else "")
    return pd.DataFrame(rows, columns=["count", "year", "model", "published", "fitted"])


def longevity(project: Project, years: np.ndarray, projection: CountyProjection) -> pd.DataFrame:
    """Return life expectancy at birth, years: mean, p10, p90 of each sex and of both, and the UN's for the country.

    Rows are the milestone years after the launch that the projection keeps; the sexes are weighted equally.
    """
    un = project.table("life_expectancy_projected").set_index("year")
    rows = {}
    for year in project.city.milestones:
        step, rest = divmod(year - int(years[0]), E0_EVERY)
        if rest or not 0 < step < len(projection.e0):
            continue
        drawn = dict(zip(SEXES, projection.e0[step], strict=True)) | {"both": projection.e0[step].mean(axis=0)}
        row = {}
        for name, values in drawn.items():
            low, high = np.quantile(values, [0.1, 0.9])
            row |= {name: values.mean(), f"{name}_p10": low, f"{name}_p90": high}
        known = un.loc[year] if year in un.index else pd.Series(np.nan, index=["e0", "e0_p10", "e0_p90"])
        rows[year] = row | {"china": known["e0"], "china_p10": known["e0_p10"], "china_p90": known["e0_p90"]}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")


def lead(project: Project, level_year: int) -> float:
    """Return how far the city's published life expectancy was above the country's, years."""
    table = project.table("life_expectancy")
    rows = table[(table["year"] == level_year) & (table["sex"] == "total")].set_index("area")["e0"]
    return float(rows.loc[project.city.id] - rows.loc[project.city.country])


def national_pace(project: Project) -> dict[str, float]:
    """Return the yearly growth of the country's beds between two counts, and their years."""
    city: City = project.city
    first, last = city.pace_years
    beds = used(project, "care_evidence", city.country, "beds_total")
    return {"first": first, "last": last, "growth": float(beds[last] / beds[first]) ** (1 / (last - first)) - 1}


def county_beds(project: Project) -> pd.DataFrame:
    """Return published counts of a county's beds in welfare-type institutions: area, year, homes, beds."""
    table = project.table("care_evidence")
    rows = table[table["used"].astype(bool) & table["indicator"].isin([WELFARE_BEDS, WELFARE_HOMES])]
    wide = rows.pivot(index=["area", "year"], columns="indicator", values="value").reindex(
        columns=[WELFARE_HOMES, WELFARE_BEDS]
    )
    return wide.set_axis(["homes", "beds"], axis=1).reset_index()


def bed_shares(project: Project, nursing: float, nursing_target: float) -> pd.DataFrame:
    """Return the private and the nursing-type share of institution beds: row, now, beside, target (fractions of 1).

    Beside the private share stands the one that the report prints; beside the nursing-type one the country's newest.
    """
    value = report(project)["value"]
    country = used(project, "care_evidence", project.city.country, "nursing_bed_share")
    private = value["beds_private"] / value["beds_institutional"]
    rows = [
        ("private", private, value["private_bed_share"] / 100, value["private_bed_share_target"] / 100),
        ("nursing", nursing, float(country.iloc[-1]) / 100 if len(country) else np.nan, nursing_target),
    ]
    return pd.DataFrame(rows, columns=["row", "now", "beside", "target"])
