"""Fonts of a site: the shipped ones, and matplotlib's own for letters that they lack, cut to what it can show."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import uharfbuzz as hb

from eldercare.inputs.csv_text import decode
from eldercare.inputs.problems import Problem, _, message_language

PACKAGE = Path(str(resources.files("eldercare")))
SHIPPED, MORE = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"), ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
# Files that hold words of pages: of the package, and of a project.
WORDS, TEXTS = (".yaml", ".j2", ".py", ".js"), (".yaml", ".csv", ".tsv", ".txt", ".json", ".ipynb")
ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")
EUROPEAN = frozenset(map(chr, range(0x100, 0x180)))
UNSEEN = ("Cc", "Cf", "Cs")
# Characters that are named for one file.
SHOWN = 3


@cache
def faces() -> dict[Path, hb.Face]:
    """Return the fonts of a site by file."""
    spec = find_spec("matplotlib")  # its folder, without loading it
    assert spec is not None and spec.origin is not None
    folders = PACKAGE / "report" / "fonts", Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    files = [folder / name for folder, names in zip(folders, (SHIPPED, MORE), strict=True) for name in names]
    return {file: hb.Face(hb.Blob.from_file_path(str(file))) for file in files}


def _has(face: hb.Face) -> set[str]:
    return set(map(chr, face.unicodes))


def written(root: Path, names: Iterable[str]) -> dict[str, set[str]]:
    """Return the characters of the texts among some files of a project, those that are written as escapes too."""
    files = {name: root / name for name in names if name.endswith(TEXTS) and (root / name).is_file()}
    return {name: _characters(decode(file.read_bytes()) or "") for name, file in files.items()}


def _characters(text: str) -> set[str]:
    return set(ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text))


def web_fonts(shown: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the fonts of a site with their licences.

    They have all signs and the letters of Europe, but of Chinese characters only those shown, and the package's own.
    """
    words = (file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*") if file.suffix in WORDS)
    wanted = set(shown).union(*map(_characters, words))
    known = set.union(*(_has(face) for file, face in faces().items() if file.name in SHIPPED))
    for file, face in faces().items():
        kept = {c for c in known if c in wanted or unicodedata.category(c) != "Lo"}
        if file.name in MORE:
            kept = (wanted | EUROPEAN) - known
        order = hb.SubsetInput()
        order.flags = hb.SubsetFlags.NO_HINTING
        order.unicode_set.update(map(ord, kept))
        yield file.name, hb.subset(face, order).blob.data
    for file, licence in zip((*faces(),)[1:3], ("OFL.txt", "LICENSE_DEJAVU"), strict=True):
        yield licence, file.with_name(licence).read_bytes()


def strange(texts: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield a remark for each text with characters that none of the fonts has, for the user."""
    unknown = set().union(*texts.values()).difference(*map(_has, faces().values()))
    for name, characters in texts.items():
        if odd := sorted(c for c in characters & unknown if unicodedata.category(c) not in UNSEEN):
            codes = ", ".join(f"{c} (U+{ord(c):04X})" for c in odd[:SHOWN])
            codes += f" +{len(odd) - SHOWN}" if len(odd) > SHOWN else ""
            message = _("not in the fonts of the site; a reader's own font draws it, or an empty box")
            yield Problem(name, codes, message=message).told(message_language())
