"""What stands around the pages: head, header, warnings, contents."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from gotwatch.documents import Document, counted, shown
from gotwatch.render.elements import NOTHING, Html, element, lines, text, void
from gotwatch.render.language import guess_language
from gotwatch.render.notes import Weight, ranges
from gotwatch.render.origin import checkpoints
from gotwatch.render.web.section import Section, shown_range
from gotwatch.render.web.setting import Place
from gotwatch.version import VERSION

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
_MOST_PAGES_WITHOUT_CONTENTS = 5
_MOST_PAGES_UNFOLDED = 60
_LEAST_HEADINGS = 3  # in a list of contents
_MOST_HEADINGS = 200
_DEEPEST_LEVEL = 2
_MOST_WARNINGS_UNFOLDED = 5
_POINTERS = ((Weight.DOUBT, "See the {note} on {page} "), (Weight.MENDED, "Markup was mended on {page} "))
_LANGUAGE_SAMPLE_CHARACTERS = 20_000


def bind(document: Document, sections: Sequence[Section], style: str) -> str:
    """*style*: what the formulas need of it beside the page's own."""
    parts = [_header(document), _warnings(document, sections), _contents(sections), _main(document, sections)]
    body = element("body", Html("\n"), lines(parts), Html("\n"))
    page = element("html", Html("\n"), head(document.source.path.name, style), Html("\n"), body, lang="en")
    return f"<!doctype html>\n{page}\n"


def head(title: str, style: str) -> Html:
    """Of a page that may do and fetch nothing. *style* comes behind the pages' own."""
    parts = [
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="referrer", content="no-referrer"),
        void("meta", name="generator", content=f"gotwatch {VERSION}"),
        element("title", text(shown(title))),
        element("style", Html(_own_style() + style)),
    ]
    return element("head", Html("\n"), lines(parts), Html("\n"))


@cache
def _own_style() -> str:
    return resources.files("gotwatch.render").joinpath("page.css").read_text("utf-8")


def _header(document: Document) -> Html:
    parts = [
        element("h1", text(shown(document.source.path.name)), dir="auto"),
        element("p", text(counted(document.page_count, "page")), text(" · read "), _read_at(document), class_="fact"),
        element("p", text(_made_by(document)), class_="fact"),
    ]
    if document.copied_from is not None:
        same = f"Same bytes as {shown(document.copied_from)}: text taken from there."
        parts.append(element("p", text(same), class_="fact"))
    return element("header", Html("\n"), lines(parts), Html("\n"))


def _read_at(document: Document) -> Html:
    here = document.read_at.astimezone()
    return element("time", text(f"{here:%Y-%m-%d %H:%M}"), datetime=document.read_at.isoformat())


def _made_by(document: Document) -> str:
    reading = document.reading
    mode = reading.prompt.mode
    asked = reading.prompt.key.replace(mode, f"{mode} mode", 1)
    engine = f"engine {reading.engine}" if reading.engine else ""  # text that came from elsewhere
    parts = [engine, checkpoints(document), asked, reading.precision]
    return " · ".join(part for part in parts if part)


def _warnings(document: Document, sections: Sequence[Section]) -> Html:
    items = [element("p", text(warning), dir="auto") for warning in document.warnings]
    first, rest = items[:_MOST_WARNINGS_UNFOLDED], items[_MOST_WARNINGS_UNFOLDED:]
    if rest:
        first.append(element("details", element("summary", text(f"{len(rest)} more")), lines(rest)))
    pointed = _POINTERS if len(sections) > 1 else ()  # the only page says it itself, right below
    for weight, words in pointed:
        numbers = [number for section in sections if section.weighs(weight) for number in section.page.numbers]
        if numbers:
            first.append(_pointers(words, numbers))
    if not first:
        return NOTHING
    is_calm = not document.warnings and not any(section.weighs(Weight.DOUBT) for section in sections)
    mood = {"class_": "calm"} if is_calm else {}
    return element("aside", Html("\n"), lines(first), Html("\n"), aria_label="Warnings", **mood)


def _pointers(words: str, numbers: list[int]) -> Html:
    note, page = ("note", "page") if len(numbers) == 1 else ("notes", "pages")
    links = [element("a", text(shown_range(first, last)), href=f"#page-{first}") for first, last in ranges(numbers)]
    return element("p", text(words.format(note=note, page=page)), Html(", ".join(links)), text("."))


def _contents(sections: Sequence[Section]) -> Html:
    if len(sections) <= _MOST_PAGES_WITHOUT_CONTENTS:
        return NOTHING
    links = [element("li", element("a", text(each.numbers), href=f"#page-{each.page.number}")) for each in sections]
    unfolded = {"open": ""} if len(links) <= _MOST_PAGES_UNFOLDED else {}
    pages = element("details", element("summary", text("Pages")), element("ol", lines(links)), **unfolded)
    return element("nav", lines([_headings(sections), pages]), aria_label="Contents")


def _headings(sections: Sequence[Section]) -> Html:
    found = [entry for section in sections for entry in _entries(section)]
    if not _LEAST_HEADINGS <= len(found) <= _MOST_HEADINGS:
        return NOTHING
    unfolded = {"open": ""} if len(found) <= _MOST_PAGES_UNFOLDED else {}
    entries = element("ol", lines(found), class_="headings")
    return element("details", element("summary", text("Contents")), entries, **unfolded)


def _entries(section: Section) -> Iterator[Html]:
    for place in section.places:
        if place.level <= _DEEPEST_LEVEL and place.words:
            yield element("li", _entry(place, section), class_=f"level-{place.level}", dir="auto")


def _entry(place: Place, section: Section) -> Html:
    link = element("a", text(place.words), href=f"#{place.anchor}")
    return Html(link + element("span", text(section.numbers), class_="fact"))


def _main(document: Document, sections: Sequence[Section]) -> Html:
    sample = "".join(page.markup for page in document.pages)[:_LANGUAGE_SAMPLE_CHARACTERS]
    bound = lines(section.render() for section in sections)
    return element("main", Html("\n"), bound, Html("\n"), lang=guess_language(sample))
