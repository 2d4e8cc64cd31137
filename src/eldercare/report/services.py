"""Services: what keeps pace with the elders, kinds of centres and institutions, care workers and their training."""

import pandas as pd

from eldercare.model import Results
from eldercare.model.services import COVERAGE, PURCHASED
from eldercare.report.chart import bare
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


def covered(page: Page) -> bool:
    """Say whether every place has its centre, so that growth asks for larger centres and not for more."""
    return page.run.reported(COVERAGE) >= 100
