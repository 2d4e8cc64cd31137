"""Workbook: the tables of a scenario for people who work in Excel, with a cover, a dictionary and the parameters."""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib import resources

import pandas as pd
import xlsxwriter
from pandas.api.types import is_numeric_dtype
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eldercare.inputs import Project, resolve
from eldercare.inputs.models import DENOMINATORS, EVIDENCE, UNITS
from eldercare.inputs.scenarios import BASELINE
from eldercare.inputs.strict_yaml import read_own
from eldercare.model.comparison import Comparison
from eldercare.model.results import BROAD, Results
from eldercare.publish.dictionary import Changed, Label, Table, norm_in_force, reading_notes, tables
from eldercare.publish.request import LANGUAGES
from eldercare.report import Page, scenarios
from eldercare.report.text import Text, names

# Options of the file, colours, looks of cells and charts, and widths of columns.
LOOK = read_own((resources.files("eldercare.publish") / "workbook.yaml").read_text(encoding="utf-8"))
INK, LINES, GRID = LOOK["ink"], LOOK["lines"], LOOK["grid"]
STYLES = LOOK["styles"] | {f"number{n}": {"num_format": f"#,##0.{'0' * n}".rstrip(".")} for n in range(7)}


def workbook(
    project: Project,
    scenario: str,
    run_id: str,
    title: Label,
    frames: Mapping[str, pd.DataFrame],
    changed: Changed,
    day: str,
    whole: bool = True,
) -> bytes:
    """Return the workbook of a scenario's tables, given by name, that were made on a day.

    That of the baseline, if ``whole``, compares all scenarios. ``changed`` are overrides by area.
    """
    stream, described = io.BytesIO(), tables(years=project.city.years_ahead)
    with xlsxwriter.Workbook(stream, LOOK["options"]) as book:
        made = datetime.fromisoformat(day)
        book.set_properties({"title": title["en"], "subject": run_id, "author": "eldercare", "created": made})
        sheets, near, target = Sheets(book, project), project.city.near_year, project.city.target_year
        briefs = {"comparison": target} if whole and scenario == BASELINE and not changed else {}
        sheets.cover(scenario, day, run_id, title, changed, briefs | {"plan": target, "indicators": near})
        if briefs:
            sheets.brief("comparison", comparison(project, scenario), 14, target)
        sheets.brief("plan", plan(project, frames["plan"]), 9, target)
        sheets.brief("indicators", indicators(project, scenario, frames["indicators"]), 15, near, "plain")
        sheets.summary(frames["beds"])
        # Five-year groups of every year are ten times as many rows as all the rest; who needs them takes the CSV.
        people = frames["population"]
        brief = people["age_group"].isin(BROAD) | people["year"].isin(project.city.milestones)
        for name, table in described.items():
            sheets.table(table, people[brief] if name == "population" else frames[name])
        sheets.words("dictionary", dictionary(described.values()), LOOK["dictionary"])
        sheets.words("parameters", parameters(project, scenario, changed), LOOK["parameters"])
    return stream.getvalue()


def _both(name: str, joint: str = " ", year: int = 0) -> str:
    key = name if "." in name else f"tables.{name}"
    return joint.join(Text(language)(key, year=year) for language in reversed(LANGUAGES))


def comparison(project: Project, first: str) -> pd.DataFrame:
    """Return the table of the page about scenarios, for the city in the target year, in both languages at once."""
    compared = Comparison(Results(None, first, project=project))
    made = scenarios.effects(compared)
    pages = [Page("scenarios", project.city.id, first, {}, language, project) for language in reversed(LANGUAGES)]
    zh, en = (pd.read_csv(io.StringIO(scenarios.effects_table(page, compared, made).csv())) for page in pages)
    both = [one if is_numeric_dtype(one) else one + " / " + en.iloc[:, n] for n, (_head, one) in enumerate(zh.items())]
    return pd.concat(both, axis=1).set_axis([f"{one} / {other}" for one, other in zip(zh, en, strict=True)], axis=1)


