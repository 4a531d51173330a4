"""What each kind of block becomes."""

from base64 import b64decode
from collections.abc import Iterator

import pytest

from gotwatch.documents import Mode
from gotwatch.render import html
from gotwatch.render.workbench import Workbench
from tests.blocks import WALTZ
from tests.read_documents import document, page
from tests.web_pages import alive, one, parsed, words


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def shown(markup: str, bench: Workbench) -> str:
    """What stands on the page."""
    made = html.render(document(page(1, markup), mode=Mode.FORMAT), bench)
    return made.split('<div class="text">\n')[1].split("\n</div>\n</section>")[0]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("one  two\nthree", '<p dir="auto">one  two\nthree</p>'),
        ("a **b** \\textit{c}", '<p dir="auto">a <strong>b</strong> <em>c</em></p>'),
        ("\\underline{a} ~~b~~ `c<d`", '<p dir="auto"><u>a</u> <s>b</s> <code>c&lt;d</code></p>'),
        ("\\texttt{a} \\textsc{b}", '<p dir="auto"><samp>a</samp> <span class="small-capitals">b</span></p>'),
        ("5\\textsuperscript{th}", '<p dir="auto">5<sup>th</sup></p>'),
        (
            "[home](https://example.org)",
            '<p dir="auto"><a href="https://example.org" rel="noopener noreferrer">home</a></p>',
        ),
        ("[x](javascript:alert)", '<p dir="auto">[x](javascript:alert)</p>'),
        ("a ![](https://cdn.example/x.png)", None),
        (
            "# A\n\n## B",
            '<h3 id="page-1-heading-1" class="level-1" dir="auto">A</h3>\n'
            '<h4 id="page-1-heading-2" class="level-2" dir="auto">B</h4>',
        ),
        ("- one\n- two", '<ul>\n<li dir="auto">one</li>\n<li dir="auto">two</li>\n</ul>'),
        ("3. three\n4. four", '<ol start="3">\n<li dir="auto">three</li>\n<li dir="auto">four</li>\n</ol>'),
        ("> said", '<blockquote><p dir="auto">said</p></blockquote>'),
        ("---", "<hr>"),
        ("```\n<b>\n```", '<pre tabindex="0">\n<code>&lt;b&gt;</code></pre>'),
    ],
)
def test_it_becomes_the_element_that_it_is(bench: Workbench, markup: str, expected: str | None) -> None:
    made = shown(markup, bench)

    assert expected is None or made == expected


def test_levels_of_headings_are_not_left_out_whatever_the_model_does(bench: Workbench) -> None:
    made = shown("### A\n\n###### B\n\n# C", bench)

    assert [heading[:2] for heading in made.split("<")[1:] if heading[0] == "h"] == ["h3", "h4", "h3"]
    assert 'class="level-6"' in made


def test_a_picture_is_named_and_never_asked_for(bench: Workbench) -> None:
    made = shown("a ![the house](https://cdn.example/x.png)\n\n\\includegraphics{https://cdn.example/y.png}", bench)

    assert "<img" not in made
    assert made.count("[image") == 2
    assert "the house" in made


def test_a_display_has_a_formula_of_its_own_line(bench: Workbench) -> None:
    made = one(shown(r"\[ x^2 \]", bench), "div[@class='display']/math")

    assert made.get("display") == "block"


def test_a_broken_formula_is_its_source_and_says_why(bench: Workbench) -> None:
    made = one(shown(r"before \(\href{x}{y}\) after", bench), "code")

    assert made.text == r"\href{x}{y}"
    assert "is shown as its source" in made.get("title", "")


def test_a_table_has_its_spans_and_the_lines_that_the_model_drew(bench: Workbench) -> None:
    made = shown(
        r"\begin{tabular}{|l|r|} \hline \multicolumn{2}{|c|}{a} \\ \hline \multirow{2}{*}{b} & c \\ & d \\ \hline"
        r" \end{tabular}",
        bench,
    )

    assert '<div class="scroll" role="group" tabindex="0" aria-label="Table"><table class="ruled c la ll lr">' in made
    assert 'colspan="2">a</th>' in made
    assert 'rowspan="2">b</td>' in made
    assert made.count("<tr>") == 3
    assert '<td class="r la ll lr">c</td>' in made


