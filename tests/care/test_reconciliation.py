"""What printed figures imply: the ratios of the report of 2018."""

import pytest

from eldercare.care.reconciliation import implied_count


@pytest.mark.parametrize(
    ("total", "printed", "step", "per", "low", "high"),
    [
        (39_467, 59, 1, 1000, 663_311, 674_650),
        (25_097, 37.6, 0.1, 1000, 666_587, 668_362),
        (24_987, 3.8, 0.1, 100, 649_013, 666_320),
    ],
)
def test_elders_implied_by_the_printed_ratios(total, printed, step, per, low, high):
    assert tuple(map(round, implied_count(total, printed, step, per))) == (low, high)
