"""What is drawn: music, geometry, molecules and charts, each with the source that it was drawn from."""

import base64

from gotwatch.render.blocks import Chart, Drawing, Molecule, Score, SourceBox
from gotwatch.render.chart_remarks import remarks
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.elements import NOTHING, Html, element, lines, text
from gotwatch.render.web.setting import Setting
from gotwatch.render.web.tables import scrolled


def drawing(block: Score | Drawing | Molecule, setting: Setting) -> Html:
    drawn = setting.drawings[block]
    source = setting.written(block.span)
    if isinstance(drawn, Undrawn):
        return source_box(source, drawn.reason)
    notes = lines(map(_note, drawn.notes))
    if isinstance(block, Molecule):
        caption = element("figcaption", element("code", text(block.smiles)))
        return element("figure", lines([scrolled(Html(drawn.svg), "Drawing"), notes, caption]), class_="drawing")
    title = element("figcaption", text(drawn.caption), dir="auto") if drawn.caption else NOTHING
    # drawn in black, so on white paper in the dark too; molecules and charts take the color of the text
    card = element("div", Html(drawn.svg), class_="card")
    parts = [title, scrolled(card, "Drawing"), notes, _midi(block, drawn, setting), _folded(source)]
    return element("figure", lines(parts), class_="drawing")


def chart(block: Chart, setting: Setting) -> Html:
    """The table has all values, whatever can be drawn of them."""
    drawn = setting.drawings[block]
    parts = [element("figcaption", element("strong", text(block.title)), dir="auto") if block.title else NOTHING]
    if isinstance(drawn, Drawn):
        parts += [scrolled(Html(drawn.svg), "Chart"), *map(_note, drawn.notes)]
    parts += [_values(block), *map(_remark, remarks(block)), _folded(setting.written(block.span))]
    return element("figure", lines(parts), class_="chart")


def source_box(source: str, reason: str) -> Html:
    parts = [element("figcaption", text(reason), lang="en"), _preformatted(source)]
    return element("figure", lines(parts), class_="source")


def boxed(block: SourceBox) -> Html:
    return source_box(block.text, block.reason)


def _midi(block: Score | Drawing, drawn: Drawn, setting: Setting) -> Html:
    """A link that saves the music: the page itself may play nothing."""
    if not drawn.midi:
        return NOTHING
    address = f"data:audio/midi;base64,{base64.b64encode(drawn.midi).decode('ascii')}"
    link = element("a", text("Save as MIDI"), href=address, download=setting.midi_names[block], type="audio/midi")
    return element("p", link, class_="fact", lang="en")


def _note(words: str) -> Html:
    return element("p", text(words), class_="fact", lang="en")


def _remark(words: str) -> Html:
    return element("p", text(words), class_="fact", dir="auto")


def _folded(source: str) -> Html:
    return element("details", element("summary", text("As the model wrote it"), lang="en"), _preformatted(source))


def _preformatted(source: str) -> Html:
    """A first line feed would be swallowed."""
    return element("pre", Html("\n"), text(source), tabindex="0")


def _values(block: Chart) -> Html:
    head = [block.x_label, *(name or block.y_label for name in block.columns)]
    rows = (_row(name, values) for name, values in block.rows)
    parts = [element("thead", _head(head))] if any(head) else []
    return scrolled(element("table", *parts, element("tbody", Html("\n"), lines(rows)), class_="plain"), "Values")


def _head(names: list[str]) -> Html:
    return element("tr", *(element("th" if name else "td", text(name), scope="col") for name in names))


def _row(name: str, values: tuple[str | None, ...]) -> Html:
    cells = (element("td", text(value or ""), class_="r") for value in values)
    return element("tr", element("th", text(name), scope="row"), *cells)
