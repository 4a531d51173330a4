"""Molecules, drawn by the real script."""

from collections.abc import Iterator

import pytest

from gotwatch.render import molecules, script
from gotwatch.render.drawn import Drawn, Undrawn
from gotwatch.render.script import Script
from tests.blocks import molecule

pytestmark = pytest.mark.skipif(not script.is_available(), reason="there is no quickjs here")


@pytest.fixture(scope="module")
def drawer() -> Iterator[Script]:
    drawer = molecules.open_script()
    yield drawer
    drawer.close()


def drawn(smiles: str, drawer: Script) -> str:
    result = molecules.draw(molecule(smiles), drawer, id_prefix="s1-")
    assert isinstance(result, Drawn)
    return result.svg


def reason(smiles: str, drawer: Script) -> str:
    result = molecules.draw(molecule(smiles), drawer, id_prefix="s1-")
    assert isinstance(result, Undrawn)
    return result.reason


@pytest.mark.parametrize(
    "smiles",
    [
        "CCO",
        "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
        "CC(=O)Oc1ccccc1C(=O)O",
        "[Na+].[Cl-]",
        "N[C@@H](C)C(=O)O",
        "F/C=C/F",
        "[13CH3]CO",
        "C",
        "[H][H]",
    ],
)
def test_a_molecule_is_drawn_in_the_color_of_the_text(smiles: str, drawer: Script) -> None:
    svg = drawn(smiles, drawer)

    assert svg.startswith("<svg")
    assert f'aria-label="Structure of {smiles}"' in svg
    assert "currentColor" in svg
    assert "<style" not in svg


def test_the_same_molecule_is_the_same_picture_also_in_another_process(drawer: Script) -> None:
    other = molecules.open_script()

    assert drawn("c1ccccc1O", drawer) == drawn("c1ccccc1O", other)
    other.close()


def test_names_in_it_are_prefixed(drawer: Script) -> None:
    svg = drawn("CCO", drawer)

    assert 'id="s1-' in svg
    assert 'mask="url(#s1-' in svg


def test_labels_at_the_edge_are_within_the_picture(drawer: Script) -> None:
    """The box of the atoms alone cut off the H of methane."""
    svg = drawn("C", drawer)

    width = float(svg.split('viewBox="')[1].split('"')[0].split()[2])
    assert width > 30


def test_a_nitro_group_has_no_lonely_charge(drawer: Script) -> None:
    svg = drawn("O=[N+]([O-])c1ccccc1", drawer)

    assert "\N{SUPERSCRIPT PLUS SIGN}" not in svg
    assert "O\N{SUBSCRIPT TWO}" in svg


def test_blanks_within_it_are_no_part_of_it(drawer: Script) -> None:
    assert drawn(" C C\nO ", drawer) == drawn("CCO", drawer)


@pytest.mark.parametrize("smiles", ["", "hello", "CC>>CO", "C(" * 140, "<img src=x onerror=alert(14)>"])
def test_what_is_no_molecule_is_not_drawn(smiles: str, drawer: Script) -> None:
    assert reason(smiles, drawer) == "This is not the formula of a molecule, or one of its signs is wrong."


def test_a_very_large_molecule_is_not_drawn(drawer: Script) -> None:
    assert "more than 300" in reason("C" * 301, drawer)


def test_a_molecule_that_takes_too_long_costs_itself_only(drawer: Script) -> None:
    assert reason("C1CC2CC3CC4CC1" * 10, drawer).startswith("This molecule is not drawn: ")

    assert drawn("CCO", drawer)
