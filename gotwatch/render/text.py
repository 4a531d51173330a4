"""A document as plain text, pages parted by form feeds: the model's words, or what they mean in readable lines."""

from gotwatch.documents import Document, Mode, PageText, TextStyle
from gotwatch.render.markup import parse
from gotwatch.render.origin import cleaned
from gotwatch.render.readable.page import readable

_PAGE_BREAK = "\f"


def render(document: Document, style: TextStyle = TextStyle.MODEL) -> str:
    """Splitting at form feeds gives the pages, an empty one included. Those that were read in one go are one."""
    mode = document.reading.prompt.mode
    pages = (
        reading_text(page, mode) if style is TextStyle.READABLE else cleaned(page.markup) for page in document.pages
    )
    text = _PAGE_BREAK.join(map(_ended, pages))
    return text if text.endswith("\n") else f"{text}\n"


def reading_text(page: PageText, mode: Mode) -> str:
    """The words for people who read or search them."""
    return cleaned(page.markup) if mode is Mode.PLAIN else readable(parse(page.markup, mode=mode))


def _ended(text: str) -> str:
    text = text.rstrip("\n")
    return f"{text}\n" if text else ""
