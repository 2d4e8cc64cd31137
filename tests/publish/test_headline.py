"""What a run says in the end of the headline, and the log that it leaves."""

from __future__ import annotations

from eldercare.cli import main
from eldercare.publish.manifest import manifests, newest, news
from eldercare.publish.reporter import LOGS_KEPT, Reporter
from tests.site.faults import ASKED


def test_each_area_that_changed_has_a_line_and_no_other(project):
    before = {
        "baseline": {"huzhou": [2030, 1000, 2025], "deqing": [2030, -5, None]},
        "gone": {"deqing": [2030, 1, None]},
    }
    after = {
        "baseline": {"huzhou": [2030, 1000, 2025], "deqing": [2030, 1200, 2027]},
        "new": {"deqing": [2030, 1, None]},
    }
    assert news(project, before, before, "en") == []
    (line,) = news(project, before, after, "en")
    end = "beds missing in 2030 1,200 (before: -5), first below the norm 2027 (before: never)"
    assert line == f"Deqing, Baseline: {end}"
    (line,) = news(project, before, after, "zh")
    assert (
        line == "德清县，基准情景：2030年床位缺口1,200张（上次发布：-5张），首次低于标准年份：2027（上次发布：不出现）"
    )


def test_a_run_ends_with_what_changed_and_leaves_a_log(published, capsys):
    asked, logs = (*ASKED[:3], "--language", "en", "--workers", "1"), published / "outputs" / "logs"
    assert main([*asked]) == 0
    assert "the headline is as before\n" in capsys.readouterr().out
    file = published / "config" / "parameters" / "beds.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  value: 50\n", "  value: 55\n", 1), encoding="utf-8")
    before = newest(published / "outputs").headlines()["baseline"]
    assert main([*asked]) == 0
    out = capsys.readouterr().out
    after = newest(published / "outputs").headlines()["baseline"]
    assert before.keys() == after.keys() == {"huzhou", "deqing", "wuxing"}
    for area, label in (("huzhou", "Huzhou"), ("deqing", "Deqing"), ("wuxing", "Wuxing")):
        year, gap, _crossing = after[area]
        assert gap > before[area][1]
        assert f"{label}, Baseline: beds missing in {year} {gap:,} (before: {before[area][1]:,})" in out
    assert out.splitlines()[-1].endswith("index.html")
    # One log for each run since, in whose order they are named, whatever was printed.
    newest_log = max(logs.iterdir()).read_text(encoding="utf-8")
    assert all(line in newest_log for line in out.splitlines())
    runs = manifests(published / "outputs")
    assert len(runs) == 2 and main([*asked, "-q", "--set", "beds.norm=1000"]) == 2


def test_so_many_logs_stay_and_errors_are_among_their_lines(tmp_path):
    for number in range(LOGS_KEPT + 5):
        (tmp_path / f"2020-01-01T00-00-00.{number:04d}.log").touch()
    reporter = Reporter(quiet=True)
    reporter.keep(tmp_path, "asked for")
    reporter.line("told")
    files = sorted(tmp_path.iterdir())
    assert len(files) == LOGS_KEPT and files[0].name.endswith("0006.log")
    assert [line.partition(" ")[2] for line in files[-1].read_text(encoding="utf-8").splitlines()] == [
        "asked for",
        "told",
    ]
    files[-1].unlink()
    files[-1].mkdir()
    reporter.line("a log that cannot be written stops nothing")
