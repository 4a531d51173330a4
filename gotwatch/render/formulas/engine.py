"""What a formula engine is. The rest of gotwatch knows engines by this alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FormulaRequest:
    tex: str  # without delimiters
    display: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a formula could not be read."""

    reason: str
    unknown: str = ""  # the command that the engine does not know, such as \\lcm


class EngineFailed(Exception):
    """The batch came to no end: time, memory, or a bug of the engine. Some formula of it is to blame."""


class FormulaEngine(Protocol):
    def convert(self, requests: Sequence[FormulaRequest], *, seconds: float) -> list[str | Refused]:
        """MathML, or why there is none, for each of *requests*. Raises EngineFailed."""
        ...

    def close(self) -> None: ...