def plan(project: Project, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each area opens by year until the target year, whole units, in both languages."""
    first, last = frame.query("to_open > 0")["year"].min(), project.city.target_year
    frame = frame[frame["year"].between(first, last)]
    wide = frame.pivot(index=["area", "item"], columns="year", values="to_open").rename(columns=str)
    rows = frame[["area", "item"]].drop_duplicates()
    wide = wide.loc[list(rows.itertuples(index=False, name=None))]
    wide[_both("plan.c_all")] = wide.sum(axis=1)
    wide.insert(0, _both("plan.c_item"), [_both(f"plan.i_{name}", " / ") for name in rows["item"]])
    wide.insert(0, _both("page.c_area"), _areas(project, rows))
    return wide


def indicators(project: Project, scenario: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return each area's indicators of the near year as plans print them, in both languages, yuan in millions."""
    year, before = project.city.near_year, resolve(project, project.city.id, scenario).integer("supply.first_year") - 1
    rows = frame[frame["year"] == year].reset_index(drop=True)
    wide = pd.DataFrame({_both("page.c_area"): _areas(project, rows)})
    for key, stem in {"of_plan": "indicator", "binding": "kind"}.items():
        wide[_both(f"plan.c_{key}", " / ")] = [_both(f"plan.{stem}_{name}", " / ") for name in rows[stem]]
    for name in rows.filter(regex="base|target|mean|chance|surely|budget|capital|running"):
        head, most = _both(f"plan.c_{name}", " / ", before if name == "base" else year), rows[name].abs().max()
        wide[head] = rows[name] if most <= 1 else (rows[name] / (1e6 if most > 1e6 else 1)).round(1)
    return wide


def _areas(project: Project, frame: pd.DataFrame) -> list[str]:
    return [_pair({language: project.label(name, language) for language in LANGUAGES}) for name in frame["area"]]


def _pair(label: Label) -> str:
    return f"{label['zh']} / {label['en']}"


class Sheets:
    """The sheets of one workbook, each written by a method."""

    def __init__(self, book: xlsxwriter.Workbook, project: Project):
        self.book, self.project = book, project
        self.styles: dict[str, Format] = {name: book.add_format(LOOK["cell"] | one) for name, one in STYLES.items()}

    def _sheet(self, name: str, columns: Sequence[tuple[float, str]], first: int = 0, last: int = 0) -> Worksheet:
        """Add a sheet with widths and styles of its columns, for A4 across: as many a page as can be read.

        Rows from a first to a last one below the top are repeated on every page.
        """
        sheet = self.book.add_worksheet(name)
        for position, (width, style) in enumerate(columns):
            sheet.set_column(position, position, width, self.styles[style])
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(math.ceil(sum(width for width, _style in columns) / LOOK["across"]), 0)
        sheet.set_footer("&L&8&F&C&8&A&R&8&P / &N")
        if last:
            sheet.repeat_rows(first, last)
            sheet.repeat_columns(0, 1)
        return sheet

    def cover(
        self, scenario: str, date: str, run_id: str, title: Label, changed: Changed, briefs: Mapping[str, int]
    ) -> None:
        """Write what the workbook is, how to read it, what is allocated or assumed, and its sheets.

        ``briefs`` are those for readers with their years.
        """
        sheet, styles = self._sheet(_both("sheet_cover"), [(3, "plain"), (26, "plain"), (96, "plain")]), self.styles
        sheet.hide_gridlines(2)
        chosen, row = self.project.scenarios[scenario], 1
        for language in reversed(LANGUAGES):
            t = Text(language, names(self.project, language))
            sheet.write_string(row, 1, title[language], styles["title"])
            sheet.set_row(row, 30)
            sheet.write_string(row + 1, 1, t("tables.cover_question"), styles["subtitle"])
            values = [f"{area}: {key} = {value}" for area, own in changed.items() for key, value in own.items()]
            first, *notes = (t(f"tables.{key}") for key in reading_notes(changed))
            facts = [
                ("scenario", f"{chosen.label[language]} ({scenario}): {chosen.description[language]}"),
                ("date", date),
                ("data", t("site.as_of")),
                ("run", run_id),
                *(("changed", value) for value in values),
                ("read", first),
                *(("", note) for note in notes),
                ("assumed", t("tables.note_assumed")),
                ("", t("tables.note_brief")),
            ]
            row += 3
            for name, text in facts:
                heading = t(f"tables.cover_{name}") if name else ""
                sheet.write_string(row, 1, heading, styles["heading" if name else "plain"])
                sheet.write_string(row, 2, text, styles["wrapped"])
                sheet.set_row(row, 15 * (1 + len(text) // (52 if language == "zh" else 100)))
                row += 1
            row += 1
        sheet.write_string(row, 1, _both("cover_sheets"), styles["heading"])
        others = {_both(f"sheet_{kind}"): _both(f"{kind}_title", " / ", year) for kind, year in briefs.items()}
        others |= {_both("sheet_summary"): _both("summary_title", " / ")}
        others |= {name: _pair(table.title) for name, table in tables().items()}
        for name, about in {**others, _both("sheet_dictionary"): "", _both("sheet_parameters"): ""}.items():
            row += 1
            sheet.write_url(row, 1, f"internal:'{name}'!A1", styles["link"], name)
            sheet.write_string(row, 2, about, styles["plain"])

    def summary(self, beds: pd.DataFrame) -> None:
        """Write beds per 1,000 by year beside the norm, and the counties' gaps, each with its chart."""
        sheet = self._sheet(_both("sheet_summary"), [(18, "plain")] + [(13, "plain")] * 12)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, _both("summary_title"), self.styles["title"])
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, 1)
        # The basis of the report and of its norm comes first in the table.
        beds = beds[(beds["bed_type"] == "all") & (beds["basis"] == "registered")]
        areas = list(dict.fromkeys(beds["area"]))
        labels = {area: " ".join(self.project.label(area, n) for n in reversed(LANGUAGES)) for area in areas}

        path = beds.pivot(index="year", columns="area", values="beds_per_1000")[areas]
        path = path.assign(norm=norm_in_force(beds)[areas[0]]).reset_index()
        heads = [_both("page.c_year"), *labels.values(), _both("summary_norm")]
        lines, norm = self.book.add_chart({"type": "line"}), len(areas) + 1
        for column in range(1, norm + 1):
            line = {"color": LINES[(column - 1) % len(LINES)], "width": 2.5 if column in (1, norm) else 1.5}
            line |= {"color": INK, "dash_type": "dash"} if column == norm else {}
            lines.add_series(_series(sheet, 3, column, len(path)) | {"line": line})
        lines.set_y_axis({**GRID, "num_format": "0", "min": 0})
        lines.set_x_axis({"interval_unit": 5, "num_font": {"size": 9}})
        lines.set_legend({"position": "bottom"})
        self._block(sheet, 2, "summary_ratio", path.set_axis(heads, axis=1), "number1", lines)

        until, top = self.project.city.target_year, len(path) + 6
        gaps = beds[(beds["year"] == until) & (beds["area"] != self.project.city.id)].sort_values("gap_ratio_mean")
        if gaps.empty:
            return
        middle, low, high = (gaps[f"gap_ratio_{name}"] for name in ("mean", "p10", "p90"))
        ends = {"plus_values": (high - middle).tolist(), "minus_values": (middle - low).tolist()}
        bars = self.book.add_chart({"type": "bar"})
        bars.add_series(_series(sheet, top + 1, 1, len(gaps)) | LOOK["bars"] | {"x_error_bars": LOOK["errors"] | ends})
        # A bar chart's values lie along x; the names stay at the edge where a gap is negative.
        bars.set_x_axis({**GRID, "num_format": "#,##0"})
        bars.set_y_axis({"label_position": "low", "major_gridlines": {"visible": False}})
        bars.set_legend({"none": True})
        heads = [_both(name) for name in ("page.c_area", "summary_mean", "summary_p10", "summary_p90")]
        shown = pd.concat([gaps["area"].map(labels), middle, low, high], axis=1).round(1)
        self._block(sheet, top, "summary_gap", shown.set_axis(heads, axis=1), "number0", bars)

    def _block(self, sheet: Worksheet, top: int, title: str, frame: pd.DataFrame, style: str, chart: Chart) -> None:
        """Write a small table under its title, years or names of areas in the first column, and its chart beside it."""
        sheet.write_string(top, 0, _both(title, year=self.project.city.target_year), self.styles["heading"])
        self._put(sheet, top + 1, frame, self.styles[style])
        sheet.write_column(top + 2, 0, frame.iloc[:, 0].tolist(), self.styles["plain"])
        name = _both(title, "\n", self.project.city.target_year)
        chart.set_title({"name": name, "name_font": {"size": 11, "color": INK}, "overlay": False})
        chart.set_size({"width": 720, "height": 400})
        sheet.insert_chart(top + 1, len(frame.columns) + 1, chart, {"description": name.replace("\n", " ")})

    def _put(self, sheet: Worksheet, top: int, frame: pd.DataFrame, style: Format | None = None) -> None:
        """Write a frame under its names; what is missing stays empty, and without a style columns keep theirs."""
        sheet.write_row(top, 0, list(frame), self.styles["name"])
        cells = frame.round(6).astype(object).where(frame.notna(), None)
        for position, (_name, values) in enumerate(cells.items()):
            sheet.write_column(top + 1, position, values.tolist(), style)

    def _put_filtered(self, sheet: Worksheet, top: int, frame: pd.DataFrame, fixed: int) -> None:
        """Write a frame whose names are a filter and stay in view, as do so many columns."""
        self._put(sheet, top, frame)
        sheet.freeze_panes(top + 1, fixed)
        sheet.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)

    def brief(self, kind: str, frame: pd.DataFrame, width: int, year: int, number: str = "number0") -> None:
        """Write a sheet for readers: its title, how to read it, and a frame, whose numbers have a width."""
        columns = []
        for _name, values in frame.items():
            is_text = not is_numeric_dtype(values)
            style = "wrapped" if is_text else "percent" if values.abs().max() <= 1 else number
            # In the Chinese encoding a character has as many bytes as it has widths of a letter.
            wide = max(len(text.encode("gbk", "replace")) for text in ("", *values)) if is_text else width
            columns.append((min(wide + 2, 52), style))
        sheet = self._sheet(_both(f"sheet_{kind}"), columns, 2, 2)
        sheet.write_string(0, 0, _both(f"{kind}_title", " / ", year), self.styles["title"])
        sheet.write_string(1, 0, _both(f"{kind}_note", " / ", year), self.styles["subtitle"])
        self._put_filtered(sheet, 2, frame, 1)
        sheet.set_row(0, 30)
        sheet.set_row(2, 15 * (7 if width > 10 else 2))
        sheet.fit_to_pages(1, 0)  # however wide

    def table(self, table: Table, frame: pd.DataFrame) -> None:
        """Write one table: meaning and unit in both languages above each name, the names as a filter."""
        # A year or another whole number is written without separators.
        styles = [{"number": f"number{one.decimals}", "string": "text"}.get(one.type, "plain") for one in table.columns]
        widths = [max(LOOK["widths"][one.type], len(one.name) + 4) for one in table.columns]
        sheet = self._sheet(table.name, list(zip(widths, styles, strict=True)), 0, len(LANGUAGES))
        for row, language in enumerate(reversed(LANGUAGES)):
            units = ("" if one.type in ("string", "boolean") else f"\n[{one.unit[language]}]" for one in table.columns)
            labels = [one.meaning[language] + unit for one, unit in zip(table.columns, units, strict=True)]
            sheet.write_row(row, 0, labels, self.styles["label"])
            sheet.set_row(row, 84)
        self._put_filtered(sheet, len(LANGUAGES), frame, 2)

    def words(self, kind: str, rows: Sequence[Sequence[object]], columns: Mapping[str, int]) -> None:
        """Write rows of words and numbers under bilingual names of columns, which have their widths."""
        sheet = self._sheet(_both(f"sheet_{kind}"), [(width, "wrapped") for width in columns.values()])
        heads = [_both(f"{kind[0]}_{name}") for name in columns]
        self._put_filtered(sheet, 0, pd.DataFrame(rows, columns=heads, dtype=object), 1)


