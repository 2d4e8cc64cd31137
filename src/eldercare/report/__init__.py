"""Figures: charts, display tables and sentences, made from frames in the page's language."""

from eldercare.report.html import Html


def show(*parts: object) -> Html:
    """Return several parts of a page (HTML, charts) as one, in order."""
    return Html("\n".join(part._repr_html_() for part in parts))


def __getattr__(name: str):
    # Loaded on first use: texts and links of pages need no model.
    if name == "Page":
        from eldercare.report.page import Page

        return Page
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Html", "Page", "show"]
