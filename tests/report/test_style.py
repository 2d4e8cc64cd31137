"""Chart style: end labels keep apart, stay near their lines and within the axis; labels wrap evenly."""

from __future__ import annotations

import pytest

from eldercare.report import style


def placed(values: list[float], texts: list[str] | None = None) -> list[float]:
    """Return where end labels of lines ending at values are written, on an axis from 0 to 100."""
    with style.drawing():
        _, ax = style.canvas()
        ax.set_ylim(0, 100)
        texts = texts or ["x"] * len(values)
        style.end_labels(ax, [(0, v, t, style.INK) for v, t in zip(values, texts, strict=True)], gap=0.06)
        # A label that stands away from its line's end is led to it.
        led = [text.arrow_patch is not None for text in ax.texts]
        assert led == [abs(text.xyann[1] - text.xy[1]) > 3 for text in ax.texts]
        return [text.xyann[1] for text in ax.texts]


def test_labels_that_are_apart_stay_where_their_lines_end():
    assert placed([10, 40, 90]) == [10, 40, 90]


def test_labels_that_would_overlap_move_apart_around_their_mean():
    assert placed([50, 51, 52]) == pytest.approx([45, 51, 57])


def test_no_label_leaves_the_axis():
    assert placed([98, 99, 100]) == pytest.approx([88, 94, 100])
    assert placed([0, 1]) == pytest.approx([0, 6])


def test_a_label_of_two_lines_takes_more_room():
    low, high = placed([50, 50], ["one\ntwo", "x"])
    assert high - low == pytest.approx(9)


def test_labels_wrap_into_even_lines_and_keep_numbers_whole():
    assert style.wrapped("失能老人需照料中心床位比例（调查口径）", 27).splitlines() == [
        "失能老人需照料中心床",
        "位比例（调查口径）",
    ]
    assert style.wrapped("Care dependency", 27) == "Care dependency"
    assert "2010—2020年" in style.wrapped("未来净迁移占2010—2020年水平的比例", 20)
    assert style.wrapped("失能老年人占比（2021年抽样调查）", 22).splitlines() == [
        "失能老年人占比",
        "（2021年抽样调查）",
    ]
