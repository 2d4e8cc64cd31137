"""The register of houses: what it says of the beds of a county beside their number."""

from collections.abc import Iterable, Mapping

from eldercare.inputs.scenarios import Fact

REGISTER = "facilities"
# Parts of the licensed beds of institutions, and the columns of which each house has the least.
SHARES = {"beds.usable_share": ("usable", "staffed"), "beds.occupancy_institution_now": ("occupied",)}


def is_open(house: Mapping[str, str]) -> bool:
    """Say whether a house is open at the end of its row's year."""
    return int(house["opened"] or 0) <= int(house["year"]) < int(house["closed"] or 9999)


def register_facts(houses: Iterable[Mapping[str, str]], area: str) -> dict[str, Fact]:
    """Return what the newest register says of a county's institution beds, as facts; none of what it leaves empty.

    A bed can be used where it is fit for use and has staff. Houses of which that is not known are left out.
    """
    own = [house for house in houses if house["area"] == area and house["kind"] == "institution"]
    year = max((int(house["year"]) for house in own), default=0)
    open_now, facts = [house for house in own if int(house["year"]) == year and is_open(house)], {}
    for key, names in SHARES.items():
        known = [(house, [float(house[n]) for n in names if house[n]]) for house in open_now]
        beds = sum(float(house["licensed"]) for house, told in known if told)
        if beds:
            share = sum(min(told) for _, told in known if told) / beds
            source = next(house["source_id"] for house, told in known if told)
            about = {"source": source, "locator": f"{' and '.join(names)} of licensed beds, {year}", "year": year}
            facts[key] = Fact.model_construct({"set"}, set=round(share, 4), interval=None, evidence="derived", **about)
            facts[key]._where = f"data/raw/{REGISTER}.csv"
    return facts
