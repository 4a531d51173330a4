"""What the blocks of one page are set with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gotwatch.render.blocks import Block, Heading, NoteMark, Span
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.elements import Html
from gotwatch.render.formulas.engine import FormulaRequest
from gotwatch.render.formulas.typeset import FormulaResult
from gotwatch.render.language import is_from_right_to_left
from gotwatch.render.web.footnotes import Apparatus


@dataclass(frozen=True, slots=True)
class Place:
    """A heading in the outline of the document."""

    tag: str  # h3 to h6: those above are the document's name and the page's number
    anchor: str
    level: int  # as the model has it
    words: str


@dataclass(frozen=True, slots=True)
class Setting:
    source: str  # of the page, which spans count in
    formulas: Mapping[FormulaRequest, FormulaResult]
    drawings: Mapping[Block, Drawn | Undrawn]
    midi_names: Mapping[Block, str]  # of scores that can be saved
    places: Mapping[Heading, Place]
    apparatus: Apparatus
    blocks: Callable[[tuple[Block, ...], "Setting"], Html]  # blocks within blocks

    def written(self, span: Span) -> str:
        return self.source[span.begin : span.end]

    def direction(self, span: Span) -> dict[str, str]:
        """For what holds lines that each have a direction of their own: at which side its marks and columns begin."""
        return {"dir": "rtl"} if is_from_right_to_left(self.written(span)) else {}

    def formula(self, tex: str, *, display: bool = False) -> Html:
        return Html(self.formulas[FormulaRequest(tex, display)].html)

    def reference(self, mark: NoteMark) -> Html:
        return self.apparatus.reference(mark)
