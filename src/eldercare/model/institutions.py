"""Institutions of one county: need, demand and use, the queue, nursing-type beds, and what moves the gap."""

from dataclasses import dataclass

import numpy as np

from eldercare.care.queue import DAYS, Queue, applicants, days_waited, stock_and_flow
from eldercare.care.waterfall import INTERACTION, waterfall
from eldercare.model.capacity import Demand, Need
from eldercare.model.draws import Drawer

# Parts of the change of the gap, in the order of the waterfall.
PARTS = ("size", "age", "health", "use", "occupancy", "supply", INTERACTION)


@dataclass(frozen=True)
class Institutions:
    """One county's institutions.

    Attributes
    ----------
    use, occupancy_now : arrays (draws,), residents in the first year, persons, at the occupancy found today
    demand : array (years, draws), persons who would live there if as large a part of the dependents as today asked
    queue_need, queue_demand : residents and waiting if from the launch on all in need ask, and if as many as today
    days, in_time : by these two, arrays (years, draws), days that an applicant waits, and beds with which nobody
        waits longer than ``queue.wait_days``
    nursing, nursing_wanted : arrays (years, draws), nursing-type beds, and those that the target asks for
    """

    use: np.ndarray
    occupancy_now: np.ndarray
    demand: np.ndarray
    queue_need: Queue
    queue_demand: Queue
    days: dict[str, np.ndarray]
    in_time: dict[str, np.ndarray]
    nursing: np.ndarray
    nursing_wanted: np.ndarray


def county_institutions(drawer: Drawer, need: Need, demand: Demand, beds: np.ndarray, made: np.ndarray) -> Institutions:
    """Compute one county's institutions from its need, its ``beds`` (years, draws) and those ``made`` nursing-type."""
    occupancy_now = drawer("beds.occupancy_institution_now")
    use = beds[0] * occupancy_now
    as_today = use * need.dependents / need.dependents[0]
    leaving, waiting_loss = drawer("queue.leaving_rate"), drawer("queue.waiting_loss_rate")
    # A home is full at its target occupancy; where it is fuller today nobody is sent away.
    places = beds * np.maximum(demand.occupancy["institution"], occupancy_now)
    waiting = use * drawer("queue.waiting_now")
    asking = {"need": need.planned("institution"), "demand": as_today}
    queues = {
        name: stock_and_flow(use, applicants(wanted, leaving), places, leaving, waiting_loss, waiting)
        for name, wanted in asking.items()
    }
    days = {name: days_waited(queue, leaving, waiting_loss) for name, queue in queues.items()}
    # Who gives up within the days that a wait may last needs no place.
    stay = np.exp(-waiting_loss * drawer.settings.number("queue.wait_days") / DAYS) / demand.occupancy["institution"]
    in_time = {name: wanted * stay for name, wanted in asking.items()}
    nursing = np.minimum(beds * drawer("beds.nursing_share") + made[:, None], beds)
    target = beds * drawer.settings.number("beds.nursing_target")
    return Institutions(use, occupancy_now, as_today, queues["need"], queues["demand"], days, in_time, nursing, target)


def gap_parts(
    need: Need, demand: Demand, beds: np.ndarray, institutions: Institutions, elders: np.ndarray, t: int
) -> dict[str, float]:
    """Split a county's gap of institution beds by need in a year into its parts; they add up to it exactly.

    It starts from today: today's residents at today's occupancy just fill today's beds, a gap of nought. Size is
    the number of elders; age their age structure at constant prevalence; health the shift of prevalence; use the
    step from the part of dependents who live in institutions today to the planned part; occupancy the step from
    today's to the target; supply the beds added. Each is the mean over the draws, beds; positive makes the gap larger.

    Parameters
    ----------
    beds : array (years, draws), beds of the institutions
    elders : array (years, draws), residents aged 60 and over, persons
    t : position of the year
    """
    steady, dependents = need.dependents_unshifted, need.dependents
    start, end = (
        {"size": elders[year], "age": steady[year] / elders[year], "health": dependents[year] / steady[year]}
        for year in (0, t)
    )
    start |= {"use": institutions.use / dependents[0], "occupancy": 1 / institutions.occupancy_now}
    end |= {"use": need.shares["institution"], "occupancy": 1 / demand.occupancy["institution"]}
    parts = waterfall(start, end) | {"supply": beds[0] - beds[t]}
    return {name: float(np.mean(parts[name])) for name in PARTS}
