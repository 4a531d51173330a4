"""Blocks as elements, in their order."""

from dataclasses import replace

from gotwatch.render.blocks import (
    Block,
    Chart,
    Code,
    Display,
    Drawing,
    Figure,
    Footnote,
    Front,
    FrontKind,
    Heading,
    Listing,
    Molecule,
    Paragraph,
    Picture,
    Piece,
    Quotation,
    Rule,
    Score,
    SourceBox,
    Statement,
    Table,
    Words,
)
from gotwatch.render.elements import NOTHING, Html, element, joined, lines, text, void
from gotwatch.render.web import drawings, lists, pieces, tables
from gotwatch.render.web.setting import Setting


def page(content: tuple[Block, ...], setting: Setting) -> Html:
    """A whole page, with its footnotes at the end."""
    footnotes = setting.apparatus.render(lambda line: pieces.line(line, setting))
    return lines([blocks(content, setting), footnotes])


def blocks(content: tuple[Block, ...], setting: Setting) -> Html:
    return lines(_block(block, setting) for block in content)


def _block(block: Block, setting: Setting) -> Html:  # noqa: C901, PLR0912  one line for each kind there is
    match block:
        case Paragraph():
            return _paragraph(block, setting)
        case Display(tex):
            return element("div", setting.formula(tex, display=True), class_="display")
        case Heading():
            return _heading(block, setting)
        case Listing():
            return lists.listing(block, setting)
        case Table():
            return tables.table(block, setting)
        case Figure():
            return _figure(block, setting)
        case Statement():
            return _statement(block, setting)
        case Front():
            return _front(block, setting)
        case Quotation(inner):
            return element("blockquote", blocks(inner, setting), **setting.direction(block.span))
        case Code(code):
            return element("pre", Html("\n"), element("code", text(code)), tabindex="0")
        case Score() | Drawing() | Molecule():
            return drawings.drawing(block, setting)
        case Chart():
            return drawings.chart(block, setting)
        case SourceBox():
            return drawings.boxed(block)
        case Rule():
            return void("hr")
        case Footnote():
            return NOTHING  # at the end of the page


def _paragraph(block: Paragraph, setting: Setting) -> Html:
    match block.pieces:
        case (Picture(words),):
            return element("div", pieces.picture(words), class_="frame")
        case line:
            return element("p", pieces.line(line, setting), dir="auto")


def _heading(block: Heading, setting: Setting) -> Html:
    place = setting.places[block]
    made = pieces.line(block.pieces, setting)
    return element(place.tag, made, id=place.anchor, class_=f"level-{block.level}", dir="auto")


def _figure(block: Figure, setting: Setting) -> Html:
    content = blocks(block.blocks, setting)
    caption = element("figcaption", pieces.line(block.caption, setting), dir="auto") if block.caption else NOTHING
    return element("figure", lines([caption, content] if block.is_caption_above else [content, caption]))


def _statement(block: Statement, setting: Setting) -> Html:
    """Its name runs into its first paragraph, as in print."""
    name = element("span", _name_of(block, setting), class_="name")
    match block.blocks:
        case (Paragraph(pieces=first), *rest):
            opening = element("p", name, text(" "), pieces.line(_begun(first), setting), dir="auto")
            content = lines([opening, blocks(tuple(rest), setting)])
        case all_blocks:
            content = lines([element("p", name, dir="auto"), blocks(all_blocks, setting)])
    return element("div", content, class_=f"statement {_manner(block.kind)}".rstrip())


def _begun(line: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """*line* without the blanks that a label leaves before it."""
    match line:
        case (Words(words) as first, *rest):
            return (replace(first, text=words.lstrip()), *rest)
        case _:
            return line


def _manner(kind: str) -> str:
    """How it is set: what is claimed leans, what is defined or told stands upright."""
    match kind.lower():
        case "proof":
            return "proof"
        case (
            "theorem" | "lemma" | "proposition" | "corollary" | "conjecture" | "claim" | "thm" | "lem" | "prop" | "cor"
        ):
            return "claim"
        case _:
            return ""


def _name_of(block: Statement, setting: Setting) -> Html:
    kind = element("strong", text(block.kind[:1].upper() + block.kind[1:]))
    if not block.title:
        return joined([kind, text(".")])
    return joined([kind, text(" ("), pieces.line(block.title, setting), text(").")])


_NAMED_FRONTS = {FrontKind.ABSTRACT: "Abstract", FrontKind.KEYWORDS: "Keywords"}


def _front(block: Front, setting: Setting) -> Html:
    name = _NAMED_FRONTS.get(block.kind)
    label = element("p", element("strong", text(name)), class_="front-name", lang="en") if name else NOTHING
    return element("div", lines([label, blocks(block.blocks, setting)]), class_=block.kind.value)
