"""What no program could beat: how fast this machine moves bytes and multiplies, and how much of both a page needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench import child

VIEW_FLOP = 937e9  # to see a page once
PROMPT_FLOP = 177e9  # to read its prompt in
DECODER_WEIGHTS, EMBEDDING_WEIGHTS = 308.4e6, 155.5e6  # each is read for every token; so is the embedding, at the end
PROMPT_TOKENS = 286
TOKEN_NUMBERS = 2 * 24 * 1024  # that a token leaves behind, and that all later ones of its page read


@dataclass(frozen=True, slots=True)
class Machine:
    name: str  # of a CPU: the widest instructions that PyTorch finds, such as AVX2
    bytes_per_second: float
    flop_per_second: float

    def seconds(self, lengths: Sequence[int], *, weight_bytes: int, cache_bytes: int, at_once: int = 1) -> float:
        """For pages of such *lengths*, so many of which are written at once by one reading of the weights.

        *weight_bytes*, *cache_bytes*: of one number.
        """
        weights = (DECODER_WEIGHTS + EMBEDDING_WEIGHTS) * weight_bytes / at_once * sum(lengths)
        seen = sum(length * (PROMPT_TOKENS + length / 2) for length in lengths) * TOKEN_NUMBERS * cache_bytes
        return (
            len(lengths) * (VIEW_FLOP + PROMPT_FLOP) / self.flop_per_second + (weights + seen) / self.bytes_per_second
        )


def machine(device: str) -> Machine | None:
    """Measured in a process of its own; None where there is no such device."""
    found = child.answer("bench.got_rates", device)
    return Machine(**found) if found else None
