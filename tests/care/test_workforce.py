"""Care workers by hand."""

import pytest

from eldercare.care import care_workers


def test_care_workers_by_hand():
    assert care_workers(1200, 4) + care_workers(600, 10) == 360
    with pytest.raises(ValueError, match="positive"):
        care_workers(10, 0)
