from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotwatch.engine.reading_order import Line, Point, arrange

HEIGHT = 30.0
PITCH = 30.0
LETTER = 15.0


def line(x: float, y: float, text: str, *, height: float = HEIGHT, width: float | None = None) -> Line:
    """A piece of text whose top left corner is at (x, y)."""
    right = x + (len(text) * LETTER if width is None else width)
    return Line(((x, y), (right, y), (right, y + height), (x, y + height)), text, 0.99)


def column(x: float, y: float, texts: list[str], *, pitch: float = PITCH) -> list[Line]:
    return [line(x, y + index * pitch, text) for index, text in enumerate(texts)]


def prose(name: str, count: int) -> list[str]:
    """Lines that fill a column of 30 letters, but for the last one."""
    return [f"{name}{number} ".ljust(30, "x") for number in range(1, count)] + [f"{name} ends."]


def turned(lines: list[Line], degrees: float) -> list[Line]:
    from_center = complex(0, 0) + 1j ** (degrees / 90)

    def turn(point: Point) -> Point:
        there = complex(*point) * from_center
        return there.real, there.imag

    return [replace(one, quad=tuple(turn(point) for point in one.quad)) for one in lines]


def test_no_lines_give_no_text() -> None:
    assert arrange([]) == ""


def test_lines_come_from_top_to_bottom_whatever_order_they_were_found_in() -> None:
    lines = column(100, 100, ["first", "second", "third"])

    text = arrange(lines[::-1])

    assert text == "first\nsecond\nthird"


def test_pieces_of_one_row_are_joined_by_a_space() -> None:
    pieces = [line(260, 102, "world"), line(100, 100, "hello", width=150)]

    text = arrange(pieces)

    assert text == "hello world"


def test_pieces_of_chinese_are_joined_without_a_space() -> None:
    pieces = [line(100, 100, "图书馆", width=90), line(195, 100, "的管理", width=90)]

    text = arrange(pieces)

    assert text == "图书馆的管理"


def test_a_wide_white_within_a_row_separates_cells_by_two_spaces() -> None:
    cells = [line(100, 100, "Total"), line(900, 101, "42.00")]

    text = arrange(cells)

    assert text == "Total  42.00"


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = prose("l", 8), prose("r", 8)

    text = arrange(column(100, 100, left) + column(600, 100, right))

    assert text == "\n".join(left) + "\n\n" + "\n".join(right)


def test_two_columns_that_stand_on_different_grids_are_read_one_after_the_other() -> None:
    address, terms = ["Miller & Sons", "14 Quay Road", "Bristol"], ["Invoice 117", "12 March 2024", "Due in May"]

    text = arrange(column(100, 100, address) + column(800, 113, terms))

    assert text == "\n".join(address) + "\n\n" + "\n".join(terms)


def test_three_columns_are_read_from_left_to_right() -> None:
    columns = [prose(name, 6) for name in "abc"]

    text = arrange([one for index, texts in enumerate(columns) for one in column(100 + 480 * index, 100, texts)])

    assert text == "\n\n".join("\n".join(texts) for texts in columns)


def test_what_stands_across_the_columns_keeps_its_place() -> None:
    title, middle = "A title across both columns, as wide as the page is", "A line across both, between two pairs"
    upper, lower = [prose("a", 5), prose("b", 5)], [prose("c", 5), prose("d", 5)]
    lines = [line(200, 20, title), line(250, 290, middle)]
    lines += column(100, 100, upper[0]) + column(600, 100, upper[1])
    lines += column(100, 380, lower[0]) + column(600, 380, lower[1])

    text = arrange(lines)

    assert [row[:2] for row in text.split("\n") if row] == (
        ["A "] + [row[:2] for texts in upper for row in texts] + ["A "] + [row[:2] for texts in lower for row in texts]
    )


def test_a_short_heading_under_two_columns_is_read_after_both() -> None:
    across = "A paragraph that goes across both of the columns above it"
    lines = column(100, 100, prose("l", 6)) + column(600, 100, prose("r", 6))
    lines += [line(100, 320, "Heading"), line(100, 355, across)]

    text = arrange(lines)

    assert text.endswith(f"r ends.\n\nHeading\n{across}")


def test_a_page_number_under_the_left_column_is_read_last() -> None:
    lines = column(100, 100, prose("l", 6)) + column(600, 100, prose("r", 6)) + [line(100, 500, "17")]

    text = arrange(lines)

    assert text.endswith("r ends.\n\n17")


def test_a_running_head_in_two_pieces_is_read_first() -> None:
    lines = column(100, 100, prose("l", 6)) + column(600, 100, prose("r", 6))
    lines += [line(100, 20, "Journal of Harbours"), line(900, 21, "Page 7")]

    text = arrange(lines)

    assert text.startswith("Journal of Harbours  Page 7\n\nl1 ")


def test_headings_of_two_columns_stay_with_them() -> None:
    lines = [line(200, 20, "A title across both columns, as wide as the page is")]
    lines += [line(100, 80, "Left heading"), *column(100, 130, prose("l", 6))]
    lines += [line(600, 80, "Right heading"), *column(600, 130, prose("r", 6))]

    rows = [row for row in arrange(lines).split("\n") if row]

    assert rows.index("Left heading") == 1
    assert rows.index("Right heading") == 8


