"""The typewriter's lessons: its font, its pages, and that the engine asks and sees what was practised."""

from pathlib import Path

import numpy as np
import pytest
import tiktoken
import torch
from PIL import Image

from gotwatch.documents import PageImage, Prompt
from gotwatch.engine.got.opened import open_checkpoint
from training.typewriter import answers, evaluate, export, font, original, pages, tasks, vocabulary, writing
from training.typewriter.apprenticeship import Apprenticeship, Plan
from training.typewriter.model import Apprentice
from training.typewriter.tasks import Effort, Exercise, Task

SMALL = Effort(lines=2)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained typewriter in the port's layout."""
    folder = tmp_path_factory.mktemp("typewriter")
    Apprenticeship(Plan(out=folder, seconds=0)).run()
    export.export(folder, folder / "port", dtype=torch.float16)
    return folder / "port"


def practised(task: Task, number: int = 0, effort: Effort = SMALL) -> tuple[Exercise, list[Image.Image]]:
    return evaluate.fresh(task, number, effort)


def test_no_two_letters_look_alike() -> None:
    inks = font.inks()[: len(font.PRINTABLE)]

    assert len({ink.tobytes() for ink in inks}) == len(font.PRINTABLE)


def test_every_letter_stays_inside_its_cell() -> None:
    inks = font.inks()[: len(font.PRINTABLE)]

    assert not inks[:, :, [0, -1]].any()
    assert not inks[:, [0, -1]].any()


@pytest.mark.parametrize("task", Task)
def test_an_exercise_is_made_of_its_number_alone(task: Task) -> None:
    first, first_images = practised(task, 7)
    again, again_images = practised(task, 7)

    assert first.text == again.text
    assert [image.tobytes() for image in first_images] == [image.tobytes() for image in again_images]


@pytest.mark.parametrize("task", [Task.PLAIN, Task.BOX, Task.COLOUR, Task.CROP])
def test_each_letter_of_an_answer_is_told_the_cell_that_shows_it(task: Task) -> None:
    exercise, _images = practised(task, 3, Effort())
    shown = np.stack([sheet.grid for sheet in tasks.cells(exercise)]).flatten()
    letters = [piece for piece in exercise.answer if piece.token in vocabulary.byte_ids().values()]

    read = [font.character(int(shown[piece.cell])) for piece in letters[:-1] if piece.cell != answers.NOWHERE]
    written = [vocabulary.tokenizer().decode([piece.token]) for piece in letters[:-1] if piece.cell != answers.NOWHERE]

    assert [letter for letter in written if letter != "\n"] == [
        letter for letter, token in zip(read, written, strict=True) if token != "\n"
    ]


def test_formulas_tables_and_music_get_their_markup_only_when_it_is_asked_for() -> None:
    random = np.random.default_rng(5)
    blocks = (
        writing.formula(random, 16),
        writing.table(random, 16, rows=1),
        writing.staff(random, 3),
    )
    spans = answers.spans_of(blocks)

    def text(*, formatted: bool) -> str:
        pieces = answers.written(spans, formatted=formatted)
        return vocabulary.tokenizer().decode([piece.token for piece in pieces])

    formula, row, notes = text(formatted=False).splitlines()
    cells = row.split(" ")
    assert text(formatted=True).startswith(f"\\({formula}\\)\n\\begin{{tabular}}{{{'|l' * len(cells)}|}}\n\\hline\n")
    assert f"{' & '.join(cells)} \\\\\n\\hline\n\\end{{tabular}}\n**kern\n" in text(formatted=True)
    assert [line[1] for line in text(formatted=True).splitlines()[-len(notes) - 1 : -1]] == list(notes)
    assert text(formatted=True).endswith("\n*-\n")


def test_both_kinds_of_token_file_give_the_same_ids() -> None:
    encoding = tiktoken.Encoding(
        "typewriter",
        pat_str=vocabulary.PATTERN,
        mergeable_ranks=vocabulary.ranks(),
        special_tokens={mark: vocabulary.mark(mark) for mark in vocabulary.MARKS},
    )
    random = np.random.default_rng(1)
    texts = ["".join(random.choice(list(font.PRINTABLE + "\n\n  OCRwithéß"), 60)) for _ in range(50)]

    assert all(vocabulary.encode(text) == encoding.encode(text) for text in texts)


def test_every_word_of_the_prompts_is_one_token() -> None:
    words = ["OCR", " OCR", " with", " format", " upon", " the", " patch", " reference", " across", " multi", " pages"]

    assert [len(vocabulary.encode(word)) for word in words] == [1] * len(words)


@pytest.mark.parametrize("task", Task)
def test_the_engine_asks_as_was_practised(port: Path, task: Task) -> None:
    exercise, images = practised(task)
    opened = open_checkpoint(str(port), lambda _line: None)
    shown = [_page(image.resize((1000, 1000)) if task is Task.BOX else image) for image in images]  # a thousandth each

    ids, _views = opened.inputs(shown, evaluate.asked(exercise, (shown[0].width, shown[0].height)))

    assert ids == exercise.prompt()


@pytest.mark.parametrize("task", [Task.PLAIN, Task.CROP, Task.PAGES])
def test_the_engine_sees_what_was_practised(port: Path, task: Task) -> None:
    random = np.random.default_rng(2)
    exercise = tasks.make(task, random, Effort())
    images = [pages.draw(sheet, pages.FRESH, random) for sheet in exercise.sheets]

    opened = open_checkpoint(str(port), lambda _line: None)
    _ids, seen = opened.inputs([_page(image) for image in images], evaluate.asked(exercise, images[0].size))

    practised_views = tasks.views(exercise, random, wear=pages.FRESH)
    assert np.abs(seen.astype(int) - practised_views.astype(int)).max() <= 3  # levels


def test_both_layouts_hold_the_same_model(port: Path, tmp_path: Path) -> None:
    original.convert(port, tmp_path / "original")

    one, other = open_checkpoint(str(port), print), open_checkpoint(str(tmp_path / "original"), print)

    first, second = one.tensors.load("cpu", torch.float32), other.tensors.load("cpu", torch.float32)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert one.sizes == other.sizes
    asked = [opened.inputs([_page(practised(Task.PLAIN)[1][0])], Prompt())[0] for opened in (one, other)]
    assert asked[0] == asked[1]


def test_a_checkpoint_is_small_enough_to_ship(port: Path) -> None:
    assert sum(path.stat().st_size for path in port.iterdir()) <= 8_000_000


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Apprenticeship(Plan(out=tmp_path, seconds=0))
    first.progress.step = 41
    first.save()

    second = Apprenticeship(Plan(out=tmp_path, seconds=0, seed=2))
    second.run()

    assert second.progress.step == 41
    pairs = zip(first.model.state_dict().values(), second.model.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_edits_are_counted_as_a_person_would() -> None:
    assert evaluate.edits("kitten", "sitting") == 3
    assert evaluate.edits("", "abc") == 3
    assert evaluate.edits("same", "same") == 0


def test_the_model_has_the_heads_of_its_training_beside_it_not_in_it() -> None:
    names = [name for name, _parameter in Apprentice().got.named_parameters()]

    assert not [name for name in names if "_head" in name and not name.startswith("lm_head")]


def _page(image: Image.Image) -> PageImage:
    return PageImage(1, *image.size, image.tobytes())
