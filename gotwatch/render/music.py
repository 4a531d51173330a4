"""A score: which music can be drawn, and what a person is told of it."""

import re
from dataclasses import replace
from importlib.util import find_spec

from gotwatch.render.blocks import Score
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.sanitise import clean_svg
from gotwatch.render.scores.repair import repair
from gotwatch.render.studio.orders import Engrave
from gotwatch.render.studio.process import DrawingFailed, Studio

MOST_MIDI_BYTES = 300_000  # some thousand bars of piano music
_NO_NOTES = "This music is not drawn: no note was found in it."
_TOO_LONG_TO_HEAR = "There is no MIDI file of this music: it would be too large."
_RECORD = re.compile(r"^!!!(OTL|COM)(?:@+\w+)?:[ \t]*(.*\S)", re.MULTILINE)


def draw(
    score: Score,
    studio: Studio,
    *,
    id_prefix: str,
    with_midi: bool = False,
    most_midi_bytes: int = MOST_MIDI_BYTES,
) -> Drawn | Undrawn:
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
    if not engraved.signs:
        return Undrawn(_NO_NOTES)
    svg = clean_svg("\n".join(engraved.pages), id_prefix=id_prefix)
    drawn = Drawn(svg, repaired.notes, _caption(repaired.kern), engraved.midi)
    if len(drawn.midi) > most_midi_bytes:
        return replace(drawn, midi=b"", notes=(*drawn.notes, _TOO_LONG_TO_HEAR))
    return drawn


def _caption(kern: str) -> str:
    """ "Title (composer)", as far as it is written there."""
    records: dict[str, str] = {}
    for key, value in _RECORD.findall(kern):
        records.setdefault(key, value)
    composer = f"({records['COM']})" if "COM" in records else ""
    return " ".join(part for part in (records.get("OTL", ""), composer) if part)
