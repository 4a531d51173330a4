"""A page of the document, set and ready to be bound with the others."""

import base64
from dataclasses import dataclass

from gotwatch.documents import PagePicture, PageText
from gotwatch.render.elements import Html, element, lines, text, void
from gotwatch.render.notes import Note, Weight
from gotwatch.render.web.setting import Place


@dataclass(frozen=True, slots=True)
class Section:
    page: PageText
    body: Html
    notes: tuple[Note, ...]
    characters: frozenset[str] = frozenset()  # that its formulas are drawn with
    places: tuple[Place, ...] = ()  # its headings
    pictures: tuple[PagePicture, ...] = ()

    def weighs(self, weight: Weight) -> bool:
        return any(note.weight is weight for note in self.notes)

    @property
    def numbers(self) -> str:
        return shown_range(self.page.numbers[0], self.page.numbers[-1])

    def render(self) -> Html:
        anchor = f"page-{self.page.number}"
        noun = "Page" if self.page.count == 1 else "Pages"
        heading = element("h2", element("a", text(f"{noun} {self.numbers}"), href=f"#{anchor}"), lang="en")
        content = lines([heading, *self._remarks(), element("div", Html("\n"), self.body, Html("\n"), class_="text")])
        if not self.pictures:
            return element("section", Html("\n"), content, Html("\n"), id=anchor)
        beside = element("div", lines(map(picture, self.pictures)), class_="pictures")
        sides = (element("div", Html("\n"), content, Html("\n")), beside)
        return element("section", lines(sides), id=anchor, class_="illustrated")

    def _remarks(self) -> list[Html]:
        """What is amiss stands first; what was mended can wait until somebody wants to know."""
        first = [_remark(note) for note in self.notes if note.weight is not Weight.MENDED]
        mended = [_remark(note) for note in self.notes if note.weight is Weight.MENDED]
        if not mended:
            return first
        summary = element("summary", text("Some of the markup was mended"))
        return [*first, element("details", summary, lines(mended), class_="mended", lang="en")]


def shown_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"


def _remark(note: Note) -> Html:
    return element("p", text(note.words), class_="doubt" if note.weight is Weight.DOUBT else "fact", lang="en")


def picture(shown: PagePicture) -> Html:
    address = f"data:image/jpeg;base64,{base64.b64encode(shown.jpeg).decode('ascii')}"
    size = {"width": str(shown.width), "height": str(shown.height)}
    return void("img", src=address, alt=f"Picture of page {shown.number}", **size, lang="en", loading="lazy")
