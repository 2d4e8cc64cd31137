"""The text of a sample of pages, run by papermill in a kernel of its own: sentences and tables as last looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import papermill
import pytest

SAMPLE = (
    ("01_evidence", "deqing", "zh"),
    ("02_population", "huzhou", "en"),
    ("03_beds", "deqing", "en"),
    ("03_beds", "huzhou", "zh"),
    ("04_meals", "deqing", "zh"),
    ("05_services", "anji", "en"),
    ("06_scenarios", "deqing", "en"),
    ("07_reliability", "huzhou", "zh"),
)
UNSEEN = re.compile(r"<(svg|script|style)\b.*?</\1>|<a [^>]*download[^>]*>.*?</a>", re.S)
BLOCK = re.compile(r"</?(p|h\d|div|table|caption|tr|figcaption|figure|ul|li|summary|details|dl|dd)\b[^>]*>")


def words(html: str) -> list[str]:
    """Return the text of a page, a line for each paragraph and row of a table."""
    lines = BLOCK.sub("\n", UNSEEN.sub("", html)).splitlines()
    texts = (unescape(re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", " | ", line))) for line in lines)
    return [" ".join(text.split()).strip(" |") for text in texts if text.strip(" |\n")]


@pytest.mark.parametrize(("notebook", "area", "language"), SAMPLE)
def test_text_is_as_it_was(root: Path, golden: Callable[[str, str], str], notebook: str, area: str, language: str):
    done = papermill.execute_notebook(
        root / "notebooks" / f"{notebook}.ipynb",
        None,
        {"area": area, "scenario": "baseline", "overrides": {}, "language": language},
        cwd=root,
        progress_bar=False,
    )
    outputs = [output for cell in done.cells for output in cell.get("outputs", ())]
    html = "\n".join("".join(o["data"]["text/html"]) for o in outputs if "text/html" in o.get("data", {}))
    text = "\n".join(words(html)) + "\n"
    assert text == golden(f"pages/{notebook}.{area}.{language}.txt", text)
