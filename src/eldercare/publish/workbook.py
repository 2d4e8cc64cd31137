"""Workbook: the tables of a scenario for people who work in Excel, with a cover, a dictionary and the parameters."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eldercare.inputs import Project, resolve
from eldercare.inputs.vocabulary import DENOMINATORS, EVIDENCE, UNITS
from eldercare.publish.dictionary import Changed, norm_in_force, reading_notes, tables
from eldercare.publish.request import LANGUAGES
from eldercare.report.text import Text

INK, BLUE, PALE, RULE, GREY = "#1F2933", "#0B5C8E", "#EAF1F6", "#D5DBE1", "#5B6770"
# Colours of the areas' lines, the city first.
LINES = ("#0B5C8E", "#B8460B", "#00724F", "#8A4878", "#5B6770", "#B58900")
GRID = {"major_gridlines": {"visible": True, "line": {"color": RULE}}}
# A fixed date: the same results give the same bytes.
CREATED = datetime(2020, 1, 1)
# Text stays text: nothing that begins with = becomes a formula, no address becomes a link.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTHS = {"string": 14, "integer": 11, "number": 14, "boolean": 11}
UNDERLINED = {"bottom": 1, "bottom_color": RULE}
STYLES: dict[str, dict[str, object]] = {
    "plain": {},
    # Text that stays text also when a cell is edited or copied, even if it begins with =.
    "text": {"quote_prefix": True},
    "wrapped": {"quote_prefix": True, "text_wrap": True},
    "title": {"font_size": 20, "bold": True, "font_color": BLUE},
    "subtitle": {"font_size": 12, "font_color": GREY},
    "heading": {"font_size": 12, "bold": True, **UNDERLINED},
    "link": {"font_color": BLUE, "underline": 1},
    "name": {"bold": True, "font_color": "#FFFFFF", "bg_color": BLUE},
    "label": {"font_size": 9, "bg_color": PALE, "text_wrap": True, **UNDERLINED},
    **{f"number{n}": {"num_format": f"#,##0.{'0' * n}".rstrip(".")} for n in range(7)},
}


def workbook(
    project: Project, scenario: str, run_id: str, frames: Mapping[str, pd.DataFrame], changed: Changed
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
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "font_color": INK, "valign": "top"}
        styles = {name: book.add_format({**plain, **style}) for name, style in STYLES.items()}
        title = _title("en", project, scenario)
        book.set_properties({"title": title, "subject": run_id, "author": "eldercare", "created": CREATED})
        cover(book.add_worksheet(_both("sheet_cover")), styles, project, scenario, run_id, changed)
        summary(book, book.add_worksheet(_both("sheet_summary")), styles, project, frames["beds"])
        for name in tables():
            table_sheet(book.add_worksheet(name), styles, name, frames[name])
        table_of(book.add_worksheet(_both("sheet_dictionary")), styles, "d", dictionary())
        table_of(book.add_worksheet(_both("sheet_parameters")), styles, "p", parameters(project, scenario, changed))
    return stream.getvalue()


def _title(language: str, project: Project, scenario: str) -> str:
    label = project.scenarios[scenario].label[language]
    return Text(language)("tables.package_title", scenario=label, city=project.city.label[language])


def _both(name: str, joint: str = " ", year: int = 0) -> str:
    key = name if "." in name else f"tables.{name}"
    return joint.join(Text(language)(key, year=year) for language in reversed(LANGUAGES))


def put(sheet: Worksheet, top: int, frame: pd.DataFrame, style: Format | None = None) -> None:
    """Write the values of a frame below a row; what is missing stays empty, columns keep their format."""
    cells = frame.round(6).astype(object)
    cells = cells.where(frame.notna(), None)
    for position, name in enumerate(cells):
        sheet.write_column(top, position, cells[name].tolist(), style)


def cover(
    sheet: Worksheet, styles: Mapping[str, Format], project: Project, scenario: str, run_id: str, changed: Changed
) -> None:
    """Write what the workbook is, how to read it, and what is allocated or assumed."""
    sheet.hide_gridlines(2)
    for position, width in enumerate((3, 26, 96)):
        sheet.set_column(position, position, width)
    chosen, row = project.scenarios[scenario], 1
    for language in reversed(LANGUAGES):
        t = Text(language)
        sheet.write_string(row, 1, _title(language, project, scenario), styles["title"])
        sheet.set_row(row, 30)
        sheet.write_string(row + 1, 1, t("tables.cover_question"), styles["subtitle"])
        notes = [t(f"tables.{key}") for key in reading_notes(changed)]
        values = [f"{area}: {key} = {value}" for area, own in changed.items() for key, value in own.items()]
        facts = [
            (t("tables.cover_scenario"), f"{chosen.label[language]} ({scenario}): {chosen.description[language]}"),
            (t("tables.cover_run"), run_id),
            *((t("tables.cover_changed"), value) for value in values),
            *((t("tables.cover_read") if note is notes[0] else "", note) for note in notes),
            (t("tables.cover_assumed"), t("tables.note_assumed")),
        ]
        row += 3
        for name, text in facts:
            sheet.write_string(row, 1, name, styles["heading" if name else "plain"])
            sheet.write_string(row, 2, text, styles["wrapped"])
            sheet.set_row(row, 15 * (1 + len(text) // (52 if language == "zh" else 100)))
            row += 1
        row += 1
    sheet.write_string(row, 1, _both("cover_sheets"), styles["heading"])
    sheets = {
        _both("sheet_summary"): _both("summary_title", " / "),
        **{name: f"{table.title['zh']} / {table.title['en']}" for name, table in tables().items()},
        **{_both(key): "" for key in ("sheet_dictionary", "sheet_parameters")},
    }
    for name, title in sheets.items():
        row += 1
        sheet.write_url(row, 1, f"internal:'{name}'!A1", styles["link"], name)
        sheet.write_string(row, 2, title, styles["plain"])


def summary(
    book: xlsxwriter.Workbook, sheet: Worksheet, styles: Mapping[str, Format], project: Project, beds: pd.DataFrame
) -> None:
    """Write beds per 1,000 by year beside the norm, and the counties' gaps, each with its chart."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 12, 13)
    sheet.write_string(0, 0, _both("summary_title"), styles["title"])
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)
    beds = beds[beds["bed_type"] == "all"]
    areas = list(dict.fromkeys(beds["area"]))
    names = {area: " ".join(project.label(area, language) for language in reversed(LANGUAGES)) for area in areas}

    path = beds.pivot(index="year", columns="area", values="beds_per_1000")[areas]
    path = path.assign(norm=norm_in_force(beds)[areas[0]]).reset_index()
    heads = [_both("page.c_year"), *names.values(), _both("summary_norm")]
    _block(sheet, styles, 2, "summary_ratio", heads, path, "number1")
    lines, last = book.add_chart({"type": "line"}), len(heads) - 1
    for column in range(1, len(heads)):
        colour = INK if column == last else LINES[(column - 1) % len(LINES)]
        line = {"color": colour, "width": 2.5 if column in (1, last) else 1.5}
        dash = {"dash_type": "dash"} if column == last else {}
        lines.add_series(_series(sheet, 3, column, len(path)) | {"line": line | dash})
    lines.set_y_axis({**GRID, "num_format": "0", "min": 0})
    lines.set_x_axis({"interval_unit": 5, "num_font": {"size": 9}})
    lines.set_legend({"position": "bottom"})
    _insert(sheet, 3, len(heads) + 1, lines, "summary_ratio")

    until = project.city.target_year
    counties = beds[(beds["year"] == until) & (beds["area"] != project.city.id)].sort_values("gap_ratio_mean")
    gaps = counties[["area", "gap_ratio_mean", "gap_ratio_p10", "gap_ratio_p90"]].replace({"area": names})
    top = len(path) + 6
    heads = [_both("page.c_area"), *(_both(f"summary_{name}") for name in ("mean", "p10", "p90"))]
    _block(sheet, styles, top, "summary_gap", heads, gaps.round(1), "number0", year=until)
    if gaps.empty:
        return
    middle, low, high = (gaps[name] for name in gaps.columns[1:])
    bars = book.add_chart({"type": "bar"})
    label = {"value": True, "num_format": "#,##0", "position": "inside_base", "font": {"color": "white"}}
    ends = {"plus_values": (high - middle).tolist(), "minus_values": (middle - low).tolist(), "line": {"color": INK}}
    bars.add_series(
        _series(sheet, top + 1, 1, len(gaps))
        | {"fill": {"color": BLUE}, "gap": 60, "data_labels": label, "x_error_bars": {"type": "custom", **ends}}
    )
    # A bar chart's values lie along x; the names stay at the edge where a gap is negative.
    bars.set_x_axis({**GRID, "num_format": "#,##0"})
    bars.set_y_axis({"label_position": "low", "major_gridlines": {"visible": False}})
    bars.set_legend({"none": True})
    _insert(sheet, top + 1, len(areas) + 3, bars, "summary_gap", year=until)


