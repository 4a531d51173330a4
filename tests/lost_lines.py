"""Which lines of a page's blocks are missing in what was made of them. Only letters and figures are compared."""

import unicodedata
from collections.abc import Callable, Iterator

from gotwatch.render.blocks import (
    Block,
    Chart,
    Code,
    Display,
    Drawing,
    Footnote,
    Formula,
    InlineCode,
    Item,
    Markup,
    Molecule,
    NoteMark,
    Picture,
    Piece,
    Raw,
    Score,
    SourceBox,
    Words,
)
from tests.markup_pages import children


def lost_lines(markup: Markup, made: str, *, formula: Callable[[str], str]) -> list[str]:
    """*formula*: what *made* has for one."""
    signs = _signs(made)
    lines = (line for node in _every(markup.blocks) for text in _texts(node, formula) for line in text.split("\n"))
    return [line for line in lines if _signs(line) not in signs]


def _signs(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())


def _every(nodes: tuple[object, ...]) -> Iterator[object]:
    for node in nodes:
        yield node
        yield from _every(tuple(children(node)))  # type: ignore[arg-type]  # children() takes cells and items too


def _texts(node: Block | Piece | Item | object, formula: Callable[[str], str]) -> Iterator[str]:
    match node:
        case Words(text=text) | Raw(text=text) | InlineCode(text=text) | Picture(text=text):
            yield text
        case Formula(tex=tex) | Display(tex=tex):
            yield formula(tex)
        case Code(text=text) | SourceBox(text=text) | Score(kern=text) | Drawing(tikz=text) | Molecule(smiles=text):
            yield text
        case Footnote(label=label) | NoteMark(label=label) if not label.isdecimal():
            yield label
        case Chart():
            yield from (node.title, node.source_note, node.x_label, node.y_label, *node.columns)
            yield from (text for name, values in node.rows for text in (name, *(value or "" for value in values)))
            yield from (text for pair in node.others for text in pair)
        case _:
            pass
