"""Every test says what it needs; one that does not, or says it twice, stops the collection."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("path", "marks", "need"),
    [
        ("tests/population/test_base.py", set(), "unit"),
        ("tests/population/test_base.py", {"parametrize", "run"}, "run"),
        ("tests/test_docs.py", set(), "run"),
        ("src/eldercare/care/beds.py", set(), "unit"),
        ("tests/elsewhere/test_x.py", set(), None),
        ("tests/elsewhere/test_x.py", {"site"}, "site"),
        ("tests/site/test_x.py", {"site", "unit"}, None),
    ],
)
def test_a_test_has_one_need(root, request, path, marks, need):
    (conftest,) = (p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "BY_FOLDER"))
    assert conftest.need_of(root / path, marks) == need
