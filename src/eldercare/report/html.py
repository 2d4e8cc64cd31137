"""Small HTML building blocks: every value is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Html(str):
    """A string of finished HTML that Jupyter shows as such."""

    def _repr_html_(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        # Beside the HTML a notebook keeps what a terminal would show; the whole again would double every file.
        printer.text(f"HTML of {len(self):,} characters")

    def __html__(self) -> str:
        """Tell template engines that this is finished HTML."""
        return str(self)


def element(tag: str, content: str | Html, **attributes: str) -> Html:
    """Return one element; plain text is escaped, Html is kept.

    Examples
    --------
    >>> element("p", "a < b", cls="note")
    '<p class="note">a &lt; b</p>'
    """
    inner = content if isinstance(content, Html) else escape(str(content), quote=False)
    given = "".join(
        f' {name.removesuffix("_").replace("cls", "class").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
    )
    return Html(f"<{tag}{given}>{inner}</{tag}>")


def prose(text: str) -> Html:
    """Return a sentence of the catalogue: escaped, with what stands between backticks as code.

    Examples
    --------
    >>> prose("type `eldercare check` & wait")
    'type <code>eldercare check</code> &amp; wait'
    """
    return Html(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False)))


def join(parts: Sequence[str]) -> Html:
    """Return finished parts one after the other."""
    return Html("\n".join(part if isinstance(part, Html) else escape(part, quote=False) for part in parts))


def table(frame: pd.DataFrame, caption: str, cls: str = "data", numeric: Sequence[str] = ()) -> Html:
    """Return a frame of finished strings as a table with a caption; the first column is the row header.

    Parameters
    ----------
    frame : DataFrame
        Display values (strings or Html), columns already labelled.
    caption : str
        What the table shows, with its unit.
    cls : str
        Class of the table element.
    numeric : sequence of str
        Columns that are aligned to the right.
    """
    head = Html(
        "".join(
            element("th", str(column), scope="col", **({"cls": "num"} if column in numeric else {}))
            for column in frame.columns
        )
    )
    rows = []
    for record in frame.itertuples(index=False):
        cells = []
        for position, (column, value) in enumerate(zip(frame.columns, record, strict=True)):
            kind = {"cls": "num"} if column in numeric else {}
            content = value if isinstance(value, Html) else str(value)
            cells.append(element("th", content, scope="row") if position == 0 else element("td", content, **kind))
        rows.append(element("tr", Html("".join(cells))))
    body = join(
        [
            element("caption", element("span", caption)),
            element("thead", element("tr", head)),
            element("tbody", Html("".join(rows))),
        ]
    )
    return element(
        "div", element("table", body, cls=cls), cls="table-box", role="region", tabindex="0", aria_label=caption
    )