def _series(sheet: Worksheet, head: int, column: int, rows: int) -> dict[str, object]:
    return {
        "name": [sheet.name, head, column],
        "categories": [sheet.name, head + 1, 0, head + rows, 0],
        "values": [sheet.name, head + 1, column, head + rows, column],
    }


def dictionary(described: Iterable[Table]) -> list[tuple[object, ...]]:
    """Return every column of every table: type, unit, meaning, and whether county rows add to the city."""
    return [
        (table.name, column.name, column.type, _pair(column.unit), column.meaning["zh"], column.meaning["en"])
        + (_both("yes" if column.adds else "no"),)
        for table in described
        for column in table.columns
    ]


def parameters(project: Project, scenario: str, changed: Changed) -> list[tuple[object, ...]]:
    """Return every parameter with value, interval, evidence, source and the layers that made it.

    One row for the city; one more for each county or changed area whose value or trail differs.
    """
    settings = {area: resolve(project, area, scenario, dict(changed.get(area, {}))).all for area in project.areas}
    own = {both["en"]: _pair(both) for both in project.city.chinese}
    rows: list[tuple[object, ...]] = []
    for key, parameter in project.parameters.items():
        for area in project.areas:
            setting = settings[area][key]
            if area != project.city.id and setting == settings[project.city.id][key]:
                continue
            last = setting.trail[-1]
            title = project.sources[last.source_id].title if last.source_id in project.sources else ""
            about = [_pair(UNITS[parameter.unit]), _pair(DENOMINATORS[parameter.denominator])]
            about += [_pair(EVIDENCE[last.evidence]), *(own.get(text, text) for text in (title, last.locator))]
            trail = " > ".join(f"{s.layer}: {s.operation} {s.operand} ({s.where})" for s in setting.trail)
            label, interval = parameter.label, setting.interval or (None, None)
            rows.append((key, area, label["zh"], label["en"], setting.value, *interval, *about, trail))
    return rows
