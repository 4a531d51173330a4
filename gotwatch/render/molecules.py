"""Molecules: from a SMILES to its structure."""

from importlib import resources

from gotwatch.render import script
from gotwatch.render.blocks import Molecule
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.sanitise import clean_svg
from gotwatch.render.script import Script, ScriptFailed

_MOST_CHARACTERS = 300  # the time to lay out rings grows much faster than they do
_SECONDS = 1.0
_SOURCES = ("molecule.js", "vendor/smiles-drawer.min.js")


def open_script() -> Script:
    """What draw() needs; close it when no more molecules are to be drawn."""
    return Script([resources.files("gotwatch.render").joinpath(name).read_text("utf-8") for name in _SOURCES])


def draw(molecule: Molecule, drawer: Script, *, id_prefix: str) -> Drawn | Undrawn:
    smiles = "".join(molecule.smiles.split())
    if not script.is_available():
        return Undrawn("Molecules are drawn where the Python package quickjs-ng is installed.")
    if len(smiles) > _MOST_CHARACTERS:
        return Undrawn(f"This molecule has more than {_MOST_CHARACTERS} characters, and is not drawn.")
    try:
        answer = drawer.call("drawMolecule", {"smiles": smiles, "label": f"Structure of {smiles}"}, seconds=_SECONDS)
    except ScriptFailed as exc:
        return Undrawn(f"This molecule is not drawn: {exc}.")
    svg = clean_svg(str(answer), id_prefix=id_prefix)
    return Drawn(svg) if svg else Undrawn("This is not the formula of a molecule, or one of its signs is wrong.")
