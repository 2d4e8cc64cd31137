"""An invented city of two counties, census of 2015: figures for what the templates of ``eldercare new-city`` ask."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.site.faults import here

CITY, COUNTIES = "linhu", ("donghu", "xishan")
PLACES = (
    "linhu=330900=临湖市",
    "--county",
    "donghu=330902=东湖区",
    "--county",
    "xishan=330921=西山县",
    "--census",
    "2015",
)
RESIDENTS = {"donghu": 600_000, "xishan": 300_000}
# Persons of each group in a thousand, from the first year of life to 85 and over.
AGES = {
    "donghu": (9, 38, 50, 46, 45, 62, 85, 92, 80, 78, 80, 82, 76, 62, 46, 31, 20, 11, 7),
    "xishan": (8, 33, 44, 42, 42, 50, 62, 66, 66, 72, 84, 92, 92, 82, 66, 44, 29, 16, 10),
}
CENSUS = {"males_per_100_females": 102.5, "urban_share": 0.6, "registered_elsewhere_same_province_share": 0.08}
CENSUS |= {"registered_in_other_province_share": 0.06}
REPORT = {
    "beds_total": 9_000, "beds_institutional": 6_000, "beds_home_care_centres": 3_000, "beds_per_1000_elders": 50,
    "beds_per_1000_target": 45, "beds_institutional_per_1000_elders": 33.3, "institutions": 60, "beds_private": 3_000,
    "private_bed_share": 50, "private_bed_share_target": 60, "home_care_centre_coverage": 100, "home_care_centres": 400,
    "meal_points": 150, "elders_with_government_purchased_home_care": 7_000, "villages": 320, "urban_communities": 80,
}  # fmt: skip


def invented_city(root: Path) -> Path:
    """Return ``cities/linhu`` of a project, written by the command and filled in."""
    assert here(root, "new-city", *PLACES)[0] == 0
    raw = root / "cities" / CITY / "data" / "raw"
    with (raw / "sources.csv").open("a", encoding="utf-8") as sources:
        sources.write("INVENTED,Invented figures,us,,,,assumption\n")
    with (raw / "registered_population.csv").open("a", encoding="utf-8") as counts:
        for year in (2016, 2018):
            counts.write(f"linhu,{year},{year}-12-31,registered_60plus,,persons,true,,,\n")
    for file in raw.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        told = [dict(zip(head, row, strict=True)) for row in rows]
        for row in told:
            if "source_id" in row and not row["source_id"]:
                row |= {"source_id": "INVENTED", "quality": "assumption"}
                row |= {name: str(value_of(row)) for name in ("value", "share") if row.get(name) == ""}
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, head, lineterminator="\n")
            writer.writeheader()
            writer.writerows(told)
    return root / "cities" / CITY


def value_of(row: dict[str, str]) -> float:
    """Return the invented figure of a row."""
    area, indicator = row["area"], row.get("indicator", "residents")
    if "age_group" in row:
        groups = AGES[area]
        first = int(row["age_start"])
        return groups[first if first < 2 else first // 5 + 1] / 1000
    residents = RESIDENTS.get(area, sum(RESIDENTS.values()))
    if indicator == "residents":
        return residents if row["year"] == "2015" else residents * 9 // 10
    if indicator == "resident_population":
        return residents
    if indicator.startswith("registered_6"):
        return 110_000 + 5_000 * int(row["year"][2:])
    if indicator == "registered_population":
        return 880_000
    if indicator == "land_area":
        return residents / 500
    return CENSUS.get(indicator, REPORT.get(indicator, 10))
