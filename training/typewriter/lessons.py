"""What is practised when: harder pages as soon as the present ones are read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.typewriter.pages import ROWS
from training.typewriter.tasks import Effort, Task

LOOKING = 0  # the level at which nothing is written yet
LAST = ROWS  # levels are lines on a page, at most

_SEEN_AT = 0.2  # nats a cell: from here on it can be written down
_UP_AT = 0.5  # nats a token: from here on the next level teaches more
_FIRST_WRITING = 4
_MANY_VIEWS_FROM = 5
_ROUND = 5  # steps
_SINGLE: Mapping[Task, float] = {Task.PLAIN: 0.05, Task.FORMAT: 0.3, Task.BOX: 0.5, Task.COLOUR: 0.15}
_SEVERAL: Mapping[Task, float] = {Task.CROP: 0.1, Task.CROP_FORMAT: 0.25, Task.PAGES: 0.65}


@dataclass(frozen=True, slots=True)
class Lesson:
    level: int = LOOKING

    def looks(self, step: int) -> bool:
        """Later on too, now and then: full pages have far more to see than what is written down."""
        return self.level == LOOKING or step % _ROUND in ((0, 3) if self.level == LAST else (0, 1))

    def writes(self, step: int) -> bool:
        """At the last level in every step: characters are seen well, lines are missed."""
        return self.level == LAST or (self.level != LOOKING and step % _ROUND != 0)

    def after(self, *, text_loss: float, glyph_loss: float) -> "Lesson":
        if self.level == LOOKING:
            return Lesson(_FIRST_WRITING) if glyph_loss < _SEEN_AT else self
        return Lesson(self.level + 1) if text_loss < _UP_AT and self.level < LAST else self

    def tasks(self, random: np.random.Generator, step: int, *, count: int) -> tuple[list[Task], Effort]:
        """The tasks of one step: all of them have one number of views."""
        if not self.writes(step):
            return [(Task.PLAIN, Task.FORMAT)[n] for n in random.integers(0, 2, count)], Effort(full=True)
        if self._several(step):
            (several,) = _chosen(_SEVERAL, random, 1)
            return [several] * max(2, count // 4), Effort(lines=self.level, pages=int(random.integers(2, 5)))
        return _chosen(_SINGLE, random, count), Effort(lines=self.level)

    def _several(self, step: int) -> bool:
        """Whether pages of several views are practised."""
        return step % _ROUND in (1, 2, 4) if self.level == LAST else self.level >= _MANY_VIEWS_FROM and step % 3 == 1


def _chosen(shares: Mapping[Task, float], random: np.random.Generator, count: int) -> list[Task]:
    return [list(shares)[number] for number in random.choice(len(shares), count, p=list(shares.values()))]
