"""Services: ratios that are kept, what is added a year, and care workers."""

from __future__ import annotations

import numpy as np
import pytest

from eldercare.model import Results
from eldercare.model.services import PURCHASED, TRAINEES, WORKERS

FEW = {"run.draws": 40}


def test_services_keep_the_ratio_of_the_launch_year_or_the_target_share(run_with, row):
    run = run_with()
    care = row(run.services, service=PURCHASED)
    assert care["reported"] == pytest.approx(24_987)
    assert care["needed_mean"] == pytest.approx(0.038 * run.elders(basis="registered")[15].mean())
    centres = row(run.services, service="home_care_centres")
    # Full coverage: the number of centres stays, that of institutions grows with the residents.
    assert (centres["needed_mean"], centres["to_add_per_year_mean"]) == pytest.approx((1207, 0))
    growth = (run.elders(basis="resident")[15] / run.elders(basis="resident")[0]).mean()
    assert row(run.services, service="institutions")["needed_mean"] == pytest.approx(147 * growth, rel=0.02)
    everywhere = run_with(services__agreement_share=1).services
    agreed = row(everywhere, service="home_care_centres_with_medical_agreement")
    assert agreed["needed_p50"] == pytest.approx(centres["needed_p50"])


def test_what_is_added_per_year_reaches_what_is_needed(run_with):
    frame = run_with().services
    rows = frame[(frame["year"] == 2035) & ~frame["service"].isin([WORKERS, TRAINEES])]
    assert len(rows) == 9
    np.testing.assert_allclose(rows["reported"] + 9 * rows["to_add_per_year_p50"], rows["needed_p50"])


def test_the_stock_of_care_workers_is_unknown_until_every_county_reports_it(project, run_with, row):
    workers = row(run_with().services, service=WORKERS)
    assert np.isnan(workers["reported"]) and np.isnan(workers["to_add_per_year_p50"]) and not workers["allocated"]
    one = Results("deqing", "baseline", FEW | {"services.workers": 900}, project)
    assert row(one.services, service=WORKERS)["reported"] == 900
    tables = one.everywhere("services")
    assert np.isnan(row(tables, service=WORKERS, area=run_with().area)["reported"])
    trainees = row(run_with().services, service=TRAINEES)
    assert trainees["reported"] == pytest.approx(102) and np.isnan(trainees["to_add_per_year_mean"])
    assert row(run_with(services__workers=900).services, service=WORKERS)["reported"] == 5 * 900


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("services.residents_per_worker_heavy", -1),
        ("services.residents_per_worker_light", -1),
        ("services.clients_per_worker", -1),
        ("services.home_care_share", 1),
        ("need.survey_2021.prevalence", 1),
    ],
)
def test_care_workers_move_as_they_must(run_with, key, direction, row):
    value = run_with().settings.value(key)
    low, high = (run_with(**{key.replace(".", "__"): value * factor}).services for factor in (0.8, 1.2))
    change = row(high, service=WORKERS)["needed_p50"] - row(low, service=WORKERS)["needed_p50"]
    assert np.sign(change) == direction


def test_a_countys_own_count_replaces_its_share_and_the_city_stays(project):
    run = Results("deqing", "baseline", FEW | {"services.purchased": 6000}, project)
    frame = run.everywhere("services")
    rows = frame[(frame["service"] == PURCHASED) & (frame["year"] == 2020)].set_index("area")
    assert rows.loc["deqing", "reported"] == 6000 and not rows.loc["deqing", "allocated"]
    assert rows.loc["anji", "allocated"]
    counties, city = rows.loc[list(run.counties), "reported"].sum(), rows.loc[project.city.id, "reported"]
    assert counties == pytest.approx(city) == pytest.approx(24_987)
