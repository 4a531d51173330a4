"""The engines that pages are made with. Each loads when it is first used."""

from functools import cached_property

from gotwatch.render import charts, geometry, molecules, music
from gotwatch.render.blocks import Chart, Drawing, Molecule, Score
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.formulas.typeset import Formulas, open_formulas
from gotwatch.render.mathfont import MathFont
from gotwatch.render.script import Script
from gotwatch.render.studio.process import Studio


class Workbench:
    """Used by one thread, and closed when no more pages are to be made."""

    def __init__(self) -> None:
        self.font = MathFont()
        self._studio = Studio()

    @cached_property
    def formulas(self) -> Formulas:
        return open_formulas()

    @cached_property
    def _molecule_script(self) -> Script:
        return molecules.open_script()

    def draw(self, block: Score | Drawing | Molecule | Chart, *, id_prefix: str, midi: bool = False) -> Drawn | Undrawn:
        match block:
            case Score():
                return music.draw(block, self._studio, id_prefix=id_prefix, with_midi=midi)
            case Drawing():
                return geometry.draw(block, self._studio, id_prefix=id_prefix)
            case Molecule():
                return molecules.draw(block, self._molecule_script, id_prefix=id_prefix)
            case Chart():
                return charts.draw(block, id_prefix=id_prefix)

    def close(self) -> None:
        self._studio.close()
        for opened in vars(self).keys() & {"formulas", "_molecule_script"}:
            getattr(self, opened).close()
