"""The cheapest mix of an area: what is missing by the draws of a run, what closes it, and its costs by who pays."""

from dataclasses import dataclass

import numpy as np

from eldercare.care.beds import part_closed
from eldercare.care.costs import Balance, discounting
from eldercare.care.mix import Mix, joint_quantile, spent
from eldercare.inputs.scenarios import Opens
from eldercare.model.draws import total
from eldercare.model.plan import Item, yearly_costs
from eldercare.model.run import CountyRun, Run
from eldercare.model.services import degrees, workers_per_resident

# What is opened; and what must be met: places for heavy, for heavy and medium and for all degrees, meals, and staff.
KINDS = (*Opens.model_fields, "care_workers")
NEEDS = ("heavy", "medium", "care", "meals", "staff")
CARE = 3
# Chance that a need is met, and how far below the city a county may be, unless a target says otherwise.
CHANCE, APART = 0.8, 0.1


@dataclass(frozen=True)
class AreaMix:
    """The problem of an area.

    Attributes
    ----------
    counties, years, full_year : those it is about; from the last on the chance holds in full
    mix : counties by ``NEEDS`` and ``KINDS``
    lacking : array (counties, CARE, years, draws), persons without a place of each degree, before anything opens
    prices : by service, use and payer, arrays (counties, kinds, 2), yuan when a unit opens and in each year
    """

    counties: tuple[str, ...]
    years: np.ndarray
    full_year: int
    mix: Mix
    lacking: np.ndarray
    prices: dict[tuple[str, str, str], np.ndarray]

    def costs(self, units: np.ndarray) -> dict[tuple[str, str, str], np.ndarray]:
        """Return yuan by service, use and payer, arrays (counties, kinds, years), of units as in a solution."""
        return {key: spent(price[..., 0], price[..., 1], units) for key, price in self.prices.items()}

    def chances(self, units: np.ndarray) -> np.ndarray:
        """Return the share of the draws in which places of all degrees are there, (counties, years)."""
        places = np.einsum("crk,ckt->crt", self.mix.provides[:, :CARE], units)
        return (self.lacking <= places[..., None] + 1e-6).all(axis=1).mean(axis=-1)


def area_mix(run: Run, chance: float = CHANCE, apart: float = APART, area: str | None = None) -> AreaMix:
    """Return the problem of an area (default: the run's) from the first year of building to the target year.

    Of those whose care is planned in an institution the heavy ask for a nursing-type bed there; the heavy and medium of
    institutions and centres for a bed in either; the light for one of these or for paid care at home.
    """
    first, catch_up = (run.common.integer(f"supply.{name}") for name in ("first_year", "catch_up_years"))
    first = int(np.clip(first, run.launch_year, run.target_year))
    years, full = np.arange(first, run.target_year + 1), min(first + catch_up - 1, run.target_year)
    steps, at = part_closed(years, first, catch_up), np.searchsorted(run.years, years)
    parts = [_county(county, at, steps, chance) for county in run.within(area)]
    provides, missing, need, most, lacking = (np.stack(part) for part in list(zip(*parts, strict=True))[:-1])
    costs, nothing = [own for *_, own in parts], np.zeros((2, 1))
    keys = dict.fromkeys(key for own in costs for by_kind in own for key in by_kind)
    prices = {key: np.array([[of.get(key, nothing).mean(axis=1) for of in own] for own in costs]) for key in keys}
    opening, running = np.moveaxis(total(prices.values()), -1, 0)
    worth = discounting(years, first, run.common.number("costs.discount_rate"))
    mix = Mix(provides, missing, need, opening, running, worth, most, apart)
    return AreaMix(run.members(area), years, full, mix, lacking, prices)


def _county(county: CountyRun, at: np.ndarray, steps: np.ndarray, chance: float) -> tuple:
    """Return what units provide, what is missing, all need, the most units, what lacks by draw, prices by kind."""
    drawer, occupancy = county.drawer, county.demand.occupancy
    heavy, disabled = (shares := degrees(drawer))["heavy"], 1 - shares["light"]
    inside, centre = (county.need.planned(kind)[at] for kind in occupancy)
    beds, day = (county.supply[kind][at] * occupancy[kind] for kind in occupancy)
    nursing = county.institutions.nursing[at]
    wanted = np.stack([heavy * inside, disabled * (inside + centre), inside + centre])
    lacking = wanted - np.stack([nursing * occupancy["institution"], beds + day, beds + day])
    meals, none = total(county.meals.demand.values())[at], np.zeros((1, len(at)))
    short = joint_quantile((meals - county.meals.supply[at])[None], chance)
    missing = np.maximum(np.concatenate([joint_quantile(lacking, chance), short, none]), 0.0) * steps
    need = np.concatenate([np.maximum(np.concatenate([wanted, meals[None]]).mean(axis=-1), missing[:-1]), none])
    place, visit = (share.mean() for share in occupancy.values())
    point, lost = drawer("meals.per_point").mean(), drawer("services.turnover") * (1 - drawer("workers.returning"))
    resident, client = workers_per_resident(drawer).mean(), (1 / drawer("services.clients_per_worker")).mean()
    provides = np.array(
        [
            [place, place, 0, 0, 0, 0],
            [place, 0, visit, 0, 0, 0],
            [place, 0, visit, 1, 0, 0],
            [0, 0, 0, 0, point, 0],
            [-place * resident, 0, 0, -client, 0, 1],
        ]
    )
    most = np.full(len(KINDS), np.inf)
    most[1] = max(0.0, np.floor((county.supply["institution"][at] - nursing).mean(axis=1).min()))
    # What one unit costs when it opens, and then in each year.
    one, later, nobody = Item(np.ones(2)), np.array([[0.0], [1.0]]), np.zeros((2, 1))
    fitted = Item(np.full(2, county.settings.number("plan.family_beds_share")))
    taught = np.array([1.0, lost.mean()]) / drawer("workers.certified_share").mean()
    units: list[tuple[dict[str, Item], Balance, np.ndarray, np.ndarray]] = [
        ({"institution_beds": one}, Balance(place * later, *[nobody] * 3), nobody, nobody[:, 0]),
        ({"beds_converted_to_nursing": one}, Balance(*[nobody] * 4), nobody, nobody[:, 0]),
        ({"home_care_centre_beds": one}, Balance(nobody, visit * later, nobody, nobody), nobody, nobody[:, 0]),
        ({"family_care_beds": fitted}, Balance(nobody, nobody, later, nobody), nobody, nobody[:, 0]),
        ({}, Balance(*[nobody] * 4), point * later, nobody[:, 0]),
        ({}, Balance(*[nobody] * 4), nobody, taught),
    ]
    return provides, missing, need, most, lacking, [yearly_costs(drawer, *unit) for unit in units]
