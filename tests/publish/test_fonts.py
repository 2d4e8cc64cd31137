"""The fonts of a site have what its pages show, and no more Chinese characters than that."""

from __future__ import annotations

import html
import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from eldercare.inputs import load_project
from eldercare.publish.fonts import strange, web_fonts, written
from eldercare.publish.publication import publish
from eldercare.publish.request import Request
from tests.site import faults

# Characters of place and personal names that GB 2312 lacks, and letters of Europe.
NAMES = "碶溇垟喆堃镕䶮㭎𬒈 ŁĀőŞžẞΐћ"


def covered(content: bytes) -> set[str]:
    return set(map(chr, TTFont(io.BytesIO(content)).getBestCmap()))


def test_both_styles_have_every_character_asked_for_and_few_others():
    made = dict(web_fonts(NAMES))
    for first, second in (("NotoSansSC-Regular.otf", "DejaVuSans.ttf"), ("NotoSansSC-Bold.otf", "DejaVuSans-Bold.ttf")):
        chinese, letters = covered(made[first]), covered(made[second])
        assert set(NAMES) <= chinese | letters and not chinese & letters
        assert "镕" in chinese and "鑫" not in chinese and set("aé—（℃") <= chinese
    assert sum(map(len, made.values())) < 1e6
    assert "SIL OPEN FONT LICENSE" in made["OFL.txt"].decode() and b"Bitstream" in made["LICENSE_DEJAVU"]


def test_characters_are_found_in_every_encoding_and_in_escapes(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("name\n北碶村，太湖溇港\n".encode("gb18030"))
    (tmp_path / "b.yaml").write_text('zh: "\\u5898\\U0002A6A5"\n', encoding="utf-8")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    found = written(tmp_path, ["a.csv", "b.yaml", "c.png", "gone.csv"])
    assert found.keys() == {"a.csv", "b.yaml"}
    assert {"碶", "溇"} <= found["a.csv"] and {"墘", "𪚥"} <= found["b.yaml"]


def test_a_character_of_no_font_is_told_with_its_file_and_code(monkeypatch):
    texts = {"config/a.yaml": set("好\n\u200d"), "config/b.yaml": set("好🏠𪚥"), "data/raw/c.csv": set("龘龖龗𠔻")}
    assert [remark.partition(": not in the fonts")[0] for remark in strange(texts)] == [
        "config/b.yaml: 🏠 (U+1F3E0), 𪚥 (U+2A6A5)",
        "data/raw/c.csv: 龖 (U+9F96), 龗 (U+9F97), 龘 (U+9F98) +1",
    ]
    monkeypatch.setenv("ELDERCARE_LANGUAGE", "zh")
    assert next(strange(texts)).startswith("config/b.yaml：🏠 (U+1F3E0), 𪚥 (U+2A6A5)：网站字体中没有")


SITES = """site,area,name,kind,lon,lat,elders,source_id,quality,note
a,deqing,北碶村,existing,119.95,30.53,100,SEED,derived,made
b,deqing,溇港$5_x$ <b>&100%,candidate,119.97,30.55,80,SEED,derived,made
c,deqing,Łódź^2\\alpha 🏠,candidate,119.98,30.54,90,SEED,derived,made
"""
PLAN = """scenario: my_plan
label: {en: "Plan $5_x$ {x} `y` <b>&100%", zh: "堃$5_x$ {x} `y` <b>&100%🏠"}
description: {en: "Plan", zh: "镕"}
changes:
  meals.uptake:
    {multiply: 1.2, why: {en: "More", zh: "多"}, source: none, locator: "example; replace it", evidence: assumption}
"""


@pytest.mark.site
def test_a_page_shows_names_as_they_are_written(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    project = faults.small_project(root, tmp_path / "project", ("04_meals",))
    (project / "data/raw/meal_point_sites.csv").write_text(SITES, encoding="utf-8")
    (project / "config/scenarios/my_plan.yaml").write_text(PLAN, encoding="utf-8")
    assert publish(load_project(project), Request(("my_plan",), ("deqing",), ("04_meals",), {}, "zh")) == 0
    remark = "config/scenarios/my_plan.yaml: 🏠 (U+1F3E0): not in the fonts of the site"
    assert remark in capsys.readouterr().out and remark in faults.here(project, "check")[1]
    text = (project / "outputs/site/zh/my_plan/deqing/04_meals.html").read_text(encoding="utf-8")
    names = [line.split(",")[2] for line in SITES.splitlines()[2:]] + ["堃$5_x$ {x} `y` <b>&100%🏠"]
    for name in names:
        assert f">{html.escape(name)}<" in text, name
    assert "<b>" not in text
    fonts = project / "outputs/site/assets/fonts"
    assert set("碶溇堃镕") <= covered((fonts / "NotoSansSC-Bold.otf").read_bytes())
