"""What the parser makes of music, drawings, molecules and charts."""

from gotwatch.render.blocks import (
    Chart,
    Drawing,
    Molecule,
    Paragraph,
    Score,
    SourceBox,
)
from tests.shown_blocks import blocks, shown


def test_music_stands_from_its_head_to_the_blank_line() -> None:
    words, score, more = blocks("Tune:\n!!!OTL: T\n**kern\t**kern\n4c\t4d\n*-\t*-\n\nText")

    assert isinstance(score, Score)
    assert score.kern == "!!!OTL: T\n**kern\t**kern\n4c\t4d\n*-\t*-"
    assert (shown((words,)), shown((more,))) == ("Tune:", "Text")


def test_what_stands_right_below_music_is_no_part_of_it() -> None:
    tune, other, more = blocks("**kern\n4e\n*-\n**kern\n4d\n*-\n\\(x_1=3\\)")

    assert isinstance(tune, Score)
    assert isinstance(other, Score)
    assert (tune.kern, other.kern) == ("**kern\n4e\n*-", "**kern\n4d\n*-")
    assert isinstance(more, Paragraph)


def test_music_that_seems_to_end_and_goes_on_is_one_score() -> None:
    tune, words = blocks("**kern\n4e\n*-\n4d\n*-\nmore")

    assert isinstance(tune, Score)
    assert tune.kern == "**kern\n4e\n*-\n4d\n*-"
    assert shown((words,)) == "more"


def test_a_drawing_that_was_cut_off_is_closed() -> None:
    (drawing,) = blocks("\\begin{tikzpicture}\n\\draw (0,0) -- (1")

    assert isinstance(drawing, Drawing)
    assert drawing.tikz.endswith("(1\n\\end{tikzpicture}")


def test_a_molecule_stands_between_the_words_around_it() -> None:
    assert [type(block) for block in blocks("from <smiles>CCO</smiles> to")] == [Paragraph, Molecule, Paragraph]


def test_a_chart_keeps_its_values_as_they_are_written() -> None:
    (chart,) = blocks(
        "{'title': 'T', 'source': 'None', 'values': {'a': {'x': 1.10, 'y': None}, 'b': {'x': '79%', 'x': 2}}}"
    )

    assert isinstance(chart, Chart)
    assert (chart.title, chart.source_note, chart.columns) == ("T", "", ("a", "b"))
    assert chart.rows == (("x", ("1.10", "79%")), ("y", (None, None)), ("x", (None, "2")))


def test_a_chart_that_breaks_off_shows_what_there_is_of_it() -> None:
    chart, rest = blocks('{"title": "T", "values": {"North": "12.5", "Sou')

    assert isinstance(chart, Chart)
    assert chart.rows == (("North", ("12.5",)),)
    assert isinstance(rest, SourceBox)
    assert rest.text.strip() == '"Sou'


def test_a_dictionary_that_is_no_chart_is_shown_whole() -> None:
    (box,) = blocks("{'title': 'T', 'values': {'a': {'b': {'c': 1}}}}")

    assert isinstance(box, SourceBox)
    assert "'c': 1" in box.text
