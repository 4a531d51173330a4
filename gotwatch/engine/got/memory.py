"""How much memory each part of the work takes, and so how much is done at once."""

from dataclasses import dataclass

from gotwatch.engine.checkpoint.sizes import Sizes, TextSizes, VisionSizes
from gotwatch.engine.got.slots import reach_for

_FLOAT = 4  # bytes
_TOKEN_NUMBERS = 12  # bytes beside the cache: the token itself, and its log-probability
_VIEWS_SHARE = 0.1  # of the memory, where several views could be seen at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is done at once."""

    slots: int
    views: int  # that the vision model takes at once
    steps: int  # between two looks at what was written: a look makes a GPU wait
    tokens: int  # in the cache, all slots together


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Bytes for one of each."""

    token: int  # in the cache
    slot: int  # beside its tokens
    view: int  # while it is seen and read in


def needs(sizes: Sizes, number_bytes: int) -> Needs:
    """*number_bytes*: of the numbers that it is computed in."""
    text = sizes.text
    return Needs(
        token=2 * text.layers * text.kv_heads * text.head_dim * number_bytes + _TOKEN_NUMBERS,
        slot=4 * text.vocabulary * _FLOAT,  # logits as they come, in float32, less the banned ones, and summed up
        view=_seen(sizes.vision, number_bytes) + _read_in(text, number_bytes, sizes.tokens_per_view),
    )


def limits(spare_bytes: float, each: Needs, *, page_tokens: int, most: Limits) -> Limits:
    """What fits into *spare_bytes*, and never more than *most*. One page is tried in any case.

    *page_tokens*: of an ordinary page that is written to the limit, its prompt included.
    """
    views = _between(1, int(_VIEWS_SHARE * spare_bytes // each.view), most.views)
    left = spare_bytes - views * each.view
    slots = _between(1, int(left // (each.slot + reach_for(page_tokens) * each.token)), most.slots)
    tokens = int((left - slots * each.slot) // each.token)
    return Limits(slots=slots, views=views, steps=most.steps, tokens=_between(page_tokens, tokens, most.tokens))


def _seen(vision: VisionSizes, number_bytes: int) -> int:
    """The largest that there is at a time while the vision model sees a view, which is in its attention: the residual
    stream, and with the positions folded in three times as wide queries, keys and values, each with a copy."""
    patches = (vision.side // vision.patch) ** 2
    return patches * vision.width * (3 * _FLOAT + 24 * number_bytes) + vision.side**2 * 3 * 4 * _FLOAT


def _read_in(text: TextSizes, number_bytes: int, tokens: int) -> int:
    return tokens * (6 * text.width * _FLOAT + 4 * text.mlp * number_bytes)


def _between(least: int, number: int, most: int) -> int:
    return max(least, min(number, most))
