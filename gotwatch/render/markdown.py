"""A document as Markdown: what was read with its format as formulas, tables and headings; plain text literally."""

from gotwatch.documents import Document, Mode, PageText
from gotwatch.render.github.literal import literal
from gotwatch.render.github.page import markdown
from gotwatch.render.markup import parse
from gotwatch.render.origin import cleaned


def render(document: Document) -> str:
    page_text = _literal if document.reading.prompt.mode is Mode.PLAIN else _formatted
    separators = (
        "" if place == 0 else f"---\n\n<!-- {page.title} -->\n\n" for place, page in enumerate(document.pages)
    )
    texts = map(page_text, document.pages)
    return "\n\n".join(map("".join, zip(separators, texts, strict=True))).rstrip("\n") + "\n"


def _literal(page: PageText) -> str:
    return literal(cleaned(page.markup).strip("\n"))


def _formatted(page: PageText) -> str:
    return markdown(parse(page.markup, mode=Mode.FORMAT), page=page.number)
