"""Lists: with the usual marks, with marks of their own, and of terms."""

from gotwatch.render.blocks import Item, Listing, Paragraph
from gotwatch.render.elements import Html, element, joined, lines
from gotwatch.render.web import pieces
from gotwatch.render.web.setting import Setting


def listing(block: Listing, setting: Setting) -> Html:
    items = lines(_item(item, setting) for item in block.items)
    content = Html(f"\n{items}\n")
    direction = setting.direction(block.span)
    if not block.ordered:
        return element("ul", content, **direction)
    start = {"start": str(block.start)} if block.start != 1 else {}
    return element("ol", content, **start, **direction)


def _item(item: Item, setting: Setting) -> Html:
    content = _content(item, setting)
    if not item.label:
        return element("li", content, dir="auto")
    label = element("span", pieces.line(item.label, setting), class_="label")
    return element("li", label, Html(" "), content, dir="auto", class_="labelled")


def _content(item: Item, setting: Setting) -> Html:
    """The first line stands beside the mark, what follows below it."""
    match item.blocks:
        case (Paragraph(pieces=line), *rest):
            return joined([pieces.line(line, setting), setting.blocks(tuple(rest), setting)])
        case blocks:
            return setting.blocks(blocks, setting)
