"""Split a county of a project in two, or merge two into one, so that everything adds up.

    tools/units.py [--project FOLDER] split COUNTY NEW --english NAME --chinese NAME --code CODE
                   --band 0-14=N --band 15-59=N --band 60+=N [--before N] [--land KM2]
    tools/units.py [--project FOLDER] merge COUNTY OTHER

split: residents of the new unit by broad age at the census are given, as bulletins print them. Single age groups of
the county are shared out within each band, so that both units add up to what was published (rows of quality
"derived", with a note). ``--before`` are its residents at the census before and ``--land`` its area; what is not given
is shared out by residents. Shares and sex ratios of the county stand for both. A unit's beds, points and services are
allocated like those of any county, until it reports its own.

merge: the second county goes into the first. Counts add, shares are weighed by residents; facts of its own are not
carried over, and are told.

data/raw and config are rewritten. Rows about parts of the county that no longer make it up are taken out and told.
``eldercare check`` looks at the result; what git keeps is the way back.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pandas as pd

RAW = Path("data/raw")
# Indicators of the census by county that are counts; all others are shares or ratios.
COUNTS = ("resident_population",)
DERIVED = "derived"


class Tables:
    """The tables of data/raw as text, each written back where it was changed; ``told`` is what was taken out."""

    def __init__(self, project: Path):
        self.folder, self.frames, self.told = project / RAW, dict[str, pd.DataFrame](), list[str]()

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.frames:
            self.frames[name] = pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)
        return self.frames[name]

    def __setitem__(self, name: str, frame: pd.DataFrame) -> None:
        self.frames[name] = frame

    def names_with_areas(self) -> list[str]:
        """Return the tables that have areas."""
        files = sorted(self.folder.glob("*.csv"))
        return [file.stem for file in files if "area" in self[file.stem] and file.stem != "areas"]

    def replace(self, name: str, old: pd.Series, new: pd.DataFrame) -> None:
        """Put rows in the place of others."""
        first = int(old.to_numpy().argmax())
        kept = self[name][~old]
        self[name] = pd.concat([kept.iloc[:first], new[kept.columns], kept.iloc[first:]], ignore_index=True)

    def drop(self, name: str, rows: pd.Series, why: str) -> None:
        """Take rows out and tell it."""
        if rows.any():
            areas = ", ".join(sorted(set(self[name].loc[rows, "area"])))
            self.told.append(f"{name}.csv: {rows.sum()} rows of {areas} taken out ({why})")
            self[name] = self[name][~rows].reset_index(drop=True)

    def write(self) -> None:
        """Write the tables back."""
        for name, frame in self.frames.items():
            frame.to_csv(self.folder / f"{name}.csv", index=False, lineterminator="\n")


def whole(value: float) -> str:
    """Return a number as it is written in a table: whole where it is."""
    return str(round(value)) if abs(value - round(value)) < 1e-9 else f"{value:.8g}"


def band_of(group: str) -> str:
    """Return the broad age of an age group of the census.

    Examples
    --------
    >>> band_of("0"), band_of("15-19"), band_of("85+")
    ('0-14', '15-59', '60+')
    """
    start = int(re.match(r"\d+", group)[0])
    return "0-14" if start < 15 else "15-59" if start < 60 else "60+"


def people(tables: Tables, county: str) -> pd.Series:
    """Return a county's residents at the census by age group."""
    counts, shares = tables["census_counties"], tables["census_age_shares"]
    total = counts[(counts["area"] == county) & (counts["indicator"] == COUNTS[0])]["value"].astype(float).item()
    own = shares[shares["area"] == county]
    return own.set_index("age_group")["share"].astype(float).pipe(lambda share: total * share / share.sum())


def drop_parts(tables: Tables, county: str) -> None:
    """Take out what is told of parts of a county, and the rule that they make it up."""
    areas = tables["areas"]
    parts = [*areas[(areas["parent"] == county) & (areas["level"] == "part")]["area"]]
    for name in tables.names_with_areas():
        tables.drop(name, tables[name]["area"].isin(parts), f"part of {county}")
    tables["areas"] = areas[~areas["area"].isin(parts)].reset_index(drop=True)
    drop_rules(tables.folder, parts)


