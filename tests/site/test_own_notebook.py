"""A notebook of the analyst's own, dropped into notebooks/: a page like the others, without an edit anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat.v4 as made
import pytest

from tests.site import faults

PARAMETERS = 'area = "deqing"\nscenario = "baseline"\noverrides = {}\nlanguage = "en"\n'


def own_notebook(project: Path) -> None:
    cells = [
        made.new_markdown_cell("# Beds beside elders\nHow the two go together.", id="title"),
        made.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}),
        made.new_code_cell(
            "import eldercare\n\nresults = eldercare.load(area, scenario, overrides)\n"
            "results.beds.query('bed_type == \"all\" and year in (2025, 2030)')[['year', 'supply', 'demand_ratio']]",
            id="frame",
        ),
        made.new_code_cell("print('norm', results['beds.norm'])", id="print"),
        made.new_code_cell("%matplotlib inline\nresults.beds.set_index('year')['supply'].plot();", id="plot"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    text = json.dumps(made.new_notebook(cells=cells, metadata=kernel))
    (project / "notebooks" / "08_own.ipynb").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site published with a shipped notebook and an own one."""
    project = faults.small_project(root, tmp_path_factory.mktemp("own") / "project")
    own_notebook(project)
    assert faults.here(project, "run", "--area", "deqing", "--scenario", "baseline", "-q") == (0, "", "")
    assert faults.complete(project) == []
    return project / "outputs" / "site"


@pytest.mark.parametrize(
    ("language", "heading", "fold"),
    [
        ("en", "Beds beside elders: Deqing, Baseline", "How this is computed"),
        ("zh", "Beds beside elders：德清县", "如何计算"),
    ],
)
def test_it_is_a_page_in_both_languages_with_its_outputs_in_order_and_its_code_in_a_fold(site, language, heading, fold):
    text = (site / language / "baseline" / "deqing" / "08_own.html").read_text(encoding="utf-8")
    main = text[text.index("<main") :]
    assert re.search(rf"<h1>{heading}", main) and "How the two go together." in main
    places = [main.index(part) for part in ('<table class="dataframe">', "norm 50", '<img class="picture"', fold)]
    assert places == sorted(places)
    assert "results = eldercare.load(area, scenario, overrides)" in main[places[-1] :]
    assert "language = " not in main


def test_it_is_a_topic_on_the_other_pages_and_on_the_front_page(site):
    beds = (site / "en" / "baseline" / "deqing" / "03_beds.html").read_text(encoding="utf-8")
    assert re.search(r'<a href="[^"]*/08_own.html"[^>]*>Beds beside elders</a>', beds)
    front = (site / "index.html").read_text(encoding="utf-8")
    assert '<a href="en/baseline/deqing/08_own.html">Beds beside elders</a>' in front
