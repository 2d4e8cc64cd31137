"""What printed figures imply: the ratios of the report of 2018, and which of them cannot both be right."""

import pytest

from eldercare.care import implied_count, intervals_overlap


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


def test_two_of_the_reports_ratios_cannot_both_be_right():
    institutions = implied_count(25_097, 37.6, 0.1, 1000)
    purchased = implied_count(24_987, 3.8, 0.1, 100)
    beds = implied_count(39_467, 59, 1, 1000)
    assert not intervals_overlap(institutions, purchased)
    assert intervals_overlap(beds, institutions)
    assert intervals_overlap(beds, purchased)


@pytest.mark.parametrize("step", [0, 2])
def test_a_step_that_leaves_no_ratio_is_refused(step):
    with pytest.raises(ValueError, match="must be positive"):
        implied_count(100, 1, step, 1000)
