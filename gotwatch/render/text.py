"""A document as plain text: the model's words, pages parted by form feeds."""

from gotwatch.documents import Document
from gotwatch.render.origin import cleaned

_PAGE_BREAK = "\f"


def render(document: Document) -> str:
    """Splitting at form feeds gives the pages, an empty one included. Those that were read in one go are one."""
    text = _PAGE_BREAK.join(_page(page.markup) for page in document.pages)
    return text if text.endswith("\n") else f"{text}\n"


def _page(markup: str) -> str:
    text = cleaned(markup).rstrip("\n")
    return f"{text}\n" if text else ""
