"""The plan of one county, year by year: what opens, where care then takes place, what it costs and who pays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eldercare.care.beds import part_closed
from eldercare.care.costs import Balance, balance, discounting, shares_of_payers, units_opened, workers_without_more
from eldercare.model.capacity import Demand, Need
from eldercare.model.draws import Drawer, total
from eldercare.model.institutions import Institutions
from eldercare.model.meals import CountyMeals
from eldercare.model.services import TRAINEES, WORKERS, CountyServices, degrees, workers_per_resident
from eldercare.model.supply import BED_TYPES, opened

# Without what the plan opens, and with it.
CASES = ("present", "plan")
MONTHS, DAYS = 12, 365
# Yuan a year by service, use (capital, running) and payer, arrays (years, draws).
Costs = dict[tuple[str, str, str], np.ndarray]


@dataclass(frozen=True)
class Item:
    """What a plan adds of one kind.

    Attributes
    ----------
    opened : array (years,), whole units added by the end of each year
    wanted, present : arrays (years, draws), what is asked for, and what there is without the plan; None where the item
        is a part of another one, or is not known
    """

    opened: np.ndarray
    wanted: np.ndarray | None = None
    present: np.ndarray | None = None


@dataclass(frozen=True)
class CountyPlan:
    """One county's plan.

    Attributes
    ----------
    items : what is added by kind; ``care_workers`` are those trained
    by_goal : beds by what they are to meet (``norm``, ``need``, ``use``) and bed type
    care : by case (``CASES``), persons who depend on care by where they are cared for
    costs : by case, at constant prices
    discount : array (years,), what a yuan of the year is worth in the first year of building
    """

    items: dict[str, Item]
    by_goal: dict[str, dict[str, Item]]
    care: dict[str, Balance]
    costs: dict[str, Costs]
    discount: np.ndarray


def county_plan(
    drawer: Drawer,
    need: Need,
    demand: Demand,
    supply: Mapping[str, np.ndarray],
    institutions: Institutions,
    meals: CountyMeals,
    services: CountyServices,
    own: Mapping[str, np.ndarray],
    years: np.ndarray,
) -> CountyPlan:
    """Compute what one county opens so that nothing is missing of what ``plan.goal`` asks for, and its cost.

    Nothing is missing on average, or with the probability ``plan.chance`` where it is given.

    From ``supply.first_year`` on the shortfall is closed in even steps over ``supply.catch_up_years``. Means add, so
    that the counties' plans add to the city's. New institution beds are nursing-type as far as the target asks for
    them; what is then missing is converted. Under the goal ``need`` all who need a place ask for one, else as large a
    part of those who depend on care as today; beds fill up to the target occupancy. What the scenario builds of its
    ``own`` (see :func:`eldercare.model.supply.built`) is there without the plan, and paid for in both cases.
    """
    settings, number = drawer.settings, drawer.settings.number
    first, catch_up = settings.integer("supply.first_year"), settings.integer("supply.catch_up_years")

    def item(wanted: np.ndarray, present: np.ndarray) -> Item:
        chance, missing = settings.value("plan.chance"), wanted - present
        planned = missing.mean(axis=1) if chance is None else np.quantile(missing, chance, axis=1)
        return Item(units_opened(planned, years, first, catch_up), wanted, present)

    every = {kind: need.planned(kind) for kind in BED_TYPES}
    today = every | {"institution": institutions.demand}
    use = {kind: persons / demand.occupancy[kind] for kind, persons in today.items()}
    goals = {"norm": demand.ratio, "need": demand.need, "use": use}
    by_goal = {goal: {kind: item(of[kind], supply[kind]) for kind in BED_TYPES} for goal, of in goals.items()}
    goal = settings.choice("plan.goal")
    beds, asking = by_goal[goal], every if goal == "need" else today

    care, clients = {}, opened(settings, "home_care", years)
    for case in CASES:
        more = {kind: beds[kind].opened[:, None] * (case == "plan") for kind in BED_TYPES}
        places = {kind: (supply[kind] + more[kind]) * demand.occupancy[kind] for kind in BED_TYPES}
        inside, centre = (np.minimum(asking[kind], places[kind]) for kind in BED_TYPES)
        care[case] = balance(need.dependents, inside, centre, drawer("services.home_care_share"), clients[:, None])

    target = number("beds.nursing_target") * (supply["institution"] + beds["institution"].opened[:, None])
    nursing = item(target, institutions.nursing)
    # New beds are nursing-type first, until all that will be asked for are there; what is then missing is converted.
    of_new = np.minimum(beds["institution"].opened, nursing.opened[-1])
    converted = np.maximum.accumulate(np.maximum(nursing.opened - of_new, 0))
    fitted = number("plan.family_beds_share") * care["plan"].paid_home
    points = item(meals.required, np.broadcast_to(meals.points[:, None], meals.required.shape))
    each = settings.number("meals.per_point") / settings.number("meals.per_kitchen")
    items = {
        "institution_beds": beds["institution"],
        "institution_beds_nursing": Item(of_new, target, institutions.nursing),
        "beds_converted_to_nursing": Item(converted),
        "beds_for_dementia": Item((number("plan.dementia_share") * (of_new + converted)).astype(int)),
        "home_care_centre_beds": beds["home_care_centre"],
        "family_care_beds": Item(units_opened(fitted.mean(axis=1), years, first, catch_up), fitted),
        "meal_points": points,
        "kitchens_instead": Item(np.ceil(points.opened * each - 1e-6).astype(int)),
        "care_workers": _workers(drawer, care, services, part_closed(years, first, catch_up)),
    }
    wanted, more = total(meals.demand.values()), points.opened[:, None] * drawer("meals.per_point")
    served = {"present": np.minimum(meals.supply, wanted), "plan": np.minimum(meals.supply + more, wanted)}
    # Without the plan, and before it begins, as many are trained as in the report.
    as_now = np.full(len(years), services.levels[TRAINEES])
    later = np.where(years >= first, np.diff(items["care_workers"].opened, prepend=0), as_now)
    trained = {"present": as_now, "plan": later}
    with_own = {name: Item(items[name].opened + units) for name, units in own.items()}
    built = {"present": {name: Item(units) for name, units in own.items()}, "plan": items | with_own}
    costs = {case: yearly_costs(drawer, built[case], care[case], served[case], trained[case]) for case in CASES}
    return CountyPlan(items, by_goal, care, costs, discounting(years, first, number("costs.discount_rate")))


def _workers(drawer: Drawer, care: Mapping[str, Balance], services: CountyServices, steps: np.ndarray) -> Item:
    """Return the care workers that the plan's care asks for, those there are if training stays, and those to train."""
    per_resident, per_client = workers_per_resident(drawer), drawer("services.clients_per_worker")
    present, wanted = (care[case].institution * per_resident + care[case].paid_home / per_client for case in CASES)
    lost, certified = drawer("services.turnover") * (1 - drawer("workers.returning")), drawer("workers.certified_share")
    known = services.levels[WORKERS]
    start = present[0] * drawer("workers.stock_share") if np.isnan(known) else np.full_like(lost, known)
    stock = workers_without_more(start, lost, certified * services.levels[TRAINEES], len(steps))
    goal = stock + steps[:, None] * np.maximum(wanted - stock, 0.0)
    hired = np.diff(goal, axis=0, prepend=goal[:1]) + lost * np.vstack([goal[:1], goal[:-1]])
    trained = (np.maximum(hired, 0.0) / certified).mean(axis=1) * (steps > 0)
    return Item(np.cumsum(np.ceil(trained)).astype(int), wanted, stock)