def _block(
    sheet: Worksheet,
    styles: Mapping[str, Format],
    top: int,
    title: str,
    heads: Sequence[str],
    frame: pd.DataFrame,
    style: str,
    year: int = 0,
) -> None:
    """Write a small table under its title: names of years or areas in the first column, numbers in the others."""
    sheet.write_string(top, 0, _both(title, year=year), styles["heading"])
    sheet.write_row(top + 1, 0, heads, styles["name"])
    put(sheet, top + 2, frame, styles[style])
    sheet.write_column(top + 2, 0, frame.iloc[:, 0].tolist(), styles["plain"])


def _series(sheet: Worksheet, head: int, column: int, rows: int) -> dict[str, object]:
    return {
        "name": [sheet.name, head, column],
        "categories": [sheet.name, head + 1, 0, head + rows, 0],
        "values": [sheet.name, head + 1, column, head + rows, column],
    }


def _insert(sheet: Worksheet, row: int, column: int, chart: xlsxwriter.chart.Chart, title: str, year: int = 0) -> None:
    name = _both(title, "\n", year)
    chart.set_title({"name": name, "name_font": {"size": 11, "color": INK}, "overlay": False})
    chart.set_size({"width": 720, "height": 400})
    sheet.insert_chart(row, column, chart, {"description": _both(title, year=year)})


