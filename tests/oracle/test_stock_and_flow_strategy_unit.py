"""The stock and flow of care homes against the Strategy Unit's own model, at its step of a quarter of a month.

The Strategy Unit (2024), Care Home Demand Simulator, github.com/The-Strategy-Unit/care-home-demand-simulator,
stella-models/simple care home model.stmx: months 1 to 120, Euler steps of a quarter. Admissions a month are at most
the stock that waits and the spare beds, so that a step admits a quarter of either.
"""

import numpy as np
import pytest

from eldercare.care.queue import stock_and_flow

# People aged 65 and over every twelve months from month 1 on; in between and beyond along straight lines.
OLD = [22370, 22635.1515151515, 22898.6666666667, 23184, 23496.3636363636]
OLD += [23840.303030303, 24202.1212121212, 24585.797979798, 24964.1414141414, 25350]
STEP, PLACES, PLACED = 1 / 4, 625.0, 600.0


@pytest.mark.parametrize(
    ("rate", "stay", "placed", "waiting"),
    [(120, 28, 625, 198.972), (140, 28, 625, 665.985), (120, 24, 598.572, 25.672), (120, 36, 625, 777.494)],
)
def test_residents_and_waiting_at_month_120(rate, stay, placed, waiting):
    months = np.arange(1, 120, STEP)
    old = np.interp(months, np.arange(1, 122, 12), [*OLD, 2 * OLD[-1] - OLD[-2]])
    referred = (rate / 10_000 * old / 12)[:, None]
    queue = stock_and_flow(
        PLACED, referred * STEP, np.full((len(months) + 1, 1), PLACES), STEP / stay, 0.0, referred[0], pace=STEP
    )
    assert queue.residents[-1, 0] == pytest.approx(placed, abs=5e-4)
    assert queue.waiting[-1, 0] == pytest.approx(waiting, abs=5e-4)
