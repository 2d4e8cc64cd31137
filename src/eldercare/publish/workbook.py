"""Workbook: the tables of a scenario for people who work in Excel, with a cover, a dictionary and the parameters."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eldercare.inputs import CITY, Project, resolve
from eldercare.inputs.vocabulary import DENOMINATORS, EVIDENCE, UNITS
from eldercare.model import Results
from eldercare.publish.dictionary import Column, Table, reading_notes, tables
from eldercare.publish.request import LANGUAGES, areas_of
from eldercare.report.text import Text

INK, BLUE, PALE, RULE, GREY = "#1F2933", "#0B5C8E", "#EAF1F6", "#D5DBE1", "#5B6770"
# Colours of the areas' lines, the city first; and the year whose gaps are compared.
LINES = ("#0B5C8E", "#B8460B", "#00724F", "#8A4878", "#5B6770", "#B58900")
GAP_YEAR = 2035
GRID = {"major_gridlines": {"visible": True, "line": {"color": RULE}}}
# A fixed date: the same results give the same bytes.
CREATED = datetime(2020, 1, 1)
WIDTHS = {"string": 14, "integer": 11, "number": 14, "boolean": 11}


class Styles:
    """Cell formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook):
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "font_color": INK, "valign": "top"}
        self._book, self._plain = book, plain
        self._numbers: dict[int, Format] = {}
        self.text = book.add_format(plain)
        # Text that stays text also when a cell is edited or copied, even if it begins with =.
        self.quoted = book.add_format({**plain, "quote_prefix": True})
        self.wrapped = book.add_format({**plain, "text_wrap": True, "quote_prefix": True})
        self.title = book.add_format({**plain, "font_size": 20, "bold": True, "font_color": BLUE})
        self.subtitle = book.add_format({**plain, "font_size": 12, "font_color": GREY})
        self.heading = book.add_format({**plain, "font_size": 12, "bold": True, "bottom": 1, "bottom_color": RULE})
        self.link = book.add_format({**plain, "font_color": BLUE, "underline": 1})
        self.name = book.add_format({**plain, "bold": True, "font_color": "#FFFFFF", "bg_color": BLUE})
        self.label = book.add_format(
            {**plain, "bg_color": PALE, "text_wrap": True, "bottom": 1, "bottom_color": RULE, "font_size": 9}
        )

    def number(self, decimals: int) -> Format:
        """Return the format of a number with so many digits; a minus sign stands for less than nothing."""
        if decimals not in self._numbers:
            digits = "." + "0" * decimals if decimals else ""
            self._numbers[decimals] = self._book.add_format({**self._plain, "num_format": f"#,##0{digits}"})
        return self._numbers[decimals]


def workbook(
    project: Project,
    scenario: str,
    run_id: str,
    frames: Mapping[str, pd.DataFrame],
    changed: Mapping[str, Mapping[str, object]],
) -> bytes:
    """Return the workbook of a scenario's tables.

    Parameters
    ----------
    project : Project
    scenario, run_id : str
    frames : mapping of str to DataFrame
        The tables by name.
    changed : mapping
        Overrides by area; empty for the scenario as it is.
    """
    stream = io.BytesIO()
    # Text stays text: nothing that begins with = becomes a formula, no address becomes a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        styles = Styles(book)
        label = project.scenarios[scenario].label
        title = Text("en")("tables.package_title", scenario=label["en"])
        book.set_properties({"title": title, "subject": run_id, "author": "eldercare", "created": CREATED})
        cover(book.add_worksheet(_both("tables.sheet_cover")), styles, project, scenario, run_id, changed)
        summary_sheet(
            book, book.add_worksheet(_both("tables.sheet_summary")), styles, project, scenario, frames, changed
        )
        for name, table in tables().items():
            table_sheet(book.add_worksheet(name), styles, table, frames[name])
        dictionary_sheet(book.add_worksheet(_both("tables.sheet_dictionary")), styles)
        parameter_sheet(book.add_worksheet(_both("tables.sheet_parameters")), styles, project, scenario, changed)
    return stream.getvalue()