def table_sheet(sheet: Worksheet, styles: Mapping[str, Format], name: str, frame: pd.DataFrame) -> None:
    """Write one table: meaning and unit in both languages above each name, the names as a filter."""
    head, columns = len(LANGUAGES), tables()[name].columns
    for position, column in enumerate(columns):
        for row, language in enumerate(reversed(LANGUAGES)):
            unit = "" if column.type in ("string", "boolean") else f"\n[{column.unit[language]}]"
            sheet.write_string(row, position, f"{column.meaning[language]}{unit}", styles["label"])
        # A year or another whole number is written without separators.
        style = {"number": f"number{column.decimals}", "string": "text"}.get(column.type, "plain")
        width = max(WIDTHS[column.type], len(column.name) + 4)
        sheet.set_column(position, position, width, styles[style])
    for row in range(head):
        sheet.set_row(row, 84)
    sheet.write_row(head, 0, [column.name for column in columns], styles["name"])
    put(sheet, head + 1, frame[[column.name for column in columns]])
    sheet.freeze_panes(head + 1, 2)
    sheet.autofilter(head, 0, head + len(frame), len(columns) - 1)


def table_of(sheet: Worksheet, styles: Mapping[str, Format], kind: str, frame: pd.DataFrame) -> None:
    """Write a frame of words and numbers under bilingual names; ``frame.attrs["widths"]`` are those of its columns."""
    for position, width in enumerate(frame.attrs["widths"]):
        sheet.set_column(position, position, width, styles["wrapped"])
    sheet.write_row(0, 0, [_both(f"{kind}_{name}") for name in frame], styles["name"])
    put(sheet, 1, frame)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)


def dictionary() -> pd.DataFrame:
    """Return every column of every table: type, unit, meaning, and whether county rows add to the city."""
    rows = [
        {
            "table": table.name,
            "column": column.name,
            "type": column.type,
            "unit": _pair(column.unit),
            "meaning_zh": column.meaning["zh"],
            "meaning_en": column.meaning["en"],
            "adds": _both("yes" if column.adds else "no"),
        }
        for table in tables().values()
        for column in table.columns
    ]
    frame = pd.DataFrame(rows)
    frame.attrs["widths"] = (12, 28, 10, 30, 56, 70, 12)
    return frame


def parameters(project: Project, scenario: str, changed: Changed) -> pd.DataFrame:
    """Return every parameter with value, interval, evidence, source and the layers that made it.

    One row for the city; one more for each county or changed area whose value or trail differs.
    """
    settings = {area: resolve(project, area, scenario, dict(changed.get(area, {}))).all for area in project.areas}
    rows = []
    for key, parameter in project.parameters.items():
        common = settings[project.city.id][key]
        for area in project.areas:
            setting = settings[area][key]
            if area != project.city.id and (setting.value, setting.trail) == (common.value, common.trail):
                continue
            last = setting.trail[-1]
            source = project.sources.get(last.source_id)
            low, high = setting.interval or (None, None)
            rows.append(
                {
                    "key": key,
                    "area": area,
                    "label_zh": parameter.label["zh"],
                    "label_en": parameter.label["en"],
                    "value": setting.value,
                    "low": low,
                    "high": high,
                    "unit": _pair(UNITS[parameter.unit]),
                    "per": _pair(DENOMINATORS[parameter.denominator]),
                    "evidence": _pair(EVIDENCE[last.evidence]),
                    "source": source.title if source else "",
                    "locator": last.locator,
                    "trail": " > ".join(f"{s.layer}: {s.operation} {s.operand} ({s.where})" for s in setting.trail),
                }
            )
    frame = pd.DataFrame(rows)
    frame.attrs["widths"] = (32, 11, 26, 30, 12, 10, 10, 26, 26, 18, 40, 50, 60)
    return frame


def _pair(label: Mapping[str, str]) -> str:
    return f"{label['zh']} / {label['en']}"
