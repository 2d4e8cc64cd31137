"""Figures: charts, display tables and sentences, made from frames in the page's language."""

from eldercare.figures.html import Html
from eldercare.figures.page import Page


def show(*parts: object) -> Html:
    """Return several parts of a page (HTML, charts) as one, in order."""
    return Html("\n".join(part._repr_html_() for part in parts))


__all__ = ["Html", "Page", "show"]
