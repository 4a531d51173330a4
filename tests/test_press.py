"""The press: a process of its own, whose end costs a page its form and nothing else."""

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess

import pytest

from gotwatch.documents import Form, Mode
from gotwatch.errors import FormUnavailable, RenderingFailed
from gotwatch.render.press.process import Press
from gotwatch.render.workshop import WorkshopLimits
from tests import presses
from tests.read_documents import document, page
from tests.web_pages import parsed, words

QUICK = WorkshopLimits(seconds=2.0)
HEAVY = ("quickjs", "nh3", "uharfbuzz", "verovio", "tikra", "gotwatch.render.html", "gotwatch.render.markup")


@pytest.fixture
def press() -> Iterator[Press]:
    press = Press()
    yield press
    press.close()


@pytest.fixture
def bad_press() -> Iterator[Press]:
    """See tests.presses for what it does."""
    press = Press(QUICK, serve=presses.serve)
    yield press
    press.close()


def processes() -> list[BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "gotwatch-press"]


def test_a_page_with_all_that_can_be_drawn_comes_out_of_another_process(press: Press) -> None:
    markup = "# T\n\n\\(x^2\\)\n\n<smiles>CCO</smiles>\n\n**kern\n4c\n*-\n"

    made = press.render(document(page(1, markup), mode=Mode.FORMAT), Form.HTML)

    tree = parsed(made.content.decode())
    assert tree.find(".//math") is not None
    assert [words(heading) for heading in tree.iter("h3")] == ["T"]
    assert made.warnings == ()
    assert len(processes()) == 1


def test_the_program_itself_loads_nothing_that_draws() -> None:
    script = f"import sys, gotwatch.app; print([name for name in {HEAVY} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "[]"


def test_no_process_runs_before_there_is_something_to_render() -> None:
    Press().close()

    assert processes() == []


@pytest.mark.parametrize(
    ("what", "reason"),
    [("die", "crashed"), ("hang", "longer than 2 s"), ("eat", "MemoryError"), ("err", "ZeroDivisionError")],
)
def test_what_goes_wrong_at_a_page_costs_that_page_its_form(bad_press: Press, what: str, reason: str) -> None:
    made = bad_press.render(document(page(1), page(2, what), page(3), mode=Mode.FORMAT), Form.HTML)

    assert made.content == b"format; plain: [2]"
    [warning] = made.warnings
    assert warning.startswith("Page 2 could not be rendered and is shown as the model wrote it")
    assert reason in warning


def test_after_some_bad_pages_all_are_shown_plainly(bad_press: Press) -> None:
    pages = [page(number, "err") for number in range(1, 9)]

    made = bad_press.render(document(*pages), Form.HTML)

    assert made.content == b"plain; plain: [1, 2, 3, 4, 5, 6, 7, 8]"
    assert len(made.warnings) == 4


def test_a_form_that_knows_no_plain_pages_is_made_of_plain_text(bad_press: Press) -> None:
    made = bad_press.render(document(page(1, "err"), page(2), mode=Mode.FORMAT), Form.MD)

    assert made.content.startswith(b"plain; ")


def test_a_form_that_is_pointless_without_its_look_is_left_out(bad_press: Press) -> None:
    with pytest.raises(FormUnavailable, match="could not be made"):
        bad_press.render(document(page(1, "die")), Form.DOCX)


def test_what_a_form_itself_refuses_reaches_the_caller_as_it_is(bad_press: Press) -> None:
    with pytest.raises(FormUnavailable, match="Not of this one"):
        bad_press.render(document(page(1, "refuse")), Form.PDF)


def test_the_next_document_finds_a_new_process(bad_press: Press) -> None:
    bad_press.render(document(page(1, "die")), Form.HTML)

    assert bad_press.render(document(page(1), mode=Mode.PLAIN), Form.HTML).content == b"plain; plain: []"


def test_an_idle_process_leaves(eventually: Callable[..., None]) -> None:
    press = Press(WorkshopLimits(seconds=2.0, idle_seconds=0.05), serve=presses.serve)

    press.render(document(page()), Form.HTML)

    eventually(lambda: not processes())
    press.close()


def test_closing_ends_what_is_being_rendered(bad_press: Press, eventually: Callable[..., None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        rendering = pool.submit(Press.render, bad_press, document(page(1, "hang")), Form.HTML)
        eventually(processes)

        bad_press.close()

        with pytest.raises(RenderingFailed, match="stopped"):
            rendering.result()
    assert processes() == []


def test_a_closed_press_renders_nothing(bad_press: Press) -> None:
    bad_press.close()

    with pytest.raises(RenderingFailed, match="stopped"):
        bad_press.render(document(page()), Form.HTML)


def test_threads_take_turns(bad_press: Press) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: bad_press.render(document(page()), Form.HTML).content, range(8)))

    assert set(made) == {b"plain; plain: []"}
    assert len(processes()) == 1