def test_what_most_cells_of_a_table_look_like_is_said_once(bench: Workbench) -> None:
    made = shown(r"\begin{tabular}{|c|c|} 1 & 2 \\ 3 & 4 \\ \multicolumn{1}{l}{5} & 6 \end{tabular}", bench)

    assert '<table class="ruled c ll lr">' in made
    assert [(cell.text, cell.get("class")) for cell in one(made, "table").iter("td")] == [
        *(("1", None), ("2", None), ("3", None), ("4", None)),
        *(("5", "l"), ("6", None)),
    ]


def test_a_pipe_table_has_a_head(bench: Workbench) -> None:
    table = one(shown("| Name | Sum |\n|---|--:|\n| a | 1 |", bench), "table")

    assert [cell.text for cell in table.iter("th")] == ["Name", "Sum"]
    assert [(cell.text, cell.get("class")) for cell in table.iter("td")] == [("a", None), ("1", "r")]


def test_lists_tables_and_quotations_in_arabic_begin_at_the_right(bench: Workbench) -> None:
    table = r"\begin{tabular}{|l|r|} \hline الاسم & القيمة \\ \hline \end{tabular}"

    tree = parsed(shown(f"- العنصر\n- الثاني\n\n> اقتباس\n\n{table}\n\n- one\n- two", bench))

    assert [made.get("dir") for made in tree.iter("ul")] == ["rtl", None]
    assert [made.get("dir") for tag in ("blockquote", "table") for made in tree.iter(tag)] == ["rtl", "rtl"]


def test_a_theorem_begins_with_its_name(bench: Workbench) -> None:
    made = shown(r"\begin{theorem}[Uniqueness] If so. \end{theorem}", bench)

    assert made.startswith(
        '<div class="statement claim"><p dir="auto">'
        '<span class="name"><strong>Theorem</strong> (Uniqueness).</span> If so.'
    )


@pytest.mark.parametrize(("kind", "manner"), [("lemma", "claim"), ("proof", "proof"), ("remark", "")])
def test_what_is_claimed_leans_and_what_is_told_stands_upright(bench: Workbench, kind: str, manner: str) -> None:
    made = shown(rf"\begin{{{kind}}}\label{{l}} So. \end{{{kind}}}", bench)

    statement = one(made, "div")
    assert statement.get("class", "").split()[1:] == manner.split()
    assert words(statement).split("\n")[0] == f"{kind.capitalize()}. So."


def test_title_author_and_abstract_stand_apart(bench: Workbench) -> None:
    made = shown("\\title{T}\n\\author{A}\n\\begin{abstract}\nShort.\n\\end{abstract}", bench)

    assert '<div class="author"><p dir="auto">A</p></div>' in made
    assert '<strong>Abstract</strong></p>\n<p dir="auto">Short.</p></div>' in made


def test_a_label_of_its_own_takes_the_place_of_the_usual_mark(bench: Workbench) -> None:
    made = shown(r"\begin{itemize} \item[(b)] odd \item usual \end{itemize}", bench)

    assert '<li dir="auto" class="labelled"><span class="label">(b)</span> odd</li>' in made
    assert '<li dir="auto">usual</li>' in made


def test_lists_in_lists_stand_below_their_item(bench: Workbench) -> None:
    inner = one(shown("- one\n  - inner\n- two", bench), "ul/li/ul/li")

    assert inner.text == "inner"


def test_a_footnote_and_its_mark_point_to_each_other(bench: Workbench) -> None:
    tree = parsed(shown(r"Text\footnote{The \textbf{note}.} goes on.", bench))

    mark, note = tree.find(".//sup/a"), tree.find(".//ul[@class='footnotes']/li")
    assert mark is not None
    assert note is not None
    assert "The note." in words(note)
    back = note.find("a")
    assert back is not None
    assert (mark.get("href"), back.get("href")) == (f"#{note.get('id')}", f"#{mark.get('id')}")


