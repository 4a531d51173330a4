from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import pytest

from gotwatch.render.formulas.engine import EngineFailed, FormulaEngine, FormulaRequest, Refused
from gotwatch.render.formulas.mathcore import MathCoreEngine
from gotwatch.render.formulas.temml import TemmlEngine
from gotwatch.render.formulas.typeset import FormulaResult, Formulas, open_formulas
from tests.formula_lists import BROKEN, HOSTILE, SOUND


@pytest.fixture(params=[TemmlEngine, MathCoreEngine], scope="module")
def formulas(request: pytest.FixtureRequest) -> Iterator[Formulas]:
    opened = Formulas(request.param())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def best() -> Iterator[Formulas]:
    opened = open_formulas()
    yield opened
    opened.close()


class Stumbling:
    """Fails whenever *bad* is in the batch, as an engine does that runs out of time."""

    def __init__(self, bad: str) -> None:
        self._bad = bad
        self.batches: list[int] = []

    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:
        self.batches.append(len(requests))
        if any(self._bad in request.tex for request in requests):
            raise EngineFailed("interrupted")
        return ["<math><mi>x</mi></math>"] * len(requests)

    def close(self) -> None:
        pass


class Unsafe:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:
        return [self._answer] * len(requests)

    def close(self) -> None:
        pass


def one(formulas: Formulas, tex: str, *, display: bool = False) -> FormulaResult:
    return formulas.render([FormulaRequest(tex, display)])[0]


def by(engine: FormulaEngine | None, tex: str) -> FormulaResult:
    return one(Formulas(engine), tex)


@pytest.mark.parametrize("tex", SOUND)
def test_a_sound_formula_becomes_mathml_without_a_repair(formulas: Formulas, tex: str) -> None:
    results = formulas.render([FormulaRequest(tex), FormulaRequest(tex, display=True)])

    assert [(result.ok, result.repaired, result.reason) for result in results] == [(True, "", "")] * 2
    assert all(result.html.startswith("<math") for result in results)


@pytest.mark.parametrize("tex", BROKEN)
def test_a_broken_formula_is_repaired_and_says_so(formulas: Formulas, tex: str) -> None:
    result = one(formulas, tex)

    assert result.ok, result.reason
    assert "<math" in result.html
    if tex != r"\left{ a \right}":  # nothing to see of that
        assert result.repaired
        assert 'title="Repaired: ' in result.html


@pytest.mark.parametrize("tex", HOSTILE, ids=lambda tex: tex[:20])
def test_a_hostile_formula_is_shown_as_its_source(formulas: Formulas, tex: str) -> None:
    bad, good = formulas.render([FormulaRequest(tex), FormulaRequest("x")])

    assert (bad.ok, good.ok) == (False, True)
    assert bad.html.startswith('<code class="tex-error" title="')


def test_a_formula_cannot_write_markup(formulas: Formulas) -> None:
    result = one(formulas, r"\text{</math><script>alert(9)</script>}")

    assert "<script" not in result.html
    assert "&lt;script&gt;alert(9)" in result.html


def test_source_that_is_shown_is_escaped(formulas: Formulas) -> None:
    result = one(formulas, r'\href{"><script>alert(1)</script>}{x}')

    assert "<script" not in result.html
    assert "&lt;script&gt;" in result.html


def test_a_formula_of_which_nothing_would_be_seen_is_shown_as_its_source(formulas: Formulas) -> None:
    result = one(formulas, r"\mathbb")

    assert not result.ok
    assert r"\mathbb" in result.html


def test_blanks_are_a_formula(formulas: Formulas) -> None:
    assert one(formulas, r"\qquad").ok


def test_an_unknown_command_is_shown_by_its_name(formulas: Formulas) -> None:
    result = one(formulas, r"\foonction(a) + \barrique")

    assert r"\foonction is shown by its name" in result.repaired
    assert "foonction" in result.html
    assert "barrique" in result.html


def test_a_percent_sign_is_no_comment(formulas: Formulas) -> None:
    assert "x" in one(formulas, r"50% of x").characters


