"""Blocks without a page, for tests that only draw them."""

from gotwatch.render.blocks import Chart, Drawing, Molecule, Score, Span

NOWHERE = Span(0, 0)

WALTZ = """\
!!!COM: Anon
!!!OTL: Little Waltz
**kern	**kern
*staff2	*staff1
*clefF4	*clefG2
*k[b-]	*k[b-]
*M3/4	*M3/4
=1-	=1-
4F	8a 8ccL
.	8ddJ
4A 4c	4cc
4A 4c	(4f
=2	=2
*^	*
4c	2.C	8.e/L
.	.	16f/Jk
4B-	.	[4g
4c	.	4g])
*v	*v	*
==	==
*-	*-
"""


def score(kern: str = WALTZ) -> Score:
    return Score(kern, NOWHERE)


def drawing(*statements: str) -> Drawing:
    return Drawing("\n".join([r"\begin{tikzpicture}", *statements, r"\end{tikzpicture}"]), NOWHERE)


def molecule(smiles: str) -> Molecule:
    return Molecule(smiles, NOWHERE)


def chart(values: dict[str, dict[str, str | None]], *, title: str = "Sales", kind: str = "") -> Chart:
    """*values* by series and category, as a model writes them."""
    categories = dict.fromkeys(name for series in values.values() for name in series)
    rows = tuple((name, tuple(series.get(name) for series in values.values())) for name in categories)
    others = (("type", kind),) if kind else ()
    return Chart(title, "", "Year", "Units", tuple(values), rows, NOWHERE, others)
