"""One county through one year by hand agrees with the model in every line."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("area", ["huzhou", "anji"])
def test_every_line_by_hand_is_the_models(run_notebook, words, area):
    shown = run_notebook("09_how_it_works", area, "en")
    compared = shown.names["compared"]
    assert compared["hand"].to_numpy() == pytest.approx(compared["model"].to_numpy(), rel=1e-9)
    assert len(compared) == 9 and "All 9 lines agree" in words(shown["beside-picture"])
