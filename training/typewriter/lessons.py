"""What is practised when: harder pages as soon as the present ones are read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.typewriter.pages import ROWS
from training.typewriter.tasks import SINGLE_VIEW, Effort, Task

_UP_AT = 0.25  # nats a token: from here on the next level teaches more
_OTHER_TASKS_FROM = 2  # levels
_MANY_VIEWS_FROM = 5
_SEVERAL = (Task.CROP, Task.CROP_FORMAT, Task.PAGES)
_SHARES: Mapping[Task, float] = {Task.PLAIN: 0.3, Task.FORMAT: 0.25, Task.BOX: 0.2, Task.COLOUR: 0.25}


@dataclass(frozen=True, slots=True)
class Lesson:
    level: int = 2  # lines on a page, at most

    @property
    def last(self) -> bool:
        return self.level >= ROWS

    def after(self, text_loss: float) -> "Lesson":
        return Lesson(self.level + 1) if text_loss < _UP_AT and not self.last else self

    def tasks(self, random: np.random.Generator, step: int, *, count: int) -> tuple[list[Task], Effort]:
        """The tasks of one step: all of them have one number of views."""
        effort = Effort(lines=self.level)
        if self.level >= _MANY_VIEWS_FROM and step % 3 == 2:
            several = _SEVERAL[int(random.integers(len(_SEVERAL)))]
            return [several] * max(2, count // 4), effort
        if self.level < _OTHER_TASKS_FROM:
            return [Task.PLAIN] * count, effort
        chosen = random.choice(len(SINGLE_VIEW), count, p=[_SHARES[task] for task in SINGLE_VIEW])
        return [SINGLE_VIEW[number] for number in chosen], effort
