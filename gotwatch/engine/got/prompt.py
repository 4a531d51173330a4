"""The words that GOT-OCR2.0 was trained to answer, to the last space."""

from typing import Protocol

from gotwatch.documents import Mode, Prompt, PromptStyle

# The plain prompt in the real vocabulary, around the image tokens: what a checkpoint's own one must give.
# fmt: off
GOT_IMAGE = 151859
GOT_HEAD = (
    151644, 8948, 198, 2610, 1265, 1795, 279, 11221, 15516, 323, 10339, 697, 11253, 304, 7716, 13, 151645,
    151644, 872, 198, 151857,
)
GOT_TAIL = (151858, 198, 93495, 25, 220, 151645, 151644, 77091, 198)
# fmt: on

_PER_MILLE = 1000
_INDENT = {PromptStyle.TRAINING: "", PromptStyle.HUB: " " * 8, PromptStyle.HF: ""}


class Encoder(Protocol):
    image: int  # the token that stands for a piece of an image

    def encode(self, text: str) -> list[int]: ...


def prompt_ids(
    prompt: Prompt, vocabulary: Encoder, *, views: int, tokens_per_view: int, page_size: tuple[int, int]
) -> list[int]:
    """The whole prompt for a page in *views* images. One pair of image marks holds them all.

    *page_size*: width and height in pixels, for the box.
    """
    images = [vocabulary.image] * (views * tokens_per_view)
    return [*vocabulary.encode(head(prompt.style)), *images, *vocabulary.encode(tail(prompt, page_size))]


def known_to(vocabulary: Encoder) -> bool:
    """Whether the ids of prompts are those that GOT-OCR2.0 was trained on. A vocabulary of another size has its own."""
    if vocabulary.image != GOT_IMAGE:
        return True
    ids = (vocabulary.encode(head(PromptStyle.TRAINING)), vocabulary.encode(tail(Prompt(), (1, 1))))
    return ids == (list(GOT_HEAD), list(GOT_TAIL))


def head(style: PromptStyle) -> str:
    """What stands before the images."""
    system = "You should follow the instructions carefully and explain your answers in detail."
    return f"<|im_start|>system\n{_INDENT[style]}{system}<|im_end|><|im_start|>user\n<img>"


def tail(prompt: Prompt, page_size: tuple[int, int]) -> str:
    """What stands behind the images."""
    return f"</img>\n{query(prompt, page_size)}<|im_end|><|im_start|>assistant\n"


def query(prompt: Prompt, page_size: tuple[int, int]) -> str:
    where = _where(prompt, page_size)
    if prompt.style is PromptStyle.HF and not prompt.asks_by_box:
        where += " "  # before the query where nothing is, and a second one behind a colour
    return f"{where}OCR{_how(prompt)}: "  # trained with the space at the end


def _where(prompt: Prompt, page_size: tuple[int, int]) -> str:
    if prompt.box is not None and prompt.asks_by_box:
        return f"{per_mille(prompt.box, page_size)} "
    return f"[{prompt.color}] " if prompt.color is not None else ""


def _how(prompt: Prompt) -> str:
    how = " with format" if prompt.mode is Mode.FORMAT else ""
    if prompt.multi_page:
        return f"{how} across multi pages"
    return f"{how} upon the patch reference" if prompt.crop else how


def per_mille(box: tuple[int, ...], page_size: tuple[int, int]) -> list[int]:
    """The box's values, or the point's, as the model counts: from 0 to 1000 of the page's width and height."""
    return [
        int(min(max(value, 0), page_size[axis % 2]) / page_size[axis % 2] * _PER_MILLE)
        for axis, value in enumerate(box)
    ]