def drop_rules(folder: Path, gone: list[str]) -> None:
    """Take out of datapackage.json the sums over areas that are there no more."""
    file = folder / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        sums = resource["schema"].get("sums", [])
        sums[:] = [rule for rule in sums if not {*rule["parts"].get("area", ())} & {*gone}]
    file.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def split(project: Path, county: str, new: str, given: argparse.Namespace) -> list[str]:
    """Split a county; return what is to be told."""
    tables = Tables(project)
    drop_parts(tables, county)
    before, bands = people(tables, county), {band: float(number) for band, number in given.band}
    in_band = before.groupby(band_of).transform("sum")
    taken = before * pd.Series({group: bands[band_of(group)] for group in before.index}) / in_band
    if (taken > before).any():
        raise SystemExit(f"{county} has no more than {before.groupby(band_of).sum().round().to_dict()} people by age")
    by_unit = {county: before - taken, new: taken}
    share = taken.sum() / before.sum()
    note = (
        f"{county} of the census split by age; given for {new}: {', '.join(f'{b} {n:.0f}' for b, n in bands.items())}"
    )

    def both(name: str, rows: pd.Series, column: str, parts: dict[int, dict[str, float]]) -> None:
        made = []
        for index, row in tables[name][rows].iterrows():
            for unit in by_unit:
                changed = (
                    {column: whole(parts[index][unit]), "quality": DERIVED, "note": note} if index in parts else {}
                )
                code = {"county_code": given.code} if "county_code" in row and unit == new else {}
                made.append({**row, **code, "area": unit, **changed})
        tables.replace(name, rows, pd.DataFrame(made))

    shares = tables["census_age_shares"]
    rows = shares["area"] == county
    parts = {i: {u: of[g] / of.sum() for u, of in by_unit.items()} for i, g in shares.loc[rows, "age_group"].items()}
    both("census_age_shares", rows, "share", parts)
    counts = tables["census_counties"]
    is_count = (counts["area"] == county) & counts["indicator"].isin(COUNTS)
    totals = {unit: of.sum() for unit, of in by_unit.items()}
    both("census_counties", counts["area"] == county, "value", dict.fromkeys(counts.index[is_count], totals))
    totals_of, land_of = tables["census_totals"], tables["geography"]
    last = totals_of["reference_date"].max()
    news = {i: taken.sum() if day == last else given.before for i, day in totals_of["reference_date"].items()}
    lands = dict.fromkeys(land_of.index[land_of["indicator"] == "land_area"], given.land)
    for name, new_values in (("census_totals", news), ("geography", lands)):
        frame, parts = tables[name], {}
        rows = frame["area"] == county
        for index in new_values.keys() & set(frame.index[rows]):
            value = float(frame.loc[index, "value"])
            part = value * share if new_values[index] is None else new_values[index]
            parts[index] = {county: value - part, new: part}
        both(name, rows, "value", parts)
    for name in tables.names_with_areas():
        if name not in ("census_age_shares", "census_counties", "census_totals", "geography", "places"):
            tables.drop(name, tables[name]["area"] == county, "of the county before it was split")
    areas = tables["areas"]
    row = areas[areas["area"] == county].iloc[0].to_dict()
    tables["areas"].loc[areas["area"] == county, "note"] = note
    own = {
        "area": new,
        "code": given.code,
        "name_en": given.english,
        "name_zh": given.chinese,
        "quality": DERIVED,
        "note": note,
    }
    tables.replace("areas", areas["area"] == county, pd.DataFrame([{**row, "note": note}, {**row, **own}]))
    tables.write()
    label = f"{{en: {given.english}, zh: {given.chinese}}}"
    text = f'# Split from {county}.\ncounty: {new}\ncode: "{given.code}"\nlabel: {label}\nfacts: {{}}\n'
    (project / f"config/counties/{new}.yaml").write_text(text, encoding="utf-8")
    for scenario in sorted((project / "config/scenarios").glob("*.yaml")):
        if re.search(rf"^  {county}:", scenario.read_text(encoding="utf-8"), re.M):
            tables.told.append(f"{scenario.name}: its changes for {county} were meant for both units; {new} has none")
    return tables.told


