"""Words for readers: Chinese without English, the official terms, and no command, key or folder in either language."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
import yaml

from eldercare.inputs import load_project
from eldercare.report.text import LANGUAGES, catalogue

# Shown in a notebook that somebody runs, not on a page.
IN_NOTEBOOKS_ONLY = {"what_if.page_only"}
# Code and fields stand between backticks and braces.
CODE = re.compile(r"`[^`]*`|\{[^{}]*\}")
THREE_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
COMMAND_OR_FOLDER = re.compile(
    r"\beldercare\b|--[a-z]|\bconfig\b|data/raw|\boutputs/|\.ya?ml\b|\.csv\b|\.json\b|\.ipynb\b"
)
# Wordings that officials do not write, and what stands in their place.
NOT_WRITTEN = {
    "跌破": "低于标准",
    "每千人|每万人": "每千名老年人",
    "县（区）": "区县",
    "等候|排队": "轮候",
    "离院": "退住",
    "拒收": "因满员未能接收",
    "短缺": "缺口",
    "正为|负为": "正数为缺口，负数为富余",
    "按需要(?!助餐)|按失能需要": "按照护需求",
    "未定": "不确定",
    "一半把握|八成把握": "50%概率达标",
    "把握": "可靠程度",
    "起算": "基年",
    "变为": "增加到、下降到",
    "抽样误差": "模拟误差",
    "队列": "出生人数",
    "处处": "全域",
    "同步所需": "与老年人口同步增长的规模",
    "自报": "上报",
    "配送厨房": "中央厨房",
    "日缺餐": "助餐缺口（份/日）",
    "分县(?!资料)": "区县",
    "总量分摊规则": "总数分摊规则",
    "老人": "老年人",
    "先用后建": "按需增建",
    "事后检验": "回溯检验",
    "出生数|死亡数": "出生人口、死亡人口",
    "[\u4e00-\u9fff]\\(|\\([^()]*[\u4e00-\u9fff]": "（）",
    "–|\\d至\\d|\\}至\\{": "—",
}


def of_catalogue(language: str) -> Iterator[tuple[str, str]]:
    yield from ((key, both[language]) for key, both in catalogue().items() if key not in IN_NOTEBOOKS_ONLY)


def labels(tree: object, language: str, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a language below a node, with its place."""
    if isinstance(tree, dict):
        if isinstance(tree.get(language), str):
            yield place, tree[language]
        for key, below in tree.items():
            if key != "meaning":
                yield from labels(below, language, f"{place} {key}")
    elif isinstance(tree, list):
        for below in tree:
            yield from labels(below, language, place)


def of_settings(root: Path, language: str) -> Iterator[tuple[str, str]]:
    """Yield labels, descriptions and reasons; the meaning of a parameter is for those who change it."""
    package = Path(root, "src/eldercare")
    own = [package / "inputs/vocabulary.yaml", package / "publish/columns.yaml"]
    for file in [*sorted(Path(root, "config").rglob("*.yaml")), *own]:
        yield from labels(yaml.safe_load(file.read_text(encoding="utf-8")), language, file.name)


def of_notebooks(root: Path, language: str) -> Iterator[tuple[str, str]]:
    for file in sorted(Path(root, "notebooks").glob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if f"lang-{language}" in cell["metadata"].get("tags", ()):
                # Where a link leads is not read.
                yield file.name, re.sub(r"\]\([^)]*\)", "]", "".join(cell["source"]))


def of_pages(language: str) -> Iterator[tuple[str, str]]:
    for file in sorted(Path(__file__).parents[1].glob(f"golden/files/pages/*.{language}.txt")):
        yield from ((file.name, line) for line in file.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def texts(root):
    """Return every text for readers of a language, with its place."""
    return {
        language: list(
            chain(of_catalogue(language), of_settings(root, language), of_notebooks(root, language), of_pages(language))
        )
        for language in LANGUAGES
    }


def test_no_three_english_words_stand_together_in_chinese(texts):
    assert [text for text in texts["zh"] if THREE_ENGLISH_WORDS.search(CODE.sub("", text[1]))] == []


@pytest.mark.parametrize("wording", NOT_WRITTEN)
def test_chinese_has_the_official_terms(texts, wording):
    found = [text for text in texts["zh"] if re.search(wording, text[1])]
    assert found == [], f"write {NOT_WRITTEN[wording]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_for_readers_holds_a_command_a_key_or_a_folder(root, language):
    keys = "|".join(map(re.escape, load_project(root).parameters))
    shown = chain(of_catalogue(language), of_settings(root, language), of_notebooks(root, language))
    assert [t for t in shown if COMMAND_OR_FOLDER.search(t[1]) or re.search(rf"\b({keys})\b", t[1])] == []


def test_people_are_not_called_elders(texts):
    assert [text for text in texts["en"] if re.search(r"\b[Ee]lders\b", CODE.sub("", text[1]))] == []


@pytest.mark.parametrize(
    "wording",
    ["norm is broken", "[Ll]adders", "Fuller homes", "acting together", "nought", "turn over", "Looked back at"],
)
def test_english_is_plain(texts, wording):
    assert [text for text in texts["en"] if re.search(wording, text[1])] == []


def test_what_the_inputs_hold_once_has_its_chinese_in_the_city_file(root):
    project = load_project(root)
    known = {both["en"] for both in project.city.chinese}
    layers = chain.from_iterable((s.changes, *s.county_changes.values()) for s in project.scenarios.values())
    grounded = [*project.parameters.values(), *chain.from_iterable(changes.values() for changes in layers)]
    shown = {item.locator for item in grounded}
    used = {item.source for item in grounded} | {*project.city.sources, f"CENSUS{project.city.launch_year}TABLE"}
    for name in ("geography", "resident_population", "registered_population", "vital_events", "census_bands"):
        table = project.table(name)
        unused = table[~table["used"].astype(bool) & table["area"].isin(project.areas)]
        shown |= set(unused["note"].dropna())
        used |= set(unused["source_id"])
    # A page lists the sources of every table that it read.
    tables = [project.table(name) for name in project.tables]
    used |= {key for table in tables if "source_id" in table for key in table["source_id"]}
    shown |= set(project.table("policy_norms")["plan"])
    shown |= {source.title for key, source in project.sources.items() if key in used}
    chinese = re.compile("[\u4e00-\u9fff]")
    assert sorted(text for text in shown - known if re.search("[A-Za-z]{2}", text) and not chinese.search(text)) == []
    assert sorted(known - shown - {source.publisher for key, source in project.sources.items() if key in used}) == []
