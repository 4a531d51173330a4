"""A document as one HTML file that needs nothing else: no script, no network."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from gotwatch.documents import Document, PagePicture, PageText, counted, shown
from gotwatch.render import markup, notes
from gotwatch.render.blocks import Block, Heading, Markup, Score, walk
from gotwatch.render.drawn import Undrawn
from gotwatch.render.elements import Html, element, text
from gotwatch.render.notes import Note, Weight
from gotwatch.render.web import flow, frame, inventory
from gotwatch.render.web.footnotes import Apparatus
from gotwatch.render.web.pieces import plain_words
from gotwatch.render.web.section import Section
from gotwatch.render.web.setting import Place, Setting
from gotwatch.render.workbench import Workbench

_FIRST_TAG, _LAST_TAG = 3, 6  # h1 is the document's name, h2 a page's number
_SHOWN_PLAINLY = Note("This page could not be rendered, and is shown as the model wrote it.", Weight.DOUBT)


def nowhere(_number: int) -> None:
    """For those who need not know how far it is."""


def render(
    document: Document,
    bench: Workbench,
    *,
    pictures: Sequence[PagePicture] = (),
    midi: bool = False,
    plain_pages: AbstractSet[int] = frozenset(),
    at_page: Callable[[int], None] = nowhere,
) -> str:
    """*pictures* stand beside their pages; *midi* puts each score into the page as a file too.

    The markup of *plain_pages* is shown as it is.
    """
    sections = []
    for page in document.pages:
        at_page(page.number)
        beside = tuple(picture for picture in pictures if picture.number in page.numbers)
        if page.number in plain_pages:
            sections.append(_plain_section(page, beside))
        else:
            parsed = markup.parse(page.markup, mode=document.reading.prompt.mode)
            scores = _file_names(document, page, parsed) if midi else {}
            sections.append(_section(page, parsed, bench, beside, scores))
    characters = frozenset().union(*(section.characters for section in sections))
    return frame.bind(document, sections, bench.font.css(characters) if characters else "")


def _file_names(document: Document, page: PageText, parsed: Markup) -> dict[Block, str]:
    """What each score is called that is saved: NAME-PAGE.mid, and -2 and so on for the further ones of a page."""
    begin = f"{shown(document.source.path.stem)}-{page.number}"
    scores = [block for block in walk(parsed.blocks) if isinstance(block, Score)]
    return {score: f"{begin}-{number}.mid" if number > 1 else f"{begin}.mid" for number, score in enumerate(scores, 1)}


def _section(
    page: PageText,
    parsed: Markup,
    bench: Workbench,
    pictures: tuple[PagePicture, ...],
    midi_names: Mapping[Block, str],
) -> Section:
    anchor = f"page-{page.number}"
    held = inventory.take(parsed.blocks)
    formulas = dict(zip(held.formulas, bench.formulas.render(held.formulas), strict=True)) if held.formulas else {}
    places = dict(_places(held.headings, anchor))
    setting = Setting(
        source=parsed.source,
        formulas=formulas,
        drawings={
            block: bench.draw(block, id_prefix=f"{anchor}-drawing-{number}-", midi=block in midi_names)
            for number, block in enumerate(held.drawables, start=1)
        },
        midi_names=midi_names,
        places=places,
        apparatus=Apparatus(anchor, held.marks, held.footnotes),
        blocks=flow.blocks,
    )
    return Section(
        page=page,
        body=flow.page(parsed.blocks, setting),
        notes=(*notes.notes(page), *_mended(parsed, setting)),
        characters=frozenset().union(*(result.characters for result in formulas.values())),
        places=tuple(places.values()),
        pictures=pictures,
    )


def _plain_section(page: PageText, pictures: tuple[PagePicture, ...]) -> Section:
    body = element("pre", Html("\n"), text(page.markup), tabindex="0")
    return Section(page=page, body=body, notes=(*notes.notes(page), _SHOWN_PLAINLY), pictures=pictures)


def _places(headings: Iterable[Heading], anchor: str) -> Iterator[tuple[Heading, Place]]:
    """No level of the outline is left out, whatever the model does."""
    deepest = _FIRST_TAG
    for number, heading in enumerate(headings, start=1):
        depth = min(heading.level + _FIRST_TAG - 1, deepest, _LAST_TAG)
        deepest = depth + 1
        words = plain_words(heading.pieces)
        yield heading, Place(f"h{depth}", f"{anchor}-heading-{number}", heading.level, words)


def _mended(parsed: Markup, setting: Setting) -> Iterator[Note]:
    for remark in parsed.remarks:
        yield Note(remark, Weight.MENDED)
    repaired = sum(bool(result.repaired) for result in setting.formulas.values())
    if repaired:
        yield Note(f"{counted(repaired, 'formula')} repaired: the tooltip of each says how.", Weight.MENDED)
    broken = sum(not result.ok for result in setting.formulas.values())
    if broken:
        verb = "is" if broken == 1 else "are"
        yield Note(f"{counted(broken, 'formula')} {verb} shown as source, which could not be read.", Weight.MENDED)
    remarked = sum(isinstance(drawn, Undrawn) or bool(drawn.notes) for drawn in setting.drawings.values())
    if remarked:
        yield Note(f"{counted(remarked, 'drawing')} not as the model wrote it: each says why.", Weight.MENDED)
