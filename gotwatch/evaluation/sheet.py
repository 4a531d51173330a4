"""Pages with two texts each, side by side, as one HTML file without script and network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from gotwatch.documents import PagePicture
from gotwatch.evaluation import difference
from gotwatch.evaluation.difference import Run
from gotwatch.render.elements import NOTHING, Html, element, joined, lines, text
from gotwatch.render.language import guess_language
from gotwatch.render.web import frame
from gotwatch.render.web.section import picture
from gotwatch.render.web.tables import scrolled


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. The first column names its row; the others hold figures, or what stands in place of one."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # where the name of each row leads to; (): nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two texts of one page."""

    title: str
    facts: str
    left_title: str
    left: str
    right_title: str
    right: str
    error: str = ""  # in place of the right text


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSheet:
    anchor: str
    title: str
    pictures: tuple[PagePicture, ...]
    pairings: tuple[Pairing, ...]


def bind(title: str, facts: Sequence[str], grids: Sequence[Grid], pages: Sequence[PageSheet]) -> str:
    header = element("header", lines([element("h1", text(title), dir="auto"), *map(_fact, facts)]))
    main = element("main", Html("\n"), lines([*map(_grid, grids), *map(_page, pages)]), Html("\n"))
    body = element("body", Html("\n"), header, Html("\n"), main, Html("\n"), class_="wide")
    return f"<!doctype html>\n{element('html', frame.head(title, _style()), body, lang='en')}\n"


def _style() -> str:
    return resources.files("gotwatch.evaluation").joinpath("sheet.css").read_text("utf-8")


def _fact(words: str) -> Html:
    return element("p", text(words), class_="fact", dir="auto")


def _grid(grid: Grid) -> Html:
    head = element("tr", *(element("th", text(name), scope="col") for name in grid.columns))
    links = grid.links or ("",) * len(grid.rows)
    rows = (_row(row, link) for row, link in zip(grid.rows, links, strict=True))
    table = element("table", element("thead", head), element("tbody", Html("\n"), lines(rows)), class_="plain")
    parts = [element("h2", text(grid.title)), scrolled(table, grid.title), *map(_fact, grid.notes)]
    return element("section", Html("\n"), lines(parts), Html("\n"), class_="figures")


def _row(row: Sequence[str], link: str) -> Html:
    name, *figures = row
    named = element("a", text(name), href=f"#{link}") if link else text(name)
    cells = (element("td", text(figure), class_="r") for figure in figures)
    return element("tr", element("th", named, scope="row", dir="auto"), *cells)


def _page(page: PageSheet) -> Html:
    heading = element("h2", element("a", text(page.title), href=f"#{page.anchor}"), dir="auto")
    texts = element("div", heading, *map(_pairing, page.pairings))
    if not page.pictures:
        return element("section", Html("\n"), texts, Html("\n"), id=page.anchor)
    beside = element("div", lines(map(picture, page.pictures)), class_="pictures")
    return element("section", Html("\n"), lines([texts, beside]), Html("\n"), id=page.anchor, class_="pictured")


def _pairing(pairing: Pairing) -> Html:
    found = difference.sides(pairing.left, pairing.right)
    heading = element("h3", text(pairing.title)) if pairing.title else NOTHING
    facts = element("p", text(pairing.facts), class_="fact") if pairing.facts else NOTHING
    # What an engine has not read at all need not be marked word by word.
    left = text(pairing.left.strip()) if pairing.error else _marked(found.left, "del")
    right = element("span", text(pairing.error), class_="doubt") if pairing.error else _marked(found.right, "ins")
    below = "h4" if pairing.title else "h3"
    columns = (
        _column(element(below, text(pairing.left_title), class_="side-name"), left, pairing.left),
        _column(element(below, text(pairing.right_title), class_="side-name"), right, pairing.right),
    )
    return element("div", heading, facts, element("div", *columns, class_="sides"), class_="pairing")


def _column(heading: Html, content: Html, words: str) -> Html:
    language = {"lang": tag} if (tag := guess_language(words)) else {}
    shown = content or element("span", text("nothing"), class_="fact", lang="en")
    return element("div", heading, element("div", shown, class_="side", dir="auto", **language))


def _marked(runs: Iterable[Run], tag: str) -> Html:
    return joined(text(run.text) if run.same else element(tag, text(run.text)) for run in runs)
