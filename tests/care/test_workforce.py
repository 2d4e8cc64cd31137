"""Care workers by hand."""

import pytest

from eldercare.care import care_workers, sustained_stock


def test_care_workers_by_hand():
    assert care_workers(1200, 4) + care_workers(600, 10) == 360
    # With a fifth leaving each year, 102 trainees a year end in 510: as many come as leave.
    stock = 0.0
    for _ in range(200):
        stock += 102 - 0.2 * stock
    assert sustained_stock(102, 0.2) == pytest.approx(stock)
    with pytest.raises(ValueError, match="positive"):
        care_workers(10, 0)
    with pytest.raises(ValueError, match="turnover"):
        sustained_stock(10, 0)
