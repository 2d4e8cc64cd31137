"""PDF: a brief laid out by Typst, tagged for those who hear it, with the fonts of the site and none of the machine."""

import json
from datetime import datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from eldercare.publish.fonts import faces


def pdf(brief: dict[str, Any], made: datetime) -> bytes:
    """Return the PDF (PDF/UA-1) of a brief as `eldercare.publish.brief` describes it."""
    with TemporaryDirectory() as aside:
        folder, fonts = Path(aside), typst.Fonts(False, False, sorted({str(file.parent) for file in faces()}))
        (folder / "brief.typ").write_bytes((resources.files("eldercare.publish") / "brief.typ").read_bytes())
        for number, part in enumerate(part for section in brief["sections"] for part in section["parts"]):
            if png := part.pop("png", None):
                part["file"] = f"{number}.png"
                (folder / part["file"]).write_bytes(png)
        (folder / "brief.json").write_text(json.dumps(brief), encoding="utf-8")
        main, made = folder / "brief.typ", made.replace(microsecond=0)
        return typst.compile(main, None, folder, fonts, True, "pdf", pdf_standards="ua-1", timestamp=made)
