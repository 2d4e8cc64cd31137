"""What the site says of a notebook comes from the notebook: the name of its topic, its role for the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eldercare.publish.dictionary import tables
from eldercare.publish.topics import first_heading, is_published, topics_of


def notebook(folder: Path, *cells: tuple[str, list[str]], **metadata: object) -> Path:
    """Write a notebook of Markdown cells, each with its text and tags."""
    file = folder / "08_mine.ipynb"
    given = [{"cell_type": "markdown", "source": [text], "metadata": {"tags": tags}} for text, tags in cells]
    file.write_text(json.dumps({"cells": given, "metadata": metadata}), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("cells", "label"),
    [
        ([("# Care *near* home\nWords.", [])], {"en": "Care near home", "zh": "Care near home"}),
        ([("# Guide", ["guide"]), ("# Care", ["lang-en"]), ("# 照护", ["lang-zh"])], {"en": "Care", "zh": "照护"}),
        ([("Words.", []), ("## A section", []), ("# Care", ["lang-en"])], {"en": "Care", "zh": "08_mine"}),
        ([], {"en": "08_mine", "zh": "08_mine"}),
    ],
)
def test_a_topic_is_named_by_the_first_heading_in_the_language(tmp_path, cells, label):
    assert topics_of({"08_mine": notebook(tmp_path, *cells)})["08_mine"].label == label


def test_a_notebook_says_what_it_is_for_the_others(tmp_path):
    assert topics_of({"a": notebook(tmp_path, eldercare={"role": "sure"})})["a"].role == "sure"
    assert topics_of({"a": notebook(tmp_path)})["a"].role == ""
    about = {"tables": ["meals", "no_such_table", "beds"]}
    assert topics_of({"a": notebook(tmp_path, eldercare=about)})["a"].tables == ("meals", "beds")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 1, "metadata": {}}', '{"cells": [1], "metadata": {}}'])
def test_a_file_that_is_no_notebook_keeps_its_name(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text, encoding="utf-8")
    assert topics_of({"a": tmp_path / "a.ipynb"})["a"].label == {"en": "a", "zh": "a"}


def test_the_shipped_notebooks_have_every_role_once_and_link_every_table(root):
    topics = topics_of({file.stem: file for file in (root / "notebooks").glob("*.ipynb")})
    assert sorted(topic.role for topic in topics.values() if topic.role) == ["main", "origin", "sure"]
    assert {name for topic in topics.values() for name in topic.tables} == set(tables())


@pytest.mark.parametrize(
    ("tags", "languages"),
    [
        ([], ["en", "zh"]),
        (["lang-en"], ["en"]),
        (["lang-zh", "finding"], ["zh"]),
        (["lang-en", "lang-zh"], ["en", "zh"]),
        (["guide"], []),
        (["try", "lang-en"], []),
    ],
)
def test_a_cell_is_published_in_the_languages_of_its_tags(tags, languages):
    assert [name for name in ("en", "zh") if is_published({"metadata": {"tags": tags}}, name)] == languages


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# One\n\nTwo", (1, "One", "\nTwo")),
        ("\n## One ##\nTwo", (2, "One", "Two")),
        ("## One", (2, "One", "")),
        ("### One", (0, "", "### One")),
        ("#One", (0, "", "#One")),
        ("Words\n# One", (0, "", "Words\n# One")),
    ],
)
def test_a_heading_is_one_where_a_text_begins_with_it(source, found):
    assert first_heading(source) == found
