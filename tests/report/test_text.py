"""Texts: both languages complete, the same fields in both, numbers in each habit."""

import ast
import re
from pathlib import Path

import pytest

from eldercare.report.text import LANGUAGES, Text, catalogue, placeholders


def test_every_text_has_both_languages_with_the_same_fields():
    for key, versions in catalogue().items():
        assert key == "page.space" or all(versions[language] for language in LANGUAGES), key
        assert placeholders(versions["en"]) == placeholders(versions["zh"]), key


def test_no_text_stands_twice_in_a_file():
    for file in (Path(__file__).resolve().parents[2] / "src" / "eldercare" / "report" / "text").glob("*.yaml"):
        keys = re.findall(r"^(\w+):", file.read_text(encoding="utf-8"), re.M)
        assert len(keys) == len(set(keys)), (file.name, sorted(key for key in keys if keys.count(key) > 1))


def test_chinese_texts_are_chinese_and_english_texts_are_not():
    hanzi = re.compile(r"[\u4e00-\u9fff]")
    for key, versions in catalogue().items():
        assert not hanzi.search(versions["en"]), key
        letters = re.sub(r"\{.*?\}|config/\w+|data/raw", "", versions["zh"])
        if re.search(r"[A-Za-z]{4,}", letters):
            assert hanzi.search(letters), key


def written(root) -> tuple[set[str], set[re.Pattern[str]]]:
    """Return the texts that code and templates write out, and patterns of those with fields."""
    constants, patterns = set(), set()
    for file in Path(root, "src", "eldercare").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in node.values]
                if len("".join(parts).replace(".+", "")) > 1:
                    patterns.add(re.compile("".join(parts)))
    others = [
        *Path(root, "notebooks").glob("*.ipynb"),
        *Path(root, "src").rglob("*.j2"),
        *Path(root, "src").rglob("*.js"),
    ]
    text = "\n".join(file.read_text(encoding="utf-8") for file in others)
    return constants | set(re.findall(r"[a-z_]+(?:\.[a-z_0-9]+)?", text)), patterns


def test_no_text_is_left_over(root):
    constants, patterns = written(root)
    unused = {
        key
        for key in catalogue()
        if not {key, key.partition(".")[2]} & constants
        and not any(pattern.fullmatch(name) for name in (key, key.partition(".")[2]) for pattern in patterns)
    }
    assert unused == set()


def test_every_text_that_code_asks_for_by_its_whole_key_exists(root):
    stems = {key.split(".")[0] for key in catalogue()}
    source = "\n".join(f.read_text(encoding="utf-8") for f in Path(root, "src", "eldercare").rglob("*.py"))
    asked = set(re.findall(rf"""(?:say|note|t)\(\s*["']((?:{"|".join(stems)})\.[a-z0-9_]+)["']""", source))
    assert asked and asked <= set(catalogue())


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
    assert Text("zh").join(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert Text("zh").interval(1000, 2000) == "1,000—2,000"


def test_an_unknown_language_key_or_field_is_an_error():
    with pytest.raises(ValueError, match="allowed are en, zh"):
        Text("de")
    with pytest.raises(KeyError):
        Text("en")("page.no_such_text")
    with pytest.raises(KeyError):
        Text("en")("page.title", topic="x")
