"""The engines that pages are made with. Each loads when it is first used, and what leads to it then too."""

from functools import cached_property
from typing import TYPE_CHECKING

from gotwatch.render.blocks import Chart, Drawing, Molecule, Score
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.formulas.typeset import Formulas, open_formulas
from gotwatch.render.script import Script
from gotwatch.render.studio.process import Studio

if TYPE_CHECKING:
    from gotwatch.render.mathfont import MathFont


class Workbench:
    """Used by one thread, and closed when no more pages are to be made."""

    def __init__(self) -> None:
        self._studio = Studio()

    @cached_property
    def font(self) -> "MathFont":
        from gotwatch.render.mathfont import MathFont  # noqa: PLC0415  text without formulas needs none

        return MathFont()

    @cached_property
    def formulas(self) -> Formulas:
        return open_formulas()

    @cached_property
    def _molecule_script(self) -> Script:
        from gotwatch.render import molecules  # noqa: PLC0415  most pages have none

        return molecules.open_script()

    def draw(self, block: Score | Drawing | Molecule | Chart, *, id_prefix: str, midi: bool = False) -> Drawn | Undrawn:
        match block:
            case Score():
                from gotwatch.render import music  # noqa: PLC0415  most pages need none of these four

                return music.draw(block, self._studio, id_prefix=id_prefix, with_midi=midi)
            case Drawing():
                from gotwatch.render import geometry  # noqa: PLC0415  most pages need none of these four

                return geometry.draw(block, self._studio, id_prefix=id_prefix)
            case Molecule():
                from gotwatch.render import molecules  # noqa: PLC0415  most pages need none of these four

                return molecules.draw(block, self._molecule_script, id_prefix=id_prefix)
            case Chart():
                from gotwatch.render import charts  # noqa: PLC0415  most pages need none of these four

                return charts.draw(block, id_prefix=id_prefix)

    def close(self) -> None:
        self._studio.close()
        for opened in vars(self).keys() & {"formulas", "_molecule_script"}:
            getattr(self, opened).close()