def test_a_longer_left_column_is_finished_before_the_right_one_begins() -> None:
    left, right = prose("l", 12), prose("r", 6)

    text = arrange(column(100, 100, left) + column(600, 100, right))

    assert text == "\n".join(left) + "\n\n" + "\n".join(right)


def test_a_sentence_runs_on_from_column_to_column() -> None:
    left, right = prose("l", 6), prose("r", 6)
    left[-1] = "and then the long sentence"

    text = arrange(column(100, 100, left) + column(600, 100, right))

    assert "and then the long sentence\nr1 x" in text


def test_the_rows_of_a_table_stay_rows() -> None:
    rows = [
        ("Country", "Capital", "Remarks"),
        ("Norway", "Oslo", "not a member of the union"),
        ("Switzerland", "Bern", "four languages"),
        ("Portugal", "Lisbon", "on the coast"),
        ("Finland", "Helsinki", "lakes and forests"),
        ("Austria", "Vienna", "federal"),
    ]
    cells = [
        line(x, 100 + 45 * y, cell) for y, row in enumerate(rows) for x, cell in zip((100, 400, 650), row, strict=True)
    ]

    text = arrange(cells)

    assert text.split("\n") == ["  ".join(row) for row in rows]


def test_labels_beside_their_paragraphs_stay_with_them() -> None:
    lines = [line(100, 100, "Name"), *column(400, 100, prose("a", 3))]
    lines += [line(100, 205, "Reason"), *column(400, 205, prose("b", 3))]

    rows = arrange(lines).split("\n")

    assert [row[:10].split()[0] for row in rows if row] == ["Name", "a2", "a", "Reason", "b2", "b"]


def test_a_letters_sender_on_the_right_comes_before_the_receiver_below_on_the_left() -> None:
    sender, receiver = ["Anna Berg", "Lind Road 4", "Stockholm"], ["Rail Company", "Box 301", "Leeds"]

    text = arrange(column(900, 100, sender) + column(100, 260, receiver))

    assert text == "\n".join(sender) + "\n\n" + "\n".join(receiver)


def test_a_larger_gap_ends_a_paragraph() -> None:
    lines = column(100, 100, ["one", "two", "three"]) + column(100, 210, ["four", "five"])

    text = arrange(lines)

    assert text == "one\ntwo\nthree\n\nfour\nfive"


def test_wide_line_spacing_alone_ends_no_paragraph() -> None:
    text = arrange(column(100, 100, ["one", "two", "three", "four"], pitch=2.2 * PITCH))

    assert text == "one\ntwo\nthree\nfour"


def test_a_heading_in_larger_type_stands_alone() -> None:
    text = arrange([line(100, 100, "Heading", height=60), *column(100, 165, ["one", "two", "three"])])

    assert text == "Heading\n\none\ntwo\nthree"


def test_an_indented_line_after_a_full_stop_begins_a_paragraph() -> None:
    lines = column(100, 100, ["It was late.", "Nobody came.", "The end was near."])
    lines[1] = line(140, 130, "Nobody came.")

    text = arrange(lines)

    assert text == "It was late.\n\nNobody came.\nThe end was near."


def test_the_second_line_of_a_bullet_begins_no_paragraph() -> None:
    lines = column(100, 100, ["• Similar to a tape recorder with PLAY, FAST", "", "• Each of the tracks"])
    lines[1] = line(130, 130, "FORWARD and REWIND controls.")

    text = arrange(lines)

    assert "\n\n" not in text


@pytest.mark.parametrize("degrees", [-4.0, -1.0, 2.5])
def test_a_skewed_page_reads_like_a_straight_one(degrees: float) -> None:
    straight = column(100, 100, prose("l", 12)) + column(600, 100, prose("r", 12))
    straight += [line(100, 700, "Total"), line(950, 700, "42.00"), line(100, 50, "A heading " * 6)]

    text = arrange(turned(straight, degrees))

    assert text == arrange(straight)
    assert "Total  42.00" in text


def test_a_thousand_scattered_lines_are_arranged_in_a_moment() -> None:
    lines = [line(97 * n % 1600, 389 * n % 2300, f"line{n}") for n in range(1000)]

    text = arrange(lines)

    assert len(text.split()) == 1000


coordinates = st.floats(min_value=0, max_value=3000)
quads = st.tuples(*[st.tuples(coordinates, coordinates)] * 4)
boxes = st.builds(
    lambda x, y, width, height: line(x, y, "", width=width, height=height).quad,
    coordinates,
    coordinates,
    st.floats(min_value=0, max_value=900),
    st.floats(min_value=0, max_value=60),
)


@given(st.lists(quads | boxes, max_size=60))
def test_every_line_is_in_the_text_exactly_once(places: list[tuple[Point, Point, Point, Point]]) -> None:
    lines = [Line(place, f"w{number}", 0.5) for number, place in enumerate(places)]

    text = arrange(lines)

    assert Counter(text.split()) == Counter(one.text for one in lines)


@given(st.lists(boxes, max_size=30), st.randoms())
def test_the_order_in_which_lines_were_found_does_not_matter(places, random) -> None:
    lines = [Line(place, f"w{number}", 0.5) for number, place in enumerate(sorted(set(places)))]
    shuffled = random.sample(lines, len(lines))

    assert arrange(shuffled) == arrange(lines)