def _both(key: str, joint: str = " ", **values: str) -> str:
    return joint.join(Text(language)(key, **values) for language in reversed(LANGUAGES))


def cover(
    sheet: Worksheet,
    styles: Styles,
    project: Project,
    scenario: str,
    run_id: str,
    changed: Mapping[str, Mapping[str, object]],
) -> None:
    """Write what the workbook is, how to read it, and what is allocated or assumed."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 3)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 96)
    chosen = project.scenarios[scenario]
    row = 1
    for language in reversed(LANGUAGES):
        t = Text(language)
        sheet.write_string(row, 1, t("tables.package_title", scenario=chosen.label[language]), styles.title)
        sheet.set_row(row, 30)
        sheet.write_string(row + 1, 1, t("tables.cover_question"), styles.subtitle)
        row += 3
        facts = [
            (t("tables.cover_scenario"), f"{chosen.label[language]} ({scenario}): {chosen.description[language]}"),
            (t("tables.cover_run"), run_id),
            *(
                (t("tables.cover_changed"), f"{area}: {key} = {value}")
                for area, overrides in changed.items()
                for key, value in overrides.items()
            ),
        ]
        for key in reading_notes(changed):
            facts.append((t("tables.cover_read") if key == "note_gap" else "", t(f"tables.{key}")))
        facts.append((t("tables.cover_assumed"), t("tables.note_assumed")))
        for name, text in facts:
            sheet.write_string(row, 1, name, styles.heading if name else styles.text)
            sheet.write_string(row, 2, text, styles.wrapped)
            sheet.set_row(row, 15 * (1 + len(text) // (52 if language == "zh" else 100)))
            row += 1
        row += 1
    sheet.write_string(row, 1, _both("tables.cover_sheets"), styles.heading)
    row += 1
    sheet.write_url(
        row, 1, f"internal:'{_both('tables.sheet_summary')}'!A1", styles.link, _both("tables.sheet_summary")
    )
    sheet.write_string(row, 2, _both("tables.summary_title", " / "), styles.text)
    for name, table in tables().items():
        row += 1
        sheet.write_url(row, 1, f"internal:'{name}'!A1", styles.link, name)
        sheet.write_string(row, 2, f"{table.title['zh']} / {table.title['en']}", styles.text)
    for key in ("tables.sheet_dictionary", "tables.sheet_parameters"):
        row += 1
        sheet.write_url(row, 1, f"internal:'{_both(key)}'!A1", styles.link, _both(key))


def summary_sheet(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    styles: Styles,
    project: Project,
    scenario: str,
    frames: Mapping[str, pd.DataFrame],
    changed: Mapping[str, Mapping[str, object]],
) -> None:
    """Write beds per 1,000 by year beside the norm, and the counties' gaps, each with its chart."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 12, 13)
    beds = frames["beds"][frames["beds"]["bed_type"] == "all"]
    areas = list(dict.fromkeys(beds["area"]))
    norm = float(resolve(project, areas[0], scenario, dict(changed.get(areas[0], {}))).value("beds.norm"))
    run = Results(CITY, scenario, project=project)
    names = {area: " ".join(run.label(language, area) for language in reversed(LANGUAGES)) for area in areas}

    sheet.write_string(0, 0, _both("tables.summary_title"), styles.title)
    sheet.set_row(0, 30)
    sheet.write_string(2, 0, _both("tables.summary_ratio"), styles.heading)
    path = beds.pivot(index="year", columns="area", values="beds_per_1000")[areas].assign(norm=norm)
    header = [_both("page.c_year"), *names.values(), _both("tables.summary_norm")]
    _block(sheet, styles, 3, header, path.reset_index().to_numpy().tolist(), [0, *[1] * (len(areas) + 1)])
    lines = book.add_chart({"type": "line"})
    for column in range(1, len(header)):
        colour = INK if column == len(header) - 1 else LINES[(column - 1) % len(LINES)]
        lines.add_series(
            {
                "name": [sheet.name, 3, column],
                "categories": [sheet.name, 4, 0, 3 + len(path), 0],
                "values": [sheet.name, 4, column, 3 + len(path), column],
                "line": {"color": colour, "width": 2.5 if column in (1, len(header) - 1) else 1.5}
                | ({"dash_type": "dash"} if column == len(header) - 1 else {}),
            }
        )
    _finish(lines, _both("tables.summary_ratio", "\n"))
    lines.set_y_axis({**GRID, "num_format": "0", "min": 0})
    lines.set_x_axis({"interval_unit": 5, "num_font": {"size": 9}})
    lines.set_legend({"position": "bottom"})
    sheet.insert_chart(3, len(header) + 1, lines, {"description": _both("tables.summary_ratio")})

    top = 4 + len(path) + 2
    sheet.write_string(top, 0, _both("tables.summary_gap"), styles.heading)
    counties = beds[(beds["year"] == GAP_YEAR) & (beds["area"] != CITY)].sort_values("gap_ratio_p50")
    columns = ["gap_ratio_p50", "gap_ratio_p10", "gap_ratio_p90"]
    header = [_both("page.c_area"), *(_both(f"tables.summary_{name[-3:]}") for name in columns)]
    rows = [[names[row.area], *(round(getattr(row, name), 1) for name in columns)] for row in counties.itertuples()]
    _block(sheet, styles, top + 1, header, rows, [0, 0, 0, 0])
    if rows:
        bars = book.add_chart({"type": "bar"})
        bars.add_series(
            {
                "name": [sheet.name, top + 1, 1],
                "categories": [sheet.name, top + 2, 0, top + 1 + len(rows), 0],
                "values": [sheet.name, top + 2, 1, top + 1 + len(rows), 1],
                "fill": {"color": BLUE},
                "gap": 60,
                "data_labels": {
                    "value": True,
                    "num_format": "#,##0",
                    "position": "inside_base",
                    "font": {"color": "white"},
                },
                "x_error_bars": {
                    "type": "custom",
                    "plus_values": [row[3] - row[1] for row in rows],
                    "minus_values": [row[1] - row[2] for row in rows],
                    "line": {"color": INK},
                },
            }
        )
        _finish(bars, _both("tables.summary_gap", "\n"))
        # A bar chart's values lie along x; the names stay at the edge where a gap is negative.
        bars.set_x_axis({**GRID, "num_format": "#,##0"})
        bars.set_y_axis({"label_position": "low", "major_gridlines": {"visible": False}})
        bars.set_legend({"none": True})
        sheet.insert_chart(top + 1, len(areas) + 3, bars, {"description": _both("tables.summary_gap")})
    sheet.freeze_panes(1, 1)


