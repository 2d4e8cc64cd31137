"""HTML in a notebook: text is escaped by markupsafe, elements are htpy's, and an output may differ on the site."""

import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

# An output of this type is what the published page shows; JupyterLab does not know it and shows the text/html.
SITE = "application/vnd.eldercare.site+html"


class Html(Markup):
    """Finished HTML, shown as such by Jupyter.

    Examples
    --------
    >>> Html("<b>{}</b>").format("a < b")
    Html('<b>a &lt; b</b>')
    """

    def _repr_html_(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Beside the HTML a notebook keeps what a terminal would show; the whole again would double every file.
        printer.text(f"HTML of {len(self):,} characters")


class Shown:
    """What Jupyter shows as HTML; for a terminal its kind: an address in memory would make every run's file another."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"<{type(self).__name__}>")


class TwoFold(Shown):
    """An output as HTML for the published ``site``, and for a ``notebook`` that is open, without styles and scripts."""

    def __init__(self, site: str, notebook: str):
        self.site, self.notebook = site, notebook

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": str(self.notebook), SITE: str(self.site)}


def join(parts: Iterable[object], between: str = "\n") -> Html:
    """Return parts one after the other; what is not HTML yet is escaped.

    Examples
    --------
    >>> join(["a & b", Html("<br>")], "")
    Html('a &amp; b<br>')
    """
    return Html(between).join(escape(part) for part in parts)


def prose(text: str) -> Html:
    """Return a sentence of the catalogue: escaped, with what stands between backticks as code.

    Examples
    --------
    >>> prose("type `eldercare check` & wait")
    Html('type <code>eldercare check</code> &amp; wait')
    """
    return Html(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
