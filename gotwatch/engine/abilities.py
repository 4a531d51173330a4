"""What the built-in engines cannot be asked for, known before one is started.

A class of one's own is handed everything, and refuses by itself.
"""

from gotwatch.documents import Mode, Prompt, PromptStyle
from gotwatch.engine.base import Precision
from gotwatch.errors import ConfigError, UsageError
from gotwatch.words import marked

_UNFIT = {
    "got-hf": {"trim", "strips"},
    # it finds lines wherever they stand and cuts long pages by itself, so trim and strips leave nothing undone
    "paddle": {
        "format",
        marked("a box told in words"),
        marked("a colour"),
        "crop",
        "several pages in one go",
        marked("a prompt style"),
        marked("a limit of tokens"),
    },
}
_PRECISIONS = {
    "got-hf": set(Precision) - {Precision.INT8},
    "paddle": {Precision.AUTO},
    "remote": {Precision.AUTO},
}


def check_prompt(engine: str, prompt: Prompt) -> None:
    """Raises UsageError where *engine* would leave undone what is asked."""
    unfit = [wish for wish in _wishes(prompt) if wish in _UNFIT.get(engine, ())]
    if unfit:
        hint = 'The engine "got" can: set engine.name to it, or say --engine got. Or leave that out.'
        raise UsageError(f'The engine "{engine}" cannot be asked for {", ".join(unfit)}', hint=hint)


def check_precision(engine: str, precision: Precision) -> None:
    """Raises ConfigError where *engine* does not compute in *precision*."""
    if precision not in _PRECISIONS.get(engine, Precision):
        hint = 'Set engine.precision to "auto", or engine.name to "got".'
        raise ConfigError(f'The engine "{engine}" does not compute in {precision}', hint=hint)


def _wishes(prompt: Prompt) -> list[str]:
    """What is asked beyond the plain text of a page, or of a part of it."""
    wishes = {
        "format": prompt.mode is Mode.FORMAT,
        marked("a box told in words"): prompt.asks_by_box,
        marked("a colour"): prompt.color is not None,
        "crop": prompt.crop,
        "several pages in one go": prompt.multi_page,
        marked("a prompt style"): prompt.style is not PromptStyle.TRAINING,
        "trim": prompt.trim,
        "strips": prompt.strips,
        marked("a limit of tokens"): prompt.max_new_tokens > 0,
    }
    return [wish for wish, is_asked in wishes.items() if is_asked]
