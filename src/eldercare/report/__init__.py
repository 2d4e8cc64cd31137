"""Report: frames in; charts, tables and sentences out, in the page's language."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eldercare.report.chart import Chart, Column, Table, show
    from eldercare.report.html import Html
    from eldercare.report.own import draw
    from eldercare.report.page import Page

__all__ = ["Chart", "Column", "Html", "Page", "Table", "draw", "show"]
PLACES = {"Html": "html", "Page": "page", "draw": "own"} | dict.fromkeys(("Chart", "Column", "Table", "show"), "chart")


def __getattr__(name: str) -> Any:
    # Loaded on first use: a run that only plans needs the words of the pages, but neither the model nor matplotlib.
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
