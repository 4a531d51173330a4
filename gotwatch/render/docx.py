"""A document for word processors, with equations that they can edit."""

from gotwatch.documents import Document, shown
from gotwatch.render.markup import parse
from gotwatch.render.notes import warnings
from gotwatch.render.office import pandoc, tree
from gotwatch.render.office.page import page
from gotwatch.render.office.tree import Nodes


def render(document: Document) -> bytes:
    """Raises FormUnavailable, above all where pandoc is not installed."""
    version = pandoc.tree_version()
    title = shown(document.source.path.name)
    return pandoc.docx(tree.document(title, _blocks(document), version=version))


def _blocks(document: Document) -> Nodes:
    blocks = [tree.paragraph([tree.node("Emph", [tree.words(shown(warning))])]) for warning in warnings(document)]
    for place, read in enumerate(document.pages):
        if place:
            blocks.append(tree.page_break())
        blocks += page(parse(read.markup, mode=document.reading.prompt.mode))
    return blocks
