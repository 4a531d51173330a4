"""A document as one HTML file that needs nothing else: no script, no network."""

import re
from importlib import resources

from gotwatch.documents import Document, PageText, counted, shown
from gotwatch.render.elements import Html, element, lines, text, void
from gotwatch.render.language import guess_language
from gotwatch.render.notes import doubtful_pages, notes, ranges
from gotwatch.render.origin import PROGRAM_VERSION, checkpoints

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_MOST_PAGES_WITHOUT_CONTENTS = 5
_MOST_PAGES_UNFOLDED = 60
_MOST_WARNINGS_UNFOLDED = 5
_LANGUAGE_SAMPLE_CHARACTERS = 20_000
_PARAGRAPH_BREAK = re.compile(r"\n(?:[ \t]*\n)+")


def render(document: Document) -> str:
    body = lines([_header(document), _warnings(document), _contents(document), _main(document)])
    page = element("html", Html("\n"), _head(document), Html("\n"), element("body", Html(f"\n{body}\n")), lang="en")
    return f"<!doctype html>\n{page}\n"


def _head(document: Document) -> Html:
    parts = [
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="generator", content=f"gotwatch {PROGRAM_VERSION}"),
        element("title", text(shown(document.source.path.name))),
        element("style", _style()),
    ]
    return element("head", Html(f"\n{lines(parts)}\n"))


def _style() -> Html:
    return Html(resources.files("gotwatch.render").joinpath("page.css").read_text("utf-8"))


def _header(document: Document) -> Html:
    parts = [
        element("h1", text(shown(document.source.path.name)), dir="auto"),
        element("p", text(counted(document.page_count, "page")), text(" · read "), _read_at(document), class_="fact"),
        element("p", text(_made_by(document)), class_="fact"),
    ]
    if document.copied_from is not None:
        same = f"Same bytes as {shown(document.copied_from)}: text taken from there."
        parts.append(element("p", text(same), class_="fact"))
    return element("header", lines(parts))


def _read_at(document: Document) -> Html:
    here = document.read_at.astimezone()
    return element("time", text(here.isoformat(" ", "minutes")), datetime=document.read_at.isoformat())


def _made_by(document: Document) -> str:
    reading = document.reading
    mode = reading.prompt.mode
    asked = reading.prompt.key.replace(mode, f"{mode} mode", 1)
    parts = [f"engine {reading.engine}", checkpoints(document), asked, reading.precision]
    return " · ".join(part for part in parts if part)


def _warnings(document: Document) -> Html:
    items = [element("p", text(warning), dir="auto") for warning in document.warnings]
    first, rest = items[:_MOST_WARNINGS_UNFOLDED], items[_MOST_WARNINGS_UNFOLDED:]
    if rest:
        first.append(element("details", element("summary", text(f"{len(rest)} more")), lines(rest)))
    if doubtful := doubtful_pages(document):
        first.append(_pointers([number for page in doubtful for number in page.numbers]))
    return element("aside", lines(first), aria_label="Warnings") if first else Html("")


def _pointers(numbers: list[int]) -> Html:
    links = [element("a", text(_range(first, last)), href=f"#page-{first}") for first, last in ranges(numbers)]
    words = "See the note on page " if len(numbers) == 1 else "See the notes on pages "
    return element("p", text(words), Html(", ".join(links)), text("."))


def _contents(document: Document) -> Html:
    if len(document.pages) <= _MOST_PAGES_WITHOUT_CONTENTS:
        return Html("")
    links = [element("li", element("a", text(_numbers(page)), href=f"#page-{page.number}")) for page in document.pages]
    unfolded = {"open": ""} if len(links) <= _MOST_PAGES_UNFOLDED else {}
    pages = element("details", element("summary", text("Pages")), element("ol", lines(links)), **unfolded)
    return element("nav", pages, aria_label="Pages")


def _main(document: Document) -> Html:
    sample = "".join(page.markup for page in document.pages)[:_LANGUAGE_SAMPLE_CHARACTERS]
    sections = lines(_section(page) for page in document.pages)
    return element("main", Html(f"\n{sections}\n"), lang=guess_language(sample))


def _section(page: PageText) -> Html:
    anchor = f"page-{page.number}"
    noun = "Page" if page.count == 1 else "Pages"
    heading = element("h2", element("a", text(f"{noun} {_numbers(page)}"), href=f"#{anchor}"), lang="en")
    remarks = (
        element("p", text(note.words), class_="doubt" if note.is_doubt else "fact", lang="en") for note in notes(page)
    )
    return element("section", lines([heading, *remarks, *_paragraphs(page.markup)]), id=anchor)


def _numbers(page: PageText) -> str:
    return _range(page.numbers[0], page.numbers[-1])


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}\N{EN DASH}{last}"


def _paragraphs(markup: str) -> list[Html]:
    return [element("p", text(part), dir="auto") for part in _PARAGRAPH_BREAK.split(markup.strip("\n")) if part.strip()]
