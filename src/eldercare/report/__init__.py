"""Report: frames in; charts, tables and sentences out, in the page's language."""

from eldercare.report.chart import Chart, Column, Table, show
from eldercare.report.html import Html
from eldercare.report.own import draw
from eldercare.report.page import Page

__all__ = ["Chart", "Column", "Html", "Page", "Table", "draw", "show"]
