"""Make the shipped fonts: the characters of simplified Chinese and European text, out of Noto Sans CJK SC.

Usage: python tools/make_fonts.py REGULAR BOLD     (NotoSansCJK-*.ttc or *.otf; needs fonttools and brotli)
"""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FACE = "Noto Sans CJK SC"
HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src/eldercare/report/fonts"

# Beyond the Chinese ones and Latin-1: dashes, quotes, bullets, currency, units, arrows, comparisons, shapes, sub- and
# superscripts, and the characters of the Japanese name of a source in data/raw.
EXTRA = "‐‑–—―‘’“”‚„†‡•…‰′″‹›€−≈≠≤≥±×÷√∞∑∂∆←↑→↓↔▲△▼▽◀▶◆◇○●■□★☆✓✗¹²³⁰⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉½¼¾℃㎡·県興長區縣數總"
# What notebooks bring along for labels that were measured in this font: see notebook_style() of report/page.py.
LATIN = {*range(0x20, 0x100), *range(0x2010, 0x2300), *range(0x25A0, 0x25D0)}
SPACES = "\u00a0\u2002\u2003\u2009\u200b\u202f\u2060\u3000"


def characters() -> set[str]:
    """Return GB 2312, the general standard characters, Latin, full-width forms, EXTRA and SPACES."""
    lines = (HERE / "general_standard.txt").read_text(encoding="utf-8").splitlines()
    standard = {character for line in lines if not line.startswith("#") for character in line}
    gb2312 = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            gb2312.update(bytes([row, cell]).decode("gb2312", errors="ignore"))
    european = [*range(0x20, 0x250), *range(0x1E00, 0x1F00)]
    latin = {chr(code) for code in european if unicodedata.category(chr(code)) != "Cc"}
    full_width = {chr(code) for code in range(0xFF01, 0xFF5F)}
    return gb2312 | standard | latin | full_width | set(EXTRA) | set(SPACES)


def open_face(path: Path) -> TTFont:
    """Open FACE in a font file or collection."""
    fonts = TTCollection(path).fonts if path.suffix == ".ttc" else [TTFont(path)]
    for font in fonts:
        if font["name"].getDebugName(1).startswith(FACE):
            return font
    raise SystemExit(f"{path}: no face {FACE}")


def make(path: Path, style: str) -> None:
    """Write the subset of one style."""
    options = subset.Options(
        hinting=False,
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl"],
        layout_scripts=["DFLT", "latn", "hani"],
        drop_tables=["BASE", "DSIG", "VORG", "vhea", "vmtx"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14],
        name_languages=[0x409],
        notdef_outline=True,
        glyph_names=False,
        recalc_timestamp=False,
    )
    for name, kept in ((f"{style}.otf", characters()), (f"Latin-{style}.woff2", set(map(chr, LATIN)) & characters())):
        font, subsetter = open_face(path), subset.Subsetter(options)
        subsetter.populate(text="".join(kept))
        subsetter.subset(font)
        target = TARGET / f"NotoSansSC-{name}"
        font.flavor = "woff2" if target.suffix == ".woff2" else None
        font.save(target)
        print(f"{target.name}: {len(font.getBestCmap()):,} characters, {target.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Read the paths of the two system fonts and make both styles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("regular", type=Path)
    parser.add_argument("bold", type=Path)
    arguments = parser.parse_args()
    make(arguments.regular, "Regular")
    make(arguments.bold, "Bold")


if __name__ == "__main__":
    main()
