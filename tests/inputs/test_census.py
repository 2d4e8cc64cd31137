"""The official full table of the census: what is accepted, what is refused and why, and what the base makes of it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from eldercare.cli import main
from eldercare.inputs import load_project
from eldercare.inputs.census import STANDARD
from eldercare.model import Results
from eldercare.model.demography import schedule
from eldercare.model.launch import Launch, graduation_weights, launch, reconstructed_residents
from eldercare.population import SEXES
from eldercare.population.life_table import life_table
from eldercare.publish.keys import Keys
from eldercare.report import Page

TABLE = "census_table"
HEADER = ["county", "sex", "age_group", "persons"]
STARTS = [0, 1, *range(5, 86, 5)]
Rows = list[list]


def rounded(values: np.ndarray, total: int) -> np.ndarray:
    """Return whole numbers near the values that add to a total (largest remainders first)."""
    values = values * (total / values.sum())
    whole = np.floor(values).astype(int)
    whole[np.argsort(whole - values)[: total - whole.sum()]] += 1
    return whole


@pytest.fixture(scope="session")
def counted(root) -> dict[str, np.ndarray]:
    """Return whole persons by county, single age and sex that agree with all published figures."""
    project = load_project(root)
    Lx = life_table(schedule(project.tables, 2020), sex=SEXES).Lx
    weights = graduation_weights(project.tables, 2020, Lx, "births_weighted")
    facts = project.table("census_counties").pivot(index="area", columns="indicator", values="value")
    ages = {}
    for county, exact in zip(
        project.counties, reconstructed_residents(project.tables, tuple(project.counties), weights), strict=True
    ):
        both = rounded(np.add.reduceat(exact.sum(axis=1), STARTS), int(facts.loc[county, "resident_population"]))
        females = rounded(np.add.reduceat(exact[:, 0], STARTS), round(exact[:, 0].sum()))
        by_sex = np.stack([females, both - females], axis=1)
        ends = [*STARTS[1:], 101]
        ages[county] = np.concatenate(
            [
                np.stack([rounded(exact[a:b, s], by_sex[g, s]) for s in range(2)], axis=1)
                for g, (a, b) in enumerate(zip(STARTS, ends, strict=True))
            ]
        )
    return ages


def rows_of(counted: dict[str, np.ndarray], starts: Iterable[int] = STARTS, open_age: int = 85) -> Rows:
    """Return the rows of a table with age groups from the given ages on."""
    starts = [age for age in starts if age <= open_age]
    labels = [
        f"{a}+" if a == open_age else str(a) if b == a + 1 else f"{a}-{b - 1}"
        for a, b in zip(starts, [*starts[1:], 101], strict=True)
    ]
    return [
        [county, sex, label, int(persons)]
        for county, by_age in counted.items()
        for s, sex in enumerate(SEXES)
        for label, persons in zip(labels, np.add.reduceat(by_age[:, s], starts), strict=True)
    ]


def write_csv(file: Path, rows: Rows, header: list[str] = HEADER, encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    file.write_bytes(text.getvalue().encode(encoding))
    return file


def write_xlsx(file: Path, rows: Rows, header: list[str] = HEADER) -> Path:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        date = book.add_format({"num_format": "mmm-dd"})
        for i, row in enumerate([header, *rows]):
            for j, cell in enumerate(row):
                sheet.write_datetime(i, j, cell, date) if isinstance(cell, datetime) else sheet.write(i, j, cell)
    return file


@pytest.fixture
def copy(project_copy, tmp_path, monkeypatch) -> Path:
    """Return a copy of the project that the command line works on, in an empty current folder."""
    monkeypatch.setenv("ELDERCARE_ROOT", str(project_copy))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return project_copy


@pytest.fixture
def rows(counted) -> Rows:
    return rows_of(counted)


def stored(copy: Path) -> Path:
    return copy / "data" / "raw" / f"{TABLE}.csv"


def groups(values: np.ndarray, starts: list[int]) -> np.ndarray:
    return np.add.reduceat(values, starts, axis=0)


def central(project) -> np.ndarray:
    return schedule(project.tables, 2020)


def launched(project) -> Launch:
    return launch(project.tables, project.city, tuple(project.counties), central(project), "births_weighted")


# ---- accepted


def chinese(copy: Path, rows: Rows) -> Rows:
    labels = {name: county.label["zh"] for name, county in load_project(copy).counties.items()}
    sexes = {"female": "女", "male": "男"}

    def age(label: str) -> str:
        return f"{label[:-1]}岁及以上" if label.endswith("+") else f"{label.replace('-', '—')}岁"

    return [[labels[county], sexes[sex], age(label), f"{persons:,}"] for county, sex, label, persons in rows]


def full_width(rows: Rows) -> Rows:
    wide = str.maketrans("0123456789,-", "０１２３４５６７８９，－")
    return [[county, sex, label, f"{persons:,}".translate(wide)] for county, sex, label, persons in rows]


def merged(rows: Rows) -> Rows:
    before = [["", ""], *rows]
    return [
        [row[0] if row[0] != b[0] else "", row[1] if row[:2] != b[:2] else "", *row[2:]]
        for row, b in zip(rows, before, strict=False)
    ]


def second_sheet(rows: Rows) -> Path:
    with xlsxwriter.Workbook("t.xlsx") as book:
        book.add_worksheet("Cover").write(0, 0, "Census")
        sheet = book.add_worksheet("Table")
        for i, row in enumerate([HEADER, *rows]):
            sheet.write_row(i, 0, row)
    return Path("t.xlsx")


ACCEPTED: dict[str, Callable[[Path, dict], Path]] = {
    "as the template": lambda copy, counted: write_csv(Path("t.csv"), rows_of(counted)),
    "with a byte order mark": lambda copy, counted: write_csv(Path("t.csv"), rows_of(counted), encoding="utf-8-sig"),
    "a workbook": lambda copy, counted: write_xlsx(Path("t.xlsx"), rows_of(counted)),
    "rows and columns in another order": lambda copy, counted: write_csv(
        Path("t.csv"), [row[::-1] for row in rows_of(counted)][::-1], HEADER[::-1]
    ),
    "Chinese in GB18030": lambda copy, counted: write_csv(
        Path("人口.csv"), chinese(copy, rows_of(counted)), ["县（区）", "性别", "年龄组", "人数"], "gb18030"
    ),
    "a Chinese workbook": lambda copy, counted: write_xlsx(
        Path("人口.xlsx"), chinese(copy, rows_of(counted)), ["地区", "性别", "年龄", "人口数"]
    ),
    "full-width digits": lambda copy, counted: write_csv(Path("t.csv"), full_width(rows_of(counted))),
    "totals, a title and units above, whole numbers with a decimal": lambda copy, counted: write_csv(
        Path("t.csv"),
        [
            ["单位：人", "", "", ""],
            ["地区", "性别", "年龄", "人数（人）"],
            ["湖州市", "合计", "合计", 3367579],
            *([*row[:3], f"{row[3]}.0"] for row in rows_of(counted)),
            ["吴兴县", "女", "合计", sum(int(r[3]) for r in rows_of(counted) if r[:2] == ["wuxing", "female"])],
            ["吴兴县", "女", "小计", 5],
        ],
        ["表1", "", "", ""],
    ),
    "merged cells for county and sex": lambda copy, counted: write_csv(Path("t.csv"), merged(rows_of(counted))),
    "a workbook with the table on its second sheet": lambda copy, counted: second_sheet(rows_of(counted)),
    "codes and short names of counties": lambda copy, counted: write_csv(
        Path("t.csv"),
        [
            [{"deqing": "330521", "anji": "安吉"}.get(row[0], row[0].title()), row[1].upper(), *row[2:]]
            for row in rows_of(counted)
        ],
    ),
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_table_is_accepted_and_stored_in_the_same_form(copy, counted, capsys, kind):
    assert main(["import", "census", str(ACCEPTED[kind](copy, counted))]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        f"data/raw/{TABLE}.csv is written: 190 rows, 19 age groups, 3,367,579 residents, source CENSUS2020TABLE"
    )
    assert "in place of the reconstruction" in said[1] and len(said) == 2
    frame = load_project(copy).table(TABLE)
    assert frame[["area", "sex", "age_group", "persons"]].values.tolist() == rows_of(counted)
    assert set(frame["quality"]) == {"official"}
    assert list(frame["age_width"][:3]) == [1, 4, 5] and frame["age_width"].isna().sum() == 10
    assert main(["check"]) == 0
    assert [file.name for file in stored(copy).parent.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("starts", "open_age"),
    [
        (range(0, 86, 5), 85),
        (range(0, 101, 5), 100),
        ([0, 1, *range(5, 96, 5)], 95),
        (range(101), 85),
        (range(101), 100),
    ],
)
def test_after_an_import_the_launch_is_the_table_and_its_groups_add_exactly(copy, counted, starts, open_age):
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows_of(counted, starts, open_age)))]) == 0
    project = load_project(copy)
    start = launched(project)
    assert start.resident_from == "census_table"
    ages = [age for age in starts if age <= open_age]
    for i, county in enumerate(start.counties):
        assert groups(start.resident[i], ages) == pytest.approx(groups(counted[county], ages), rel=1e-12)
    assert start.registered.sum() == pytest.approx(2_679_900)


def test_the_table_differs_from_the_reconstruction_only_where_it_says_so(copy, counted):
    project = load_project(copy)
    counties = tuple(project.counties)
    before = launched(project)
    assert before.resident_from == "reconstruction"
    # A hundred women and men of Anji change their ages: only the table can know it.
    counted = {county: ages.copy() for county, ages in counted.items()}
    counted["anji"][62] += [100, -100]
    counted["anji"][67] += [-100, 100]
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows_of(counted)))]) == 0
    project = load_project(copy)
    after = launched(project)
    weights = graduation_weights(project.tables, 2020, life_table(central(project), sex=SEXES).Lx, "births_weighted")
    rebuilt = reconstructed_residents(project.tables, counties, weights)
    assert (rebuilt == before.resident).all()
    difference = groups((after.resident - before.resident)[counties.index("anji")], STARTS)
    assert difference[STARTS.index(60), 0] == pytest.approx(100, abs=2)
    assert difference[STARTS.index(65), 0] == pytest.approx(-100, abs=2)
    assert np.abs(np.delete(difference, [STARTS.index(60), STARTS.index(65)], axis=0)).max() < 20


def test_pages_and_projections_are_made_anew_after_an_import_and_as_before_after_its_removal(copy, rows, capsys):
    def keys() -> tuple[float, str]:
        keys = Keys(load_project(copy))
        own = Results("anji", project=keys.project).launch.resident.std()
        return own, str(keys.parts("baseline", keys.everything("baseline")))

    before = keys()
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    first = keys()
    rows[0][3], rows[1][3], rows[19][3], rows[20][3] = (
        rows[i][3] + by for i, by in ((0, 1), (1, -1), (19, -1), (20, 1))
    )
    capsys.readouterr()
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    assert "is replaced: 190 rows" in capsys.readouterr().out
    second = keys()
    assert all(len({*three}) == 3 for three in zip(before, first, second, strict=True))
    assert main(["import", "census", "--remove"]) == 0
    assert "reconstruct" in capsys.readouterr().out
    assert keys() == before and not stored(copy).exists()
    assert main(["import", "census", "--remove"]) == 2
    assert capsys.readouterr().err == "import census: --remove: there is no imported table\n"


def test_a_stored_projection_remembers_where_its_base_comes_from(copy, rows):
    def origins() -> list[str]:
        project = load_project(copy)
        runs = [Results("huzhou", overrides={"run.draws": 20}, project=project) for _ in range(2)]
        return [run.launch.resident_from for run in runs]

    assert origins() == ["reconstruction"] * 2
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    assert origins() == ["census_table"] * 2


def test_every_page_that_rests_on_the_table_names_it_and_its_source(copy, rows):
    """The end of every page is `parameters`; the front page has the same note."""
    books = [json.loads(file.read_text(encoding="utf-8")) for file in (copy / "notebooks").glob("0*.ipynb")]
    last = ["".join(part for cell in book["cells"][-3:] for part in cell["source"]) for book in books]
    assert len(last) > 8 and all("page.parameters()" in code for code in last)

    def said(language: str) -> str:
        page = Page("beds", "deqing", overrides={"run.draws": 20}, language=language, project=load_project(copy))
        assert "census_table" not in str(page.parameters())  # nothing is computed yet
        return str((page.run.elders(), page.parameters())[1])

    assert "census_table" not in said("en")
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    assert "(2020 population census: residents by county, sex and age (official full table); statistics" in said("en")
    assert f"基期人口采用导入的数据表data/raw/{TABLE}.csv（2020年人口普查分区县、性别、年龄" in said("zh")


def test_the_table_is_there_only_when_its_file_is(copy, rows):
    tables = load_project(copy).tables
    count = len(tables)
    assert TABLE not in tables and TABLE not in list(tables)
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    assert TABLE in tables and TABLE in list(tables) and len(tables) == count + 1


def test_another_registered_source_can_be_named(copy, rows, capsys):
    file = str(write_csv(Path("t.csv"), rows))
    assert main(["import", "census", file, "--source", "NBS2020COUNTY"]) == 0
    frame = load_project(copy).table(TABLE)
    assert set(frame["source_id"]) == {"NBS2020COUNTY"} and set(frame["quality"]) == {"official_digitised"}
    assert main(["import", "census", file, "--source", "NBS2020COUNTRY"]) == 2
    assert "'NBS2020COUNTRY': not in data/raw/sources.csv (did you mean NBS2020COUNTY?)" in capsys.readouterr().err


# ---- the template


@pytest.mark.parametrize("name", ["census_template.csv", "to fill in.csv", "template.xlsx"])
def test_a_filled_in_template_is_imported(copy, counted, rows, name):
    words = [] if name == "census_template.csv" else [name]
    assert main(["import", "census", "--template", *words]) == 0
    persons = [row[3] for row in rows]
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(name)
        for number, value in enumerate(persons, start=2):
            book.active.cell(number, 4, value)
        book.save(name)
    else:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
        filled = [f"{line}{value}" for line, value in zip(lines[1:], persons, strict=True)]
        Path(name).write_text("\n".join([lines[0], *filled]), encoding="utf-8")
    assert main(["import", "census", name]) == 0
    assert list(load_project(copy).table(TABLE)["persons"]) == persons


def test_the_template_has_the_published_age_groups_and_is_refused_while_it_is_empty(copy, root, capsys):
    shares = load_project(root).table("census_age_shares")
    assert tuple(dict.fromkeys(shares["age_group"])) == STANDARD
    for name in ("a.csv", "a.xlsx"):
        assert main(["import", "census", "--template", name]) == 0
        capsys.readouterr()
        assert main(["import", "census", name]) == 2
        assert capsys.readouterr().err == f"{name}: persons: nothing is filled in; each row needs its residents\n"


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_the_template_overwrites_nothing(copy, capsys, name):
    Path(name).write_text("mine", encoding="utf-8")
    assert main(["import", "census", "--template", name]) == 2
    assert capsys.readouterr().err == f"{name}: exists already; choose another name\n"
    assert Path(name).read_text(encoding="utf-8") == "mine"


# ---- refused


def cell(row: int, column: str, value: object) -> Callable[[Rows], None]:
    """Return the mistake of one cell; ``row`` is the number that a spreadsheet shows."""

    def change(rows: Rows) -> None:
        rows[row - 2][HEADER.index(column)] = value

    return change


def add(*changes: tuple[int, int]) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row, persons in changes:
            rows[row - 2][3] += persons

    return change


def other_groups(rows: Rows) -> None:
    rows[0][2:] = ["0-4", rows[0][3] + rows[1][3]]
    del rows[1]


def without(county: str, *sexes: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[:] = [row for row in rows if row[0] != county or row[1] not in sexes]

    return change


# The mistake, and the lines that tell it; row 2 is wuxing, female, 0; row 15 is wuxing, female, 60-64.
MISTAKES = {
    "misspelt county": (
        cell(2, "county", "wuxin"),
        ["row 2: area = 'wuxin': allowed are wuxing, nanxun, ... (did you mean wuxing?)"],
    ),
    "misspelt Chinese county": (cell(2, "county", "吴心区"), ["row 2: area = '吴心区': allowed are wuxing, ..."]),
    "misspelt sex": (
        cell(2, "sex", "femal"),
        ["row 2: sex = 'femal': allowed are female, male (did you mean female?)"],
    ),
    "empty county": (cell(2, "county", ""), ["row 2: area: empty; a value is required here"]),
    "age group of six years": (
        cell(15, "age_group", "60-65"),
        ["row 15: age_group = '60-65': an age group that most counties have not; use the same groups everywhere ..."],
    ),
    "age group in words": (cell(15, "age_group", "sixty"), ["row 15: age_group = 'sixty': must have the form ..."]),
    "date of an age group": (
        cell(5, "age_group", "Oct-14"),
        ["row 5: age_group = 'oct-14': must have the form ... (a spreadsheet program seems to have made a date ..."],
    ),
    "Chinese date of an age group": (
        cell(3, "age_group", "1月4日"),
        ["row 3: age_group = '1月4日': must have the form ... (a spreadsheet program seems to have made a date ..."],
    ),
    "open group too young": (
        lambda rows: rows.__setitem__(
            slice(None), [[*r[:2], r[2].replace("80-84", "80+"), r[3]] for r in rows if r[2] != "85+"]
        ),
        [": age_group: no open group at the end that begins at 85 or later, such as 85+"],
    ),
    "number with a decimal": (
        cell(15, "persons", "1234.5"),
        ["row 15: persons = '1234.5': not a whole number such as 1207 ..."],
    ),
    "separator at a wrong place": (cell(15, "persons", "12,34"), ["row 15: persons = '12,34': not a whole number ..."]),
    "negative number": (cell(15, "persons", -5), ["row 15: persons = '-5': below the minimum 0"]),
    "number missing": (cell(15, "persons", ""), ["row 15: persons: empty; a value is required here"]),
    "row twice": (
        lambda rows: rows.append(list(rows[13])),
        ["row 192: area, sex, age_group = 'wuxing / female / 60-64': the same as in row 15; each may stand once"],
    ),
    "people of unknown age": (
        lambda rows: rows.append(["wuxing", "female", "不详", 5]),
        ["row 192: age_group = '不详': must have the form ... (such as 5-9)"],
    ),
    "a total that is not the sum of its parts": (
        lambda rows: rows.append(["吴兴区", "female", "合计", 5]),
        ["row 192: persons = '5': its parts add to ..."],
    ),
    "part of a county": (
        lambda rows: rows.append(["南太湖新区", "female", "0", 5]),
        [
            "row 192: area = '南太湖新区': allowed are wuxing, ...",
            ": area = '南太湖新区': counted with 吴兴区: add its residents to those",
        ],
    ),
    "one cause in many rows": (
        lambda rows: [row.__setitem__(2, f"{row[2]} years old") for row in rows],
        ["row 2: age_group = '0yearsold': must have the form ... (such as 5-9; the same in 189 more rows)"],
    ),
    "row missing": (lambda rows: rows.pop(13), [": area, sex = 'wuxing / female': rows are missing: age_group 60-64"]),
    "open group missing": (
        lambda rows: rows.pop(18),
        [": area, sex = 'wuxing / female': rows are missing: age_group 85+"],
    ),
    "an age missing everywhere": (
        lambda rows: rows.__setitem__(slice(None), [row for row in rows if row[2] != "60-64"]),
        [": age_group = '60-64': no row; the table needs all ages"],
    ),
    "subtotal": (
        lambda rows: rows.insert(2, ["wuxing", "female", "0-4", rows[0][3] + rows[1][3]]),
        ["row 4: age_group = '0-4': an age group that most counties have not; ... (leave subtotals out)"],
    ),
    "subtotals everywhere": (
        lambda rows: rows.extend([row[0], row[1], "0-4", 0] for row in list(rows) if row[2] == "0"),
        [": age_group = '0-4': ages that have rows of their own; each age may stand once (leave subtotals out)"],
    ),
    "other groups in one part": (
        other_groups,
        ["row 2: age_group = '0-4': an age group that most counties have not; use the same groups everywhere ..."],
    ),
    "sex missing": (
        without("anji", "male"),
        [": area, sex = 'anji / male': rows are missing: age_group 0 ... 85+ (19)"],
    ),
    "county missing": (
        without("anji", "female", "male"),
        [": area, sex = 'anji / female': rows are missing: ...", ": area, sex = 'anji / male': rows are missing: ..."],
    ),
    "one resident too many": (
        add((15, 1)),
        [": area = 'wuxing': 1,015,938 residents, but 1,015,937 is published (data/raw/census_counties.csv)"],
    ),
    "sex exchanged": (
        lambda rows: [row.__setitem__(1, SEXES[row[1] == "female"]) for row in rows if row[0] == "deqing"],
        [": area = 'deqing': 90.942411 males per 100 females, but 109.96 is ..."],
    ),
    "wrong age": (
        add((15, 500), (16, -500)),
        [
            ": area = 'wuxing': ... of all are aged 60-64, ... residents, but ... is published ...",
            ": area = 'wuxing': ... of all are aged 65-69, ... residents, but ... is published ...",
        ],
    ),
}


def tells(line: str, file: str, wanted: str) -> bool:
    """Return whether a line is the wanted one; three points stand for any text."""
    position, text = 0, (f"{file} {wanted}" if wanted.startswith("row") else f"{file}{wanted}")
    for part in text.split("..."):
        if (position := line.find(part.strip(), position)) < 0:
            return False
    return line.startswith(text.partition("...")[0])


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_clear_line_exit_status_2_and_nothing_is_written(copy, rows, capsys, mistake):
    change, wanted = MISTAKES[mistake]
    change(rows)
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 2
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == len(wanted) and said.out == "", said.err
    for line, text in zip(lines, wanted, strict=True):
        assert tells(line, "t.csv", text), line
    assert not stored(copy).exists()


def test_a_share_or_ratio_may_differ_by_half_a_step_and_no_more(copy, counted, capsys):
    project = load_project(copy)
    share = project.table("census_age_shares").query("area == 'deqing' and age_group == '60-64'")["share"].item()
    most = int((round(share * 10_000) + 0.5) * 548_568 / 10_000)
    ages = counted["deqing"].copy()
    surplus = most - ages[60:65].sum()
    ages[62, 0] += surplus
    # Taken from the largest groups of the same sex, a little each, so that their shares hold.
    for age, part in zip((52, 47, 32, 57, 37), rounded(np.ones(5), surplus), strict=True):
        ages[age, 0] -= part
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows_of(counted | {"deqing": ages})))]) == 0
    ages[62, 0] += 1
    ages[52, 0] -= 1
    capsys.readouterr()
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows_of(counted | {"deqing": ages})))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"aged 60-64, {most + 1:,} residents" in line and f"but {share:.4f} is published" in line


def test_a_workbook_of_far_too_many_cells_is_not_even_unpacked(copy, capsys):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"<c/>" * 10_000_000)
    (copy / "big.xlsx").write_bytes(content.getvalue())
    assert main(["import", "census", str(copy / "big.xlsx")]) == 2
    assert capsys.readouterr().err.endswith(" workbook: more cells than a table of ages has\n")


def test_the_date_that_a_workbook_has_for_an_age_group_is_told(copy, rows, capsys):
    rows[3][2] = datetime(2024, 10, 14)
    assert main(["import", "census", str(write_xlsx(Path("t.xlsx"), rows))]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("t.xlsx row 5: age_group = '2024-10-14': must have the form ")
    assert "a spreadsheet program seems to have made a date of it" in line


def test_all_faults_are_told_at_once_and_an_earlier_table_stays(copy, rows, capsys):
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    before = stored(copy).read_bytes()
    for change in (cell(2, "county", "wuxin"), cell(3, "sex", "f"), cell(50, "persons", "x"), add((190, 1))):
        change(rows)
    capsys.readouterr()
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows)), "--source", "XXXX"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "import census: --source = 'XXXX': not in data/raw/sources.csv"
    assert main(["import", "census", "t.csv"]) == 2
    lines = capsys.readouterr().err.splitlines()
    starts = [
        "t.csv row 2: area",
        "t.csv row 3: sex",
        "t.csv row 50: persons",
        "t.csv: area = 'anji': 586,410 residents",
    ]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert stored(copy).read_bytes() == before


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (["county", "sex", "age_group", "person"], ["person: not a column ... (did you mean persons?)"]),
        (["县区", "性别", "年龄组", "人数量"], ["人数量: not a column ... (did you mean 人数?)"]),
        (["county", "sex", "age_group"], ["persons: missing column; its name may be persons, 人数, 人口数"]),
        (["county", "地区", "sex", "age_group", "persons"], ["area: the column stands there twice"]),
        (
            ["地区", "男_0岁", "男_1-4岁", "女_0岁"],
            ["no table with one row for each ...; --template FILE writes one ..."],
        ),
        (["地区", "年龄", "合计", "男", "女"], ["no table with one row for each county, sex and age group; ..."]),
        (["年龄", "吴兴区男", "吴兴区女"], ["no table with one row for each county, sex and age group; ..."]),
    ],
)
def test_a_wrong_header_is_told(copy, rows, capsys, header, wanted):
    assert main(["import", "census", str(write_csv(Path("t.csv"), [row[: len(header)] for row in rows], header))]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(wanted)
    assert all(tells(line, "t.csv", f"row 1: {text}") for line, text in zip(lines, wanted, strict=True)), lines


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("t.csv", "café,1".encode("latin-1"), "t.csv: none of the encodings UTF-8, UTF-16, GB18030 and Big5"),
        ("t.csv", b"", "t.csv row 1: area: missing column"),
        ("t.csv", b"county,sex,age_group,persons\n", "t.csv: persons: nothing is filled in"),
        ("t.csv", b"county,sex,age_group,persons\nanji,male,0,1,234\n", "t.csv row 2: 5 cells where the header has 4"),
        ("t.xlsx", b"county", "t.xlsx: not readable as an .xlsx workbook"),
        ("t.csv", b"county,sex\n" * 60_000, "t.csv: more than 50,000 rows"),
        ("t.xls", b"county", "t.xls: must be a .csv or .xlsx file"),
        ("census.csv", None, "t.csv: file not found"),
    ],
)
def test_a_file_that_is_no_table_is_told(copy, capsys, name, content, wanted):
    if content is not None:
        Path(name).write_bytes(content)
    assert main(["import", "census", name if content is not None else "t.csv"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(wanted) and "Traceback" not in said


def test_a_workbook_of_too_many_rows_is_told(copy, capsys):
    with xlsxwriter.Workbook("t.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(60_000):
            sheet.write(row, 0, row)
    assert main(["import", "census", "t.xlsx"]) == 2
    assert capsys.readouterr().err == "t.xlsx: more than 50,000 rows\n"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["import", "census"], "exactly one"),
        (["import", "census", "t.csv", "--remove"], "exactly one"),
        (["import", "cencus", "t.csv"], "did you mean census?"),
        (["import", "census", "--remove", "--source", "SEED"], "only goes with a FILE"),
        (["import", "census", "--template", "t.txt"], "must end in .csv or .xlsx"),
        (["import", "census", "--template", "nowhere/t.csv"], "cannot be written"),
        (["import", "census", "--template", "nowhere/t.xlsx"], "cannot be written"),
    ],
)
def test_a_wrong_request_is_told(copy, capsys, words, wanted):
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert wanted in line


def test_a_table_put_into_the_folder_by_hand_is_checked_as_strictly(copy, rows, capsys):
    assert main(["import", "census", str(write_csv(Path("t.csv"), rows))]) == 0
    lines = stored(copy).read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("wuxing,2020,female,0,0,1,")
    stored(copy).write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    for words in (["check"], ["run", "-q"]):
        capsys.readouterr()
        assert main(words) == 2
        wanted = f"data/raw/{TABLE}.csv: area, sex = 'wuxing / female': rows are missing: age_group 0\n"
        assert capsys.readouterr().err == wanted
    stored(copy).write_text("\n".join([*lines[:2], lines[2].replace("CENSUS2020TABLE", "X")]), encoding="utf-8")
    assert main(["check"]) == 2
    assert capsys.readouterr().err.count("not in data/raw/sources.csv") == 1
