"""Services: what keeps pace with the elders, kinds of centres and institutions, care workers and their training."""

from typing import Any

import pandas as pd

from eldercare.model import Results
from eldercare.model.services import COVERAGE, PURCHASED, WORKERS
from eldercare.report.chart import bare
from eldercare.report.html import Html
from eldercare.report.page import Page

CENTRES = "home_care_centres"
PANELS = (PURCHASED, CENTRES, "institutions", "institutions_with_medical_partner")
# Kind of service and the service that it is part of.
SHARES = {
    "home_care_centres_with_medical_agreement": "home_care_centres",
    "home_care_centres_socially_run": "home_care_centres",
    "home_care_centres_demonstration": "home_care_centres",
    "institutions_with_medical_partner": "institutions",
    "institutions_public_built_private_run": "institutions",
    "institutions_with_internal_medical": "institutions",
}


def rows_of(run: Results, service: str) -> pd.DataFrame:
    """Return the rows of one service indexed by year; means have the bare names."""
    return bare(run.services[run.services["service"] == service].set_index("year"))


def answer(page: Page) -> Html:
    """Return the answer of the page: purchased home care and care workers in the target year."""
    care, workers = (rows_of(page.run, name).loc[page.target] for name in (PURCHASED, WORKERS))
    opening = page.say(
        "answer_short" if care["needed"] > care["reported"] else "answer_enough",
        share=page.t.percent(page.run["services.purchased_share"]),
        now=care["reported"],
        add=care["to_add_per_year"],
        first=int(page.run["services.first_year"]),
        **_needed(care),
    )
    stock = workers["reported"]
    key = "unknown" if pd.isna(stock) else "short" if workers["needed"] > stock else "enough"
    closing = page.say(f"workers_{key}", stock=stock, **_needed(workers))
    return page.answer(opening, closing, allocated=bool(care["allocated"]), own=[PURCHASED])


def _needed(row: pd.Series) -> dict[str, Any]:
    return {"need": row["needed"], "low": row["needed_p10"], "high": row["needed_p90"]}


def covered(page: Page) -> bool:
    """Say whether every place has its centre, so that growth asks for larger centres and not for more."""
    return page.run.reported(COVERAGE) >= 100
