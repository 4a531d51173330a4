"""A score: which music can be drawn, and what a person is told of it."""

import re
from importlib.util import find_spec

from gotwatch.render.blocks import Score
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.sanitise import clean_svg
from gotwatch.render.scores.repair import Repaired, repair
from gotwatch.render.studio.orders import Engrave, Engraved
from gotwatch.render.studio.process import DrawingFailed, Studio

_NO_NOTES = "This music is not drawn: no note was found in it."
_RECORD = re.compile(r"^!!!(OTL|COM)(?:@+\w+)?:[ \t]*(.*\S)", re.MULTILINE)


def draw(score: Score, studio: Studio, *, id_prefix: str, with_midi: bool = False) -> Drawn | Undrawn:
    """All pages, each an svg element."""
    if find_spec("verovio") is None:
        return Undrawn("Music is drawn where the Python package verovio is installed.")
    repaired = repair(score.kern)
    if not repaired.kern:
        return Undrawn(_NO_NOTES)
    try:
        engraved = studio.draw(Engrave(repaired.kern, with_midi))
    except DrawingFailed as exc:
        return Undrawn(f"This music is not drawn: {exc}.")
    return _drawn(engraved, repaired, id_prefix) if engraved.signs else Undrawn(_NO_NOTES)


def _drawn(engraved: Engraved, repaired: Repaired, id_prefix: str) -> Drawn:
    svg = clean_svg("\n".join(engraved.pages), id_prefix=id_prefix)
    return Drawn(svg, repaired.notes, _caption(repaired.kern), engraved.midi)


def _caption(kern: str) -> str:
    """ "Title (composer)", as far as it is written there."""
    records: dict[str, str] = {}
    for key, value in _RECORD.findall(kern):
        records.setdefault(key, value)
    composer = f"({records['COM']})" if "COM" in records else ""
    return " ".join(part for part in (records.get("OTL", ""), composer) if part)
