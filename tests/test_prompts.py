"""What may be asked of a page, and which texts may be used again for it."""

import pytest

from gotwatch.documents import BoxBy, Color, Mode, Prompt, PromptStyle, Reading, checked
from gotwatch.errors import UsageError

AREA = (10, 20, 30, 40)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "asked", [{}, {"box": AREA}, {"box": (10, 20)}, {"color": Color.RED}, {"crop": True}, {"style": PromptStyle.HUB}]
)
def test_one_thing_at_a_time_can_be_asked_in_both_modes(mode: Mode, asked: dict[str, object]) -> None:
    prompt = Prompt(mode, **asked)  # type: ignore[arg-type]  # the fields' types vary

    assert checked(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (Prompt(box=AREA, color=Color.RED), "A box and a colour cannot be combined"),
        (Prompt(box=AREA, crop=True), "A box and crop cannot be combined"),
        (Prompt(color=Color.BLUE, crop=True), "A colour and crop cannot be combined"),
        (Prompt(crop=True, multi_page=True), "Crop and several pages in one go cannot be combined"),
        (Prompt(box=AREA, multi_page=True), "A box and several pages in one go cannot be combined"),
        (Prompt(color=Color.RED, multi_page=True), "A colour and several pages in one go cannot be combined"),
    ],
)
def test_what_the_model_was_not_trained_on_is_refused_with_the_reason(prompt: Prompt, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(prompt)

    assert refused.value.message == message
    assert "never trained on both" in refused.value.hint


def test_several_pages_are_always_read_with_format() -> None:
    assert checked(Prompt(Mode.PLAIN, multi_page=True)).mode is Mode.FORMAT


@pytest.mark.parametrize("box", [(30, 20, 30, 40), (10, 40, 30, 40), (30, 40, 10, 20)])
def test_an_empty_box_is_refused(box: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="is empty"):
        checked(Prompt(box=box))


@pytest.mark.parametrize("box", [(), (1,), (1, 2, 3), (1, 2, 3, 4, 5)])
def test_a_box_has_two_or_four_values(box: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=f"has {len(box)} values"):
        checked(Prompt(box=box))


def test_the_texts_that_were_kept_before_there_were_more_prompts_stay_valid() -> None:
    assert Reading("got-hf", "here", Prompt()).key == "got-hf|here|plain|"
    assert Reading("got-hf", "here", Prompt(Mode.FORMAT), "mark").key == "got-hf|here|format|mark"
    assert Reading("got", "here", Prompt(), precision="int8").key == "got|here|plain||int8"


def test_each_prompt_has_texts_of_its_own() -> None:
    prompts = [
        *(Prompt(mode, style=style) for mode in Mode for style in PromptStyle),
        *(Prompt(mode, color=color) for mode in Mode for color in Color),
        *(Prompt(box=AREA, box_by=by) for by in BoxBy),
        Prompt(box=(10, 20)),
        Prompt(box=(102, 0)),
        Prompt(crop=True),
        Prompt(Mode.FORMAT, crop=True),
        Prompt(Mode.FORMAT, multi_page=True),
    ]

    keys = {prompt.key for prompt in prompts}

    assert len(keys) == len(prompts)


def test_a_point_goes_by_the_prompt_however_it_is_asked_for() -> None:
    by_pixels, by_prompt = (Prompt(box=(10, 20), box_by=by) for by in BoxBy)

    assert by_pixels.asks_by_box
    assert by_pixels.key == by_prompt.key
