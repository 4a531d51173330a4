"""Whatever a page says, a browser shows it and does nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gotwatch.render import html
from gotwatch.render.workbench import Workbench
from tests.injections import INJECTIONS, PLACES
from tests.markup_pages import SAMPLES
from tests.read_documents import document, formatted, page
from tests.web_pages import alive, parsed, words


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = Workbench()
    yield bench
    bench.close()


def test_there_is_enough_to_try() -> None:
    assert len(set(INJECTIONS)) >= 100
    assert PLACES.keys() >= {"text", "cell", "formula", "title", "smiles", "tikz"}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_a_page_says_is_alive(bench: Workbench, place: str) -> None:
    made = html.render(formatted(*map(PLACES[place], INJECTIONS)), bench)

    assert alive(made) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_sample_is_alive(bench: Workbench, path: Path) -> None:
    made = html.render(formatted(path.read_text("utf-8")), bench)

    assert alive(made) == []


def test_what_is_not_obeyed_is_shown(bench: Workbench) -> None:
    plain = [injection for injection in INJECTIONS if "\\" not in injection and "[" not in injection]

    shown = words(parsed(html.render(document(*(page(1, injection) for injection in plain)), bench)))

    assert [injection for injection in plain if injection not in shown] == []


@settings(deadline=None, max_examples=60)  # the machine may be busy
@given(st.lists(st.sampled_from(INJECTIONS), min_size=1, max_size=3), st.sampled_from(sorted(PLACES)), st.data())
def test_mixed_and_cut_they_are_not_alive_either(
    bench: Workbench, injections: list[str], place: str, data: st.DataObject
) -> None:
    markup = PLACES[place]("".join(injections))
    cut = data.draw(st.integers(0, len(markup)))

    assert alive(html.render(formatted(markup[:cut], markup[cut:]), bench)) == []
