"""Charts: what is drawn as what, and how numbers are read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.render import charts
from gotwatch.render.blocks import Chart
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.plots.numbers import read_number, ticks
from tests.blocks import chart

YEARS: dict[str, str | None] = {"2015": "90", "2016": "92", "2017": "93", "2018": "94"}


def drawn(block: Chart) -> Drawn:
    result = charts.draw(block, id_prefix="c1-")
    assert isinstance(result, Drawn)
    return result


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def bar_widths(svg: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)" height="14"', svg)]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12.5", 12.5),
        ("79%", 79),
        ("3,400", 3400),
        ("1,234,567.8", 1234567.8),
        ("1.234.567", 1234567),
        ("1 234", 1234),
        ("3.400", 3.4),
        ("2,5", 2.5),
        ("-7", -7),
        ("\N{MINUS SIGN}7", -7),
        ("$5", 5),
        ("n/a", None),
        ("2015-16", None),
        ("1e400", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_numbers_are_read_as_charts_write_them(written: str, number: float | None) -> None:
    assert read_number(written) == number


@pytest.mark.parametrize(("low", "high"), [(0, 1), (75, 94), (-3400, 5000), (0, 1e12), (0.001, 0.002)])
def test_ticks_are_round_and_enclose_the_values(low: float, high: float) -> None:
    marks = ticks(low, high, 6)

    assert marks[0] <= low
    assert marks[-1] >= high
    assert len(marks) <= 8


def test_values_over_years_are_lines_with_their_names_and_values() -> None:
    svg = drawn(chart({"Germany": YEARS, "Italy & <others>": {"2015": "75", "2016": "79%", "2017": "81"}})).svg

    assert "Line chart of 7 values in 2 series, from 75 to 94." in svg
    assert {"Germany", "Italy &amp; &lt;others&gt;", "2015", "2018", "79%", "94", "Year", "Units"} <= set(words(svg))


def test_the_value_of_a_valley_stands_below_it_where_the_line_does_not_run() -> None:
    svg = drawn(chart({"a": {"2015": "95", "2016": "65", "2017": "85", "2018": "45"}})).svg

    dots = [float(y) for y in re.findall(r'<circle [^>]*cy="([\d.]+)"', svg)]
    values = [float(re.findall(rf'y="([\d.]+)"[^>]*>{value}<', svg)[-1]) for value in ("95", "65", "85", "45")]
    assert [value > dot for value, dot in zip(values, dots, strict=True)] == [False, True, False, False]


def test_a_missing_value_is_a_gap_in_its_line() -> None:
    svg = drawn(chart({"a": {**YEARS, "2016": None}})).svg

    [path] = re.findall(r' d="([^"]*)"', svg)
    assert path.count("M") == 2


def test_named_things_are_bars_from_zero_with_their_values() -> None:
    svg = drawn(chart({"": {"North": "10", "South": "20", "West": "5"}})).svg

    north, south, west = bar_widths(svg)
    assert south == pytest.approx(2 * north, abs=0.2)
    assert south == pytest.approx(4 * west, abs=0.3)
    assert {"North", "10", "South", "20"} <= set(words(svg))


def test_negative_bars_go_the_other_way() -> None:
    svg = drawn(chart({"": {"Gain": "10", "Loss": "-10"}})).svg

    (gain, loss) = [float(x) for x in re.findall(r'<rect x="([\d.]+)"', svg)]
    assert loss < gain
    assert bar_widths(svg)[0] == bar_widths(svg)[1]


def test_parts_of_a_hundred_are_a_pie() -> None:
    svg = drawn(chart({"": {"A": "40%", "B": "35%", "C": "25%"}})).svg

    assert "Pie chart" in svg
    assert "A: 40%" in words(svg)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("pie", "Pie chart"), ("line chart", "Line chart"), ("bar", "Bar chart"), ("radar", "Line chart")],
)
def test_the_kind_that_the_model_names_is_drawn_if_it_can_be(kind: str, name: str) -> None:
    assert f"{name} of 4 values" in drawn(chart({"": YEARS}, kind=kind)).svg


def test_a_value_that_is_no_number_is_left_out_and_told() -> None:
    result = drawn(chart({"": {"North": "12.5", "South": "n/a", "West": "8"}}))

    assert len(bar_widths(result.svg)) == 2
    assert result.notes == ("1 value could not be drawn: no number.",)


@pytest.mark.parametrize("values", [{}, {"a": "1"}, {"a": "x", "b": "y", "c": "1", "d": "z", "e": "2"}])
def test_a_chart_without_enough_numbers_is_its_table_alone(values: dict[str, str | None]) -> None:
    assert charts.draw(chart({"": values}), id_prefix="") == Undrawn("The values of this chart are not plain numbers.")


def test_a_chart_of_very_many_values_is_its_table_alone() -> None:
    result = charts.draw(chart({"": {f"n{i}": "1" for i in range(200)}}), id_prefix="")

    assert result == Undrawn("This chart has too many values to be drawn.")


def test_it_has_a_name_for_those_who_cannot_see_it_and_prefixed_ids() -> None:
    svg = drawn(chart({"": YEARS}, title="Access <1>")).svg

    assert '<title id="c1-title">Access &lt;1&gt;</title>' in svg
    assert 'aria-labelledby="c1-title c1-description"' in svg


def test_a_name_that_is_too_long_is_cut_in_the_drawing() -> None:
    svg = drawn(chart({"": {"x" * 200: "1", "B": "2"}})).svg

    assert max(map(len, words(svg))) < 40


def test_text_in_a_chart_cannot_break_out() -> None:
    svg = drawn(chart({"</text><script>": {"<b onclick=x>": "1", "b": "2"}, "c": {"b": "3"}}, title="</title>")).svg

    assert "<script" not in svg
    assert "<b" not in svg


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.dictionaries(
            st.text(max_size=8) | st.sampled_from(list(YEARS)),
            st.none() | st.text(max_size=5) | st.integers().map(str) | st.floats().map(str),
            max_size=8,
        ),
        max_size=4,
    ),
    st.sampled_from(["", "pie", "line", "bar"]),
)
def test_no_chart_fails(values: dict[str, dict[str, str | None]], kind: str) -> None:
    result = charts.draw(chart(values, kind=kind), id_prefix="")

    assert isinstance(result, Undrawn) or ("nan" not in result.svg and result.svg.endswith("</svg>"))
