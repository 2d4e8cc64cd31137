"""Every test says what it needs; one that does not, or says it twice, stops the collection."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("path", "marks", "need"),
    [
        ("tests/report/test_beds.py", set(), "run"),
        ("tests/population/test_base.py", set(), "unit"),
        ("tests/population/test_base.py", {"parametrize", "run"}, "run"),
        ("tests/test_docs.py", set(), "run"),
        ("src/eldercare/care/beds.py", set(), "unit"),
        ("tests/elsewhere/test_x.py", set(), None),
        ("tests/elsewhere/test_x.py", {"site"}, "site"),
        ("tests/site/test_x.py", {"site", "unit"}, None),
    ],
)
def test_a_test_has_one_need(request, path, marks, need):
    (conftest,) = (p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "BY_FOLDER"))
    assert conftest.need_of(request.config.rootpath / path, marks) == need


def test_what_a_test_asks_for_comes_before_its_folder_and_after_its_own_mark(request):
    (conftest,) = (p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "BY_FOLDER"))
    path = request.config.rootpath / "tests" / "report" / "test_beds.py"
    assert conftest.need_of(path, set(), ["tmp_path", "run_notebook"]) == "notebook"
    assert conftest.need_of(path, {"golden"}, ["run_notebook"]) == "golden"
