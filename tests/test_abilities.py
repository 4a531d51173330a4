"""What an engine cannot be asked for is refused before it is asked, and never left undone in silence."""

from pathlib import Path

import pytest

from gotwatch.documents import BoxBy, Color, Mode, Prompt, PromptStyle
from gotwatch.engine import abilities, choose
from gotwatch.engine.base import EngineOptions, Precision
from gotwatch.errors import ConfigError, UsageError
from gotwatch.jobs.queue import Queue
from gotwatch.pipeline import EngineInUse
from tests.desk import Desk
from tests.shops import Shop

AREA = (1, 2, 30, 40)
BEYOND_PLAIN = [
    Prompt(Mode.FORMAT),
    Prompt(box=AREA, box_by=BoxBy.PROMPT),
    Prompt(box=(1, 2)),
    Prompt(color=Color.RED),
    Prompt(crop=True),
    Prompt(Mode.FORMAT, multi_page=True),
    Prompt(style=PromptStyle.HUB),
    Prompt(max_new_tokens=10),
]
PLAIN = [Prompt(), Prompt(box=AREA), Prompt(retry=False)]
HOW_IT_LOOKS = [Prompt(trim=True), Prompt(strips=True)]


@pytest.mark.parametrize("prompt", BEYOND_PLAIN, ids=lambda prompt: prompt.key)
def test_paddle_is_not_asked_for_more_than_plain_text(prompt: Prompt) -> None:
    with pytest.raises(UsageError, match='The engine "paddle" cannot be asked for ') as refused:
        abilities.check_prompt("paddle", prompt)

    assert refused.value.hint.startswith('The engine "got" can')


@pytest.mark.parametrize("prompt", HOW_IT_LOOKS, ids=lambda prompt: prompt.key)
def test_the_reference_sees_the_page_as_it_is(prompt: Prompt) -> None:
    with pytest.raises(UsageError, match=f'The engine "got-hf" cannot be asked for {prompt.key.split()[-1]}'):
        abilities.check_prompt("got-hf", prompt)


@pytest.mark.parametrize(
    ("engine", "prompts"),
    [
        ("got", PLAIN + HOW_IT_LOOKS + BEYOND_PLAIN),
        ("got-hf", PLAIN + BEYOND_PLAIN),
        ("paddle", PLAIN + HOW_IT_LOOKS),
        ("somebody.s:Engine", PLAIN + HOW_IT_LOOKS + BEYOND_PLAIN),
    ],
)
def test_an_engine_is_asked_for_what_it_can_do(engine: str, prompts: list[Prompt]) -> None:
    for prompt in prompts:
        abilities.check_prompt(engine, prompt)


@pytest.mark.parametrize(("engine", "precision"), [("paddle", Precision.BF16), ("got-hf", Precision.INT8)])
def test_an_engine_that_does_not_compute_in_a_precision_is_not_chosen_with_it(
    engine: str, precision: Precision
) -> None:
    options = EngineOptions(precision=precision)

    with pytest.raises(ConfigError, match=f'The engine "{engine}" does not compute in {precision}'):
        choose.choose(engine, options, gpu=None, local_checkpoint=True)


def test_a_job_that_asks_too_much_of_the_engine_fails_before_a_page_is_read(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue, crop=True)
    shop.in_use = EngineInUse("paddle", "", shop.engine)
    shop.drop("a.png")

    with pytest.raises(UsageError, match='The engine "paddle" cannot be asked for crop'):
        shop.work()

    assert shop.engine.read_pages == []
    assert shop.results() == {}


def test_a_watch_s_wishes_reach_the_engine_and_keep_texts_of_their_own(tmp_path: Path, queue: Queue) -> None:
    shop = Shop(tmp_path, queue)
    shop.drop("a.png")
    shop.work()

    shop.with_settings(crop=True)
    shop.drop("b.png", "red")
    shop.work()

    assert shop.engine.read_pages == [1, 1]


@pytest.mark.parametrize("command", ["config check", "run"])
def test_a_folder_that_the_named_engine_cannot_read_as_asked_is_told_at_the_start(desk: Desk, command: str) -> None:
    desk.config.write_text(
        '[[watch]]\nfolder = "in"\noutput = "out"\ncrop = true\n[engine]\nname = "paddle"\n', "utf-8"
    )

    done = desk.command(*command.split())

    assert done.returncode == 2
    assert f'The folder {desk.inbox}: The engine "paddle" cannot be asked for crop' in done.stderr