def _block(
    sheet: Worksheet, styles: Styles, top: int, header: list[str], rows: list[list[object]], decimals: list[int]
) -> None:
    for position, name in enumerate(header):
        sheet.write_string(top, position, name, styles.name)
        for row, cells in enumerate(rows, start=top + 1):
            value = cells[position]
            if isinstance(value, str):
                sheet.write_string(row, position, value, styles.text)
            elif position == 0:
                sheet.write_number(row, position, int(value), styles.text)
            else:
                sheet.write_number(row, position, round(float(value), 6), styles.number(decimals[position]))


def _finish(chart: xlsxwriter.chart.Chart, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "color": INK}, "overlay": False})
    chart.set_size({"width": 720, "height": 400})


def table_sheet(sheet: Worksheet, styles: Styles, table: Table, frame: pd.DataFrame) -> None:
    """Write one table: meaning and unit in both languages above each name, the names as a filter."""
    head = len(LANGUAGES)
    for position, column in enumerate(table.columns):
        for row, language in enumerate(reversed(LANGUAGES)):
            unit = "" if column.type in ("string", "boolean") else f"\n[{column.unit[language]}]"
            sheet.write_string(row, position, f"{column.meaning[language]}{unit}", styles.label)
            sheet.set_row(row, 84)
        sheet.write_string(head, position, column.name, styles.name)
        sheet.set_column(position, position, max(WIDTHS[column.type], len(column.name) + 4), _format(column, styles))
    for position, column in enumerate(table.columns):
        values = frame[column.name]
        rows = enumerate(zip(values.tolist(), values.isna().tolist(), strict=True), start=head + 1)
        there = ((row, value) for row, (value, missing) in rows if not missing)
        if column.type == "string":
            for row, value in there:
                sheet.write_string(row, position, str(value), styles.quoted)
        elif column.type == "boolean":
            for row, value in there:
                sheet.write_boolean(row, position, bool(value))
        else:
            digits = 0 if column.type == "integer" else 6
            for row, value in there:
                sheet.write_number(row, position, round(value, digits))
    sheet.freeze_panes(head + 1, 2)
    sheet.autofilter(head, 0, head + len(frame), len(table.columns) - 1)