def test_a_footnote_without_a_mark_is_shown_at_the_end(bench: Workbench) -> None:
    made = shown("\\footnotetext{Alone.}\n\nText", bench)

    assert made.index("Text") < made.index("Alone.")


def test_a_figure_has_its_caption(bench: Workbench) -> None:
    figure = one(shown(r"\begin{figure}\includegraphics{x.png}\caption{Fig. 1.}\end{figure}", bench), "figure")

    assert words(figure).split("\n") == ["[image: x.png]", "Fig. 1."]


def test_the_caption_of_a_table_stands_above_it_where_the_model_put_it(bench: Workbench) -> None:
    table = r"\begin{tabular}{l} a \\ b \end{tabular}"
    markup = (
        rf"\begin{{table}}\caption{{One}}{table}\end{{table}}"
        + "\n\n"
        + rf"\begin{{table}}{table}\caption{{Two}}\end{{table}}"
    )

    above, below = parsed(shown(markup, bench)).iter("figure")

    assert [child.tag for child in above] == ["figcaption", "div"]
    assert [child.tag for child in below] == ["div", "figcaption"]


def test_a_chart_is_a_table_and_a_drawing(bench: Workbench) -> None:
    chart = "{'title': 'Sales', 'source': 'Us', 'x_title': 'Year', 'values': {'2015': 3, '2016': '4%', '2017': 5}}"

    figure = one(shown(chart, bench), "figure[@class='chart']")

    assert [words(row) for row in figure.findall(".//tbody/tr")] == ["20153", "20164%", "20175"]
    assert figure.find(".//svg") is not None
    assert "Us" in words(figure)
    assert [block.text for block in figure.iter("pre")] == [chart]


@pytest.mark.parametrize(
    ("markup", "package"),
    [
        ("**kern\n4c\n*-\n", "verovio"),
        ("\\begin{tikzpicture}\n\\draw (0,0) -- (1,1);\n\\end{tikzpicture}", "tikra"),
    ],
)
def test_a_drawing_in_black_is_on_white_paper_with_its_source(bench: Workbench, markup: str, package: str) -> None:
    pytest.importorskip(package)

    figure = one(shown(markup, bench), "figure[@class='drawing']")

    assert figure.find(".//div[@class='card']/svg") is not None
    assert [(block.text or "").strip() for block in figure.findall("details/pre")] == [markup.strip()]


def test_scores_can_be_saved_as_midi_each_under_a_name_of_its_own(bench: Workbench) -> None:
    pytest.importorskip("verovio")
    made = document(page(1, f"{WALTZ}\nand\n\n{WALTZ}"), page(2, WALTZ), name='rag".png', mode=Mode.FORMAT)

    heard = html.render(made, bench, midi=True)

    links = [link for link in parsed(heard).iter("a") if "download" in link.attrib]
    files = [b64decode(link.get("href", "").removeprefix("data:audio/midi;base64,")) for link in links]
    assert [link.get("download") for link in links] == ['rag"-1.mid', 'rag"-1-2.mid', 'rag"-2.mid']
    assert all(file.startswith(b"MThd") for file in files)
    assert alive(heard) == []
    assert "audio/midi" not in html.render(made, bench)


def test_a_molecule_has_its_formula_as_caption(bench: Workbench) -> None:
    pytest.importorskip("quickjs")

    figure = one(shown("<smiles>CCO</smiles>", bench), "figure[@class='drawing']")

    assert figure.find(".//svg") is not None
    assert words(figure).strip().endswith("CCO")


def test_what_cannot_be_drawn_is_shown_whole_with_the_reason(bench: Workbench) -> None:
    figure = one(shown("<smiles>C1CC(</smiles>", bench), "figure[@class='source']")

    assert figure.findtext("figcaption")
    assert figure.findtext("pre") == "<smiles>C1CC(</smiles>"


def test_two_drawings_share_no_name(bench: Workbench) -> None:
    molecules = "<smiles>c1ccccc1O</smiles>\n\n<smiles>c1ccccc1N</smiles>"
    tree = parsed(html.render(document(page(1, molecules), page(2, molecules), mode=Mode.FORMAT), bench))

    names = [element.get("id") for element in tree.iter() if element.get("id")]

    assert len(names) == len(set(names))
