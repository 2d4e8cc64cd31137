"""Texts: both languages complete, the same fields in both, numbers in each habit."""

import re
from pathlib import Path

import pytest

from eldercare.report.text import LANGUAGES, Text, catalogue, placeholders


def test_every_text_has_both_languages_with_the_same_fields():
    for key, versions in catalogue().items():
        assert key == "page.space" or all(versions[language] for language in LANGUAGES), key
        assert placeholders(versions["en"]) == placeholders(versions["zh"]), key


def test_chinese_texts_are_chinese_and_english_texts_are_not():
    hanzi = re.compile(r"[\u4e00-\u9fff]")
    for key, versions in catalogue().items():
        assert not hanzi.search(versions["en"]), key
        letters = re.sub(r"\{.*?\}|config/\w+|data/raw", "", versions["zh"])
        if re.search(r"[A-Za-z]{4,}", letters):
            assert hanzi.search(letters), key


def test_every_text_that_code_asks_for_exists_and_none_is_left_over(root):
    source = "\n".join(
        f.read_text(encoding="utf-8") for f in Path(root, "src", "eldercare").rglob("*") if f.suffix in (".py", ".j2")
    )
    notebooks = "\n".join(f.read_text(encoding="utf-8") for f in Path(root, "notebooks").glob("*.ipynb"))
    stems = {key.split(".")[0] for key in catalogue()}
    asked = set(re.findall(rf"""["']((?:{"|".join(stems)})\.[a-z][a-z0-9_]*)["']""", source))
    prefixes = {key for key in asked if key.endswith("_")}
    files = {key for key in asked if key.endswith((".py", ".yaml", ".css", ".csv"))}
    assert asked - set(catalogue()) - prefixes - files - _parameter_keys(root) == set()
    built = [*prefixes, *re.findall(rf"""f["']((?:{"|".join(stems)})\.[a-z0-9_]*)\{{""", source)]
    sections = {f"h_{name}" for name in re.findall(r'section\(\\?"(\w+)', notebooks + source)}
    unused = {
        key
        for key in catalogue()
        if key not in asked and not key.startswith(tuple(built)) and key.split(".")[1] not in sections
    }
    assert unused == set()


def _parameter_keys(root):
    import yaml

    return {
        key
        for file in Path(root, "config", "parameters").glob("*.yaml")
        for key in yaml.safe_load(file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(39467, 0, "39,467"), (-2236.4, 0, "\N{MINUS SIGN}2,236"), (-0.2, 0, "0"), (5.68, 1, "5.7")],
)
def test_numbers(value, decimals, expected):
    assert Text("en").number(value, decimals) == expected


def test_sentences_get_rounded_counts():
    t = Text("en")
    assert [t.rounded(v) for v in (831_489, 1_121_425, 88.6, 0, -16_234)] == [
        "831,000",
        "1,120,000",
        "89",
        "0",
        "\N{MINUS SIGN}16,200",
    ]


def test_lists_and_intervals_follow_the_language():
    assert Text("en").join(["a", "b", "c"]) == "a, b and c"
    assert Text("zh").join(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert Text("zh").interval(1000, 2000) == "1,000至2,000"


def test_an_unknown_language_key_or_field_is_an_error():
    with pytest.raises(ValueError, match="allowed are en, zh"):
        Text("de")
    with pytest.raises(KeyError):
        Text("en")("page.no_such_text")
    with pytest.raises(KeyError):
        Text("en")("page.title", topic="x")