def _format(column: Column, styles: Styles) -> Format:
    # A year or another whole number is written without separators.
    return styles.number(column.decimals) if column.type == "number" else styles.text


def _grid(sheet: Worksheet, styles: Styles, header: list[str], widths: list[int], rows: list[list[object]]) -> None:
    for position, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, name, styles.name)
    for row, cells in enumerate(rows, start=1):
        for position, value in enumerate(cells):
            if isinstance(value, bool) or not isinstance(value, int | float):
                sheet.write_string(row, position, "" if value is None else str(value), styles.wrapped)
            else:
                sheet.write_number(row, position, value, styles.text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)


def dictionary_sheet(sheet: Worksheet, styles: Styles) -> None:
    """Write every column of every table: type, unit, meaning, and whether county rows add to the city."""
    header = [
        _both(f"tables.d_{name}") for name in ("table", "column", "type", "unit", "meaning_zh", "meaning_en", "adds")
    ]
    rows = [
        [
            table.name,
            column.name,
            column.type,
            f"{column.unit['zh']} / {column.unit['en']}",
            column.meaning["zh"],
            column.meaning["en"],
            _both("tables.yes" if column.adds else "tables.no"),
        ]
        for table in tables().values()
        for column in table.columns
    ]
    _grid(sheet, styles, header, [12, 28, 10, 30, 56, 70, 12], rows)


def parameter_sheet(
    sheet: Worksheet, styles: Styles, project: Project, scenario: str, changed: Mapping[str, Mapping[str, object]]
) -> None:
    """Write every parameter with value, interval, evidence, source and the layers that made it.

    One row for the city; one more for each county or changed area whose value or trail differs.
    """
    names = (
        "key",
        "area",
        "label_zh",
        "label_en",
        "value",
        "low",
        "high",
        "unit",
        "per",
        "evidence",
        "source",
        "locator",
        "trail",
    )
    settings = {area: resolve(project, area, scenario, dict(changed.get(area, {}))) for area in areas_of(project)}
    rows = []
    for key, parameter in project.parameters.items():
        common = settings[CITY][key]
        for area in settings:
            setting = settings[area][key]
            if area != CITY and setting.value == common.value and len(setting.trail) == len(common.trail):
                continue
            last = setting.trail[-1]
            source = project.sources.get(last.source_id)
            low, high = setting.interval or (None, None)
            rows.append(
                [
                    key,
                    area,
                    parameter.label["zh"],
                    parameter.label["en"],
                    setting.value,
                    low,
                    high,
                    _pair(UNITS[parameter.unit]),
                    _pair(DENOMINATORS[parameter.denominator]),
                    _pair(EVIDENCE[last.evidence]),
                    source.title if source else "",
                    last.locator or "",
                    " > ".join(f"{s.layer}: {s.operation} {s.operand} ({s.where})" for s in setting.trail),
                ]
            )
    header = [_both(f"tables.p_{name}") for name in names]
    _grid(sheet, styles, header, [32, 11, 26, 30, 12, 10, 10, 26, 26, 18, 40, 50, 60], rows)


def _pair(label: Mapping[str, str]) -> str:
    return f"{label['zh']} / {label['en']}"
