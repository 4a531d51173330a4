"""What the program and the press, the process that renders, say to each other."""

from dataclasses import dataclass

from gotwatch.documents import Document, Form, PagePicture, TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    document: Document
    form: Form
    text_style: TextStyle
    pictures: tuple[PagePicture, ...]
    midi: bool  # of the scores, in HTML
    plain_pages: frozenset[int]  # whose markup is shown literally, because rendering it has failed


@dataclass(frozen=True, slots=True)
class AtPage:
    """Rendering has come to this page: also a sign of life."""

    number: int


@dataclass(frozen=True, slots=True)
class Printed:
    content: bytes


Reply = AtPage | Printed
