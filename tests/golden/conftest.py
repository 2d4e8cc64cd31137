"""Golden files: what was published, kept in git, so that a change of a number or a sentence shows as a diff.

``python -m pytest tests/golden --regenerate`` writes them anew; the diff is then read and explained in the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "files"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Return a function that gives the kept text of a file, after writing it where that was asked for."""

    def kept(name: str, text: str) -> str:
        file = FOLDER / name
        if request.config.getoption("--regenerate"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return file.read_text(encoding="utf-8")

    return kept
