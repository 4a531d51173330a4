"""What is practised when: harder pages as soon as the present ones are read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.typewriter.pages import ROWS
from training.typewriter.tasks import SINGLE_VIEW, Effort, Task

LOOKING = 0  # the level at which nothing is written yet

_SEEN_AT = 0.2  # nats a cell: from here on it can be written down
_UP_AT = 0.5  # nats a token: from here on the next level teaches more
_FIRST_WRITING = 4  # levels are lines on a page, at most
_MANY_VIEWS_FROM = 5
_ROUND = 5  # steps: in the first it only looks, in the second it looks and writes, in the others the eyes rest
_SEVERAL = (Task.CROP, Task.CROP_FORMAT, Task.PAGES)
_SHARES: Mapping[Task, float] = {Task.PLAIN: 0.2, Task.FORMAT: 0.3, Task.BOX: 0.25, Task.COLOUR: 0.25}


@dataclass(frozen=True, slots=True)
class Lesson:
    level: int = LOOKING

    def looks(self, step: int) -> bool:
        """Later on too, now and then: full pages have far more to see than what is written down."""
        return self.level == LOOKING or step % _ROUND < 2

    def writes(self, step: int) -> bool:
        return self.level != LOOKING and step % _ROUND != 0

    def after(self, *, text_loss: float, glyph_loss: float) -> "Lesson":
        if self.level == LOOKING:
            return Lesson(_FIRST_WRITING) if glyph_loss < _SEEN_AT else self
        return Lesson(self.level + 1) if text_loss < _UP_AT and self.level < ROWS else self

    def tasks(self, random: np.random.Generator, step: int, *, count: int) -> tuple[list[Task], Effort]:
        """The tasks of one step: all of them have one number of views."""
        if not self.writes(step):
            return [(Task.PLAIN, Task.FORMAT)[n] for n in random.integers(0, 2, count)], Effort(full=True)
        if self.level >= _MANY_VIEWS_FROM and step % (2 if self.level == ROWS else 3) == 1:
            several = _SEVERAL[int(random.integers(len(_SEVERAL)))]
            return [several] * max(2, count // 4), Effort(lines=self.level, pages=int(random.integers(2, 5)))
        chosen = random.choice(len(SINGLE_VIEW), count, p=[_SHARES[task] for task in SINGLE_VIEW])
        return [SINGLE_VIEW[number] for number in chosen], Effort(lines=self.level)