@pytest.mark.parametrize("tex", [r"\begin{align} a &= b \\ c &= d \end{align}", r"\begin{equation} a \end{equation}"])
def test_no_number_appears_that_nobody_wrote(formulas: Formulas, tex: str) -> None:
    result = one(formulas, tex, display=True)

    assert result.ok
    assert not result.characters & set("(1)")
    assert "tml-eqn" not in result.html


@pytest.mark.parametrize("display", [True, False])
def test_a_tag_is_shown(formulas: Formulas, display: bool) -> None:
    result = one(formulas, r"a=b \tag{2.7}", display=display)

    assert "(2.7)" in result.html


def test_what_stands_over_a_letter_is_no_superscript(formulas: Formulas) -> None:
    html = one(formulas, r"\overset{*}{x} \overset{b}{\operatorname{f}}").html

    assert "<mover" in html
    assert "<msup" not in html


# Found by tests.soak_pages: Temml puts them all into one operator, where HTML allows text alone, and they were dropped.
@pytest.mark.parametrize("tex", [r"\overset{a}{BC}", r"\stackrel{a}{B=C}", r"\mathop{BC}", r"a \mathrel{B C} b"])
def test_several_letters_in_an_operator_are_shown(formulas: Formulas, tex: str) -> None:
    result = one(formulas, tex, display=True)

    assert result.ok
    assert {"B", "C"} <= result.characters


def test_an_operator_with_something_under_it_has_two_parts(best: Formulas) -> None:
    html = one(best, r"\underset{b}{\operatorname{f}}").html

    (under,) = ElementTree.fromstring(html).iter("munder")
    assert len(under) == len(["f", "b"])


def test_formulas_come_back_in_their_order(formulas: Formulas) -> None:
    results = formulas.render([FormulaRequest(letter) for letter in "abcab"])

    assert ["".join(sorted(result.characters))[:1] for result in results] == list("abcab")


def test_no_formula_is_no_work(formulas: Formulas) -> None:
    assert formulas.render([]) == []


def test_a_formula_that_is_known_is_not_read_again() -> None:
    engine = Stumbling("never")
    formulas = Formulas(engine)

    formulas.render([FormulaRequest("a"), FormulaRequest("a"), FormulaRequest("b")])
    formulas.render([FormulaRequest("a")])

    assert [size for size in engine.batches if size] == [2]


def test_a_formula_that_stops_the_engine_costs_no_other() -> None:
    formulas = Formulas(Stumbling("bad"))

    results = formulas.render([FormulaRequest(tex) for tex in ("a", "bad", "c")])

    assert [result.ok for result in results] == [True, False, True]
    assert "too long" in results[1].reason


def test_without_an_engine_the_source_is_shown() -> None:
    result = by(None, "a<b")

    assert result.html.startswith('<code class="tex-error"')
    assert "a&lt;b" in result.html
    assert result.reason == "no formula engine is installed"


@pytest.mark.parametrize(
    "answer", ["<script>alert(1)</script>", "", "<math>" + "<mrow>" * 300 + "</mrow>" * 300 + "</math>"]
)
def test_what_an_engine_must_not_say_is_not_shown(answer: str) -> None:
    result = by(Unsafe(answer), "a")

    assert not result.ok
    assert "script" not in result.html


def test_what_would_lose_letters_on_its_way_into_the_page_is_shown_as_its_source() -> None:
    result = by(Unsafe("<math><mo><mi>x</mi></mo><mi>y</mi></math>"), "xy")

    assert not result.ok


def test_the_best_engine_reads_chemistry(best: Formulas) -> None:
    result = one(best, r"\ce{2H2 + O2 -> 2H2O}")

    assert (result.ok, result.repaired) == (True, "")


def test_a_formula_after_a_failure_of_the_script_is_read() -> None:
    engine = TemmlEngine()

    with pytest.raises(EngineFailed):
        engine.convert([FormulaRequest(r"\frac{1}{2}" * 400)], seconds=0.0001)
    answer = engine.convert([FormulaRequest("x")], seconds=5.0)

    assert answer == ["<math><mi>x</mi></math>"]
    engine.close()
