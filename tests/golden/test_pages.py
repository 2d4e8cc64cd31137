"""The text of a sample of pages, each notebook run in a process of its own: sentences and tables as last looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import nbformat
import pytest

from eldercare.publish.runner import Task, execute_all
from eldercare.publish.workers import Workers, outcomes
from eldercare.report.html import SITE

SAMPLE = (
    ("01_evidence", "deqing", "zh"),
    ("02_population", "huzhou", "en"),
    ("03_beds", "deqing", "en"),
    ("03_beds", "huzhou", "zh"),
    ("03_need", "huzhou", "zh"),
    ("04_meals", "deqing", "zh"),
    ("05_services", "anji", "en"),
    ("06_scenarios", "deqing", "en"),
    ("07_reliability", "huzhou", "zh"),
    ("08_plan", "deqing", "en"),
    ("08_plan", "huzhou", "zh"),
)
UNSEEN = re.compile(r"<(svg|script|style)\b.*?</\1>|<a [^>]*download[^>]*>.*?</a>", re.S)
BLOCK = re.compile(r"</?(p|h\d|div|table|caption|tr|figcaption|figure|ul|li|summary|details|dl|dd)\b[^>]*>")


def words(html: str) -> list[str]:
    """Return the text of a page, a line for each paragraph and row of a table."""
    lines = BLOCK.sub("\n", UNSEEN.sub("", html).replace("<br>", " ")).splitlines()
    texts = (unescape(re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", " | ", line))) for line in lines)
    return [" ".join(text.split()).strip(" |") for text in texts if text.strip(" |\n")]


@pytest.fixture(scope="module")
def executed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str, str], str]]:
    """Return a function that gives the HTML of an executed notebook; all are begun at once."""

    folder = tmp_path_factory.mktemp("executed")

    def task(notebook: str, area: str, language: str) -> Task:
        name = f"{notebook} {area} {language}"
        values = {"area": area, "scenario": "baseline", "overrides": {}, "language": language}
        return Task(name, root / "notebooks" / f"{notebook}.ipynb", values, root, folder / name)

    def html(*sample: str) -> str:
        (done,) = outcomes(jobs[sample], [task(*sample)], 300)
        assert done
        assert not done.failure, done.failure
        cells = nbformat.reads(done.notebook.decode("utf-8"), as_version=4).cells
        shown = [cell for cell in cells if not {"numbers", "try"} & set(cell.metadata.get("tags", ()))]
        bundles = [output.data for cell in shown for output in cell.get("outputs", ()) if "data" in output]
        return "\n".join("".join(data.get(SITE) or data["text/html"]) for data in bundles if "text/html" in data)

    with Workers(root, folder, os.cpu_count() or 1) as workers:
        jobs = {sample: workers.submit(execute_all, [task(*sample)], limit=300) for sample in SAMPLE}
        yield html


@pytest.mark.parametrize(("notebook", "area", "language"), SAMPLE)
def test_text_is_as_it_was(executed, golden: Callable[[str, str], str], notebook: str, area: str, language: str):
    text = "\n".join(words(executed(notebook, area, language))) + "\n"
    assert text == golden(f"pages/{notebook}.{area}.{language}.txt", text)