def merge(project: Path, county: str, other: str) -> list[str]:
    """Merge a county into another; return what is to be told."""
    tables, pair = Tables(project), [county, other]
    drop_parts(tables, county)
    drop_parts(tables, other)
    by_unit = {unit: people(tables, unit) for unit in pair}
    together = sum(by_unit.values())
    weight = pd.Series({unit: of.sum() / together.sum() for unit, of in by_unit.items()})
    note = f"{county} and {other} together"
    keys = {
        "census_age_shares": ["age_group"],
        "census_counties": ["indicator"],
        "census_totals": ["year"],
        "geography": ["indicator", "year", "source_id"],
    }
    for name, names in keys.items():
        frame = tables[name]
        rows, column = frame["area"].isin(pair), "share" if name == "census_age_shares" else "value"
        made = []
        for _, group in frame[rows].groupby(names, sort=False):
            numbers = group.set_index("area")[column].astype(float)
            kind = group["indicator"].iloc[0] if "indicator" in group else ""
            if len(group) < len(pair) or kind.startswith("seat_"):
                made += group[group["area"] == county].to_dict("records")
                continue
            is_sum = name == "census_totals" or kind in (*COUNTS, "land_area")
            value = numbers.sum() if is_sum else (numbers * weight).sum()
            if name == "census_age_shares":
                value = together[group["age_group"].iloc[0]] / together.sum()
            made.append({**group.iloc[0], "area": county, column: whole(value), "quality": DERIVED, "note": note})
        tables.replace(name, rows, pd.DataFrame(made))
    for name in tables.names_with_areas():
        if name not in keys:
            gone = tables[name]["area"].isin(pair if name != "places" else [other])
            tables.drop(name, gone, "of the counties before they were merged")
    areas = tables["areas"]
    tables["areas"] = areas[areas["area"] != other].reset_index(drop=True)
    tables.write()
    drop_rules(project / RAW, [other])
    own = re.compile(rf"^  {other}:.*\n(?:    .*\n|\s*\n)*", re.M)
    for scenario in sorted((project / "config/scenarios").glob("*.yaml")):
        text, found = own.subn("", scenario.read_text(encoding="utf-8"))
        if found:
            scenario.write_text(text, encoding="utf-8")
            tables.told.append(f"{scenario.name}: its changes for {other} taken out; those for {county} hold for both")
    city = project / "config/city.yaml"
    tile = re.compile(rf"^ +{other}: {{rows.*\n", re.M)
    city.write_text(tile.sub("", city.read_text(encoding="utf-8")), encoding="utf-8")
    file = project / f"config/counties/{other}.yaml"
    if not file.read_text(encoding="utf-8").rstrip().endswith("facts: {}"):
        tables.told.append(f"{file.name}: its facts are not carried over")
    file.unlink()
    return tables.told


def number_by_age(text: str) -> tuple[str, str]:
    """Return band and number of an option."""
    band, _, number = text.partition("=")
    if band not in ("0-14", "15-59", "60+") or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: write 0-14=N, 15-59=N or 60+=N")
    return band, number


def main(argv: list[str] | None = None) -> None:
    """Read the command line, change the project and tell what was taken out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: this one)")
    ways = parser.add_subparsers(dest="way", required=True)
    one = ways.add_parser("split")
    one.add_argument("county")
    one.add_argument("new")
    for name in ("english", "chinese", "code"):
        one.add_argument(f"--{name}", required=True)
    one.add_argument("--band", action="append", type=number_by_age, required=True)
    one.add_argument("--before", type=float)
    one.add_argument("--land", type=float)
    two = ways.add_parser("merge")
    two.add_argument("county")
    two.add_argument("other")
    given = parser.parse_args(argv)
    for name in (given.county, *([given.other] if given.way == "merge" else [])):
        if not (given.project / f"config/counties/{name}.yaml").is_file():
            parser.error(f"no county {name!r} in {given.project / 'config/counties'}")
    if given.way == "split" and {band for band, _ in given.band} != {"0-14", "15-59", "60+"}:
        parser.error("give --band for 0-14, 15-59 and 60+")
    made = (
        split(given.project, given.county, given.new, given)
        if given.way == "split"
        else merge(given.project, given.county, given.other)
    )
    print("\n".join([*made, "config/city.yaml: do counties_note and map still hold?", "next: eldercare check"]))


if __name__ == "__main__":
    main()