def yearly_costs(
    drawer: Drawer, items: Mapping[str, Item], care: Balance, served: np.ndarray, trained: np.ndarray
) -> Costs:
    """Return the costs of each year: what is opened, and what is then run."""

    def price(name: str) -> np.ndarray:
        return drawer(f"costs.{name}")

    def built(name: str, yuan: np.ndarray) -> np.ndarray:
        opened = np.diff(items[name].opened, prepend=0) if name in items else np.zeros(len(served))
        return opened[:, None] * yuan

    shares, higher, insured = degrees(drawer), price("province_share"), price("insurance_share")
    by_degree = {name: share * price(f"institution_{name}") for name, share in shares.items()}
    month, new, own = total(by_degree.values()), price("institution_bed"), price("public_built_share")
    whole, none = np.ones(1), np.zeros(1)
    institution = built("institution_beds", new) + built("beds_converted_to_nursing", price("conversion"))
    # Public houses are paid for in full; others get a subsidy for each bed.
    supported = own + (1 - own) * np.minimum(price("building_subsidy") / new, 1.0)
    stays, visits, hours = MONTHS * care.institution, MONTHS * care.home_care_centre, MONTHS * price("home_hours")
    heavy, care_at_home = insured * by_degree["heavy"] / month, hours * price("home_hour") * care.paid_home
    # By service and use: the cost, the parts of public budgets and of insurance, which pays for heavy dependency, and
    # who pays what is left.
    spent = {
        ("institution", "capital"): (institution, supported, none, "operator"),
        ("institution", "running"): (stays * month, price("running_subsidy") / month, heavy, "family"),
        ("home_care_centre", "capital"): (built("home_care_centre_beds", price("centre_bed")), whole, none, "operator"),
        ("home_care_centre", "running"): (visits * price("centre_month"), price("centre_public_share"), none, "family"),
        ("home_care", "capital"): (built("family_care_beds", price("family_bed")), whole, none, "family"),
        ("home_care", "running"): (care_at_home, price("home_public_share"), insured * shares["heavy"], "family"),
        ("meals", "running"): (DAYS * served * price("meal"), price("meal_public_share"), none, "family"),
        ("training", "running"): (trained[:, None] * price("training"), whole, none, "operator"),
    }
    return {
        (service, use, payer): cost * share
        for (service, use), (cost, public, insurance, rest) in spent.items()
        for payer, share in shares_of_payers(public, higher, insurance, rest).items()
        # Who never pays for it has no row.
        if (payer != "insurance" or insurance is not none) and not (public is whole and payer == rest)
    }
