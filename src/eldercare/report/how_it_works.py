"""How it works: one county through one year by hand, each line beside the model's number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eldercare.report.chart import Table
from eldercare.report.html import Html
from eldercare.report.page import Page

# Counts agree to this part; what is left is the rounding of sums taken in another order.
ROUNDING = 1e-9


def beside(steps: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Return numbers by hand beside the model's: step, hand, model, difference.

    Examples
    --------
    >>> beside({"births": (10.0, 10.0)}).to_dict("records")
    [{'step': 'births', 'hand': 10.0, 'model': 10.0, 'difference': 0.0}]
    """
    rows = [(name, float(hand), float(model), float(hand - model)) for name, (hand, model) in steps.items()]
    return pd.DataFrame(rows, columns=["step", "hand", "model", "difference"])


def agreement(page: Page, frame: pd.DataFrame) -> Html:
    """Say whether every line agrees with the model's."""
    agree = np.allclose(frame["hand"], frame["model"], rtol=ROUNDING, atol=ROUNDING)
    return page.finding(page.say("agree" if agree else "differ", n=len(frame)))


def steps_table(page: Page, frame: pd.DataFrame, decimals: int = 1) -> Table:
    """Return numbers by hand beside the model's (:func:`beside`)."""
    return page.table("steps", frame, ["step :step", f"hand .{decimals}", f"model .{decimals}", "difference .6"])
