"""What the typewriter is told in training: its labels are true, and its shortcuts compute what the long way does."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.typewriter import answers, hints, layout, tasks, vocabulary, writing
from training.typewriter.apprenticeship import Apprenticeship, Plan
from training.typewriter.batches import batch_of
from training.typewriter.decoder import decode
from training.typewriter.hints import Line
from training.typewriter.lessons import LAST
from training.typewriter.model import Apprentice, Batch
from training.typewriter.muon import orthogonal
from training.typewriter.pages import BLUE, RED
from training.typewriter.samples import formula, staff, table, text
from training.typewriter.tasks import Effort, Exercise, Task

CHECKPOINT = Path("samples/typewriter/gotwatch-typewriter")
SMALL = Effort(lines=2, pages=2)


@pytest.fixture(scope="module")
def apprentice() -> Apprentice:
    torch.manual_seed(3)
    return Apprentice().eval()


def exercises(task: Task, *, seed: int = 4, effort: Effort = SMALL) -> list[Exercise]:
    return tasks.make_several(task, np.random.default_rng(seed), effort)


def batch(made: list[Exercise]) -> Batch:
    return batch_of(made, np.random.default_rng(0))


def test_a_line_is_known_by_what_it_is_and_by_its_place_in_a_table() -> None:
    blocks = (*text("Title"), formula("x=1"), table("ab", "cd", "ef"), staff("4e 4f"), table(["a", "b", "c"]))

    natures = hints.natures(writing.sheet_of(blocks, rows=8, columns=16))

    first, middle, last, alone = hints.TABLE + 1, hints.TABLE + 3, hints.TABLE + 2, hints.TABLE + 4
    assert natures.tolist() == [hints.TEXT, hints.FORMULA, first, middle, last, hints.STAFF, alone, hints.EMPTY]


def test_of_a_line_it_is_known_how_many_of_its_colour_follow() -> None:
    sheet = writing.sheet_of(text("one", "two", "three"), rows=8, columns=16, colours=(RED, BLUE, RED))

    assert hints.followers(sheet)[:3].tolist() == [2 * 1 + 1, 2 * 0 + 1, 0]


def test_all_along_a_line_it_is_known_which_one_is_written_next() -> None:
    lines = [Line(0, 0), Line(0, 0), Line(0, 3), Line(1, 0), Line(1, 0)]

    assert hints.next_lines(lines) == [Line(0, 3), Line(0, 3), Line(1, 0), None, None]


def test_the_halves_of_a_cropped_line_are_one_line() -> None:
    (made, _plain) = exercises(Task.CROP_FORMAT, effort=Effort())
    lines = hints.lines_of(made)

    assert {line.view for line in lines} <= {0, 2}
    assert len(set(lines)) == int(made.sheets[0].grid.any(1).sum())


def test_what_is_asked_about_one_sheet_is_not_twice_the_same() -> None:
    boxes, colours = exercises(Task.BOX, effort=Effort()), exercises(Task.COLOUR, effort=Effort())

    for made in (boxes, colours):
        assert len({exercise.query for exercise in made}) == len(made) > 1
        assert all(exercise.sheets is made[0].sheets for exercise in made)


def test_the_edges_of_a_box_are_asked_for_behind_their_numbers() -> None:
    (made, *_others) = exercises(Task.BOX)
    places = batch([made]).edge_places[0].tolist()
    words = made.prompt()[made.prompt().index(vocabulary.mark("</img>")) :]

    said = [vocabulary.tokenizer().decode(words[: place + 1]).rpartition("[")[2] for place in places]

    numbers = made.query.removeprefix("[").partition("]")[0].split(", ")
    assert [heard.rstrip(",]") for heard in said] == [", ".join(numbers[: count + 1]) for count in range(4)]


def test_what_begins_and_ends_a_line_counts_more() -> None:
    sheet = writing.sheet_of(text("ab", "c"), rows=8, columns=16)
    pieces = answers.written(answers.spans_of(text("ab", "c")), formatted=False)
    made = batch([Exercise(Task.PLAIN, (sheet,), "OCR: ", tuple(pieces))])

    weights = made.weights[made.labels >= 0].tolist()

    assert weights == [4, 1, 2, 4, 2]  # a b feed c feed


def test_the_decoder_of_training_thinks_what_the_librarys_does(apprentice: Apprentice) -> None:
    decoder = apprentice.got.model.language_model
    inputs = torch.randn(2, 30, apprentice.got.config.text_config.hidden_size)

    with torch.no_grad():
        theirs = decoder(inputs_embeds=inputs).last_hidden_state
        start = decode(decoder, inputs[:, :11], None, first=None, traced={})
        ours = decode(decoder, inputs[:, 11:], start.known, first=4, traced={})

    assert ours.last is not None
    torch.testing.assert_close(ours.last, theirs[:, 15:], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("task", [Task.FORMAT, Task.BOX, Task.COLOUR, Task.CROP_FORMAT])
def test_questions_about_one_sheet_cost_together_what_they_cost_alone(apprentice: Apprentice, task: Task) -> None:
    made = exercises(task)
    with torch.no_grad():
        together = apprentice(batch(made), looks=False, writes=True)
        alone = [(one.weight, apprentice(one, looks=False, writes=True)) for one in (batch([each]) for each in made)]

    mean = sum(weight * float(losses.text) for weight, losses in alone) / sum(weight for weight, _losses in alone)
    assert float(together.text) == pytest.approx(mean, rel=1e-3)


def test_the_vision_at_rest_sees_what_it_sees_when_it_learns(apprentice: Apprentice) -> None:
    made = batch(exercises(Task.CROP_FORMAT))

    with torch.no_grad():
        costly = apprentice(made, looks=True, writes=True)
    cheap = apprentice(made, looks=False, writes=True)

    assert cheap.text.item() == pytest.approx(costly.text.item(), rel=1e-4)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)])
def test_the_optimizer_moves_a_layer_in_all_directions_alike(shape: tuple[int, int]) -> None:
    change = orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(1)))

    singular = torch.linalg.svdvals(change)
    assert change.shape == shape
    assert singular.min() > 0.5
    assert singular.max() < 1.3


def test_training_begins_with_a_checkpoint_and_with_the_heads_alone(tmp_path: Path) -> None:
    apprenticeship = Apprenticeship(Plan(out=tmp_path, seconds=1e-3, batch=2, start=CHECKPOINT))
    apprenticeship.run()
    shipped = Apprentice().got
    layout.load(shipped, CHECKPOINT)

    assert apprenticeship.progress.step == 1
    assert apprenticeship.progress.lesson.level == LAST
    mine = apprenticeship.model.got.state_dict()
    assert all(torch.equal(tensor, mine[name]) for name, tensor in shipped.state_dict().items())


def test_a_state_goes_before_a_checkpoint(tmp_path: Path) -> None:
    first = Apprenticeship(Plan(out=tmp_path, seconds=0))
    first.progress.step = 41
    first.save()

    second = Apprenticeship(Plan(out=tmp_path, seconds=0, seed=2, start=CHECKPOINT))
    second.run()

    assert second.progress.step == 41
