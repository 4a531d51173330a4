"""Kills gotwatch over and over while it reads, and sees whether anything is lost: python -m tests.soak --kills 50"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.desk import Desk, Onlooker, document, eventually, image

DOTS_PER_POINT = 200 / 72  # images in these PDFs have one pixel a point
CALM_SECONDS = 600.0  # for what is left when the killing is over
SWEPT_SECONDS = 90.0
IN_FLIGHT = 6  # pages that may be read but not saved: two documents at once, two slots and one page waiting


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as it was put into the folder."""

    name: str
    pages: int
    width: int  # in pixels, as the engine sees it; no two have the same

    @property
    def marks(self) -> list[str]:
        """How the engine's notes begin, page by page."""
        return [f"{number} {self.width}x" for number in range(1, self.pages + 1)]


class Soak:
    def __init__(self, desk: Desk, chance: random.Random, *, kills: int, documents: int) -> None:
        self._desk = desk
        self._chance = chance
        self._kills = kills
        self._documents = documents
        self.killed: Counter[str] = Counter()
        self.dropped: dict[str, Dropped] = {}
        self.onlooker = Onlooker(desk.out, self._is_right)

    def run(self) -> None:
        self._desk.run("BriskEngine", limits="attempts = 100\nreaders = 2")
        with self.onlooker.looking():
            for turn in range(self._kills):
                while len(self.dropped) < self._documents * (turn + 1) / self._kills:
                    self._drop(len(self.dropped))
                time.sleep(self._chance.uniform(0.05, 1.2))
                self._kill(self._chance.choice(["daemon", "daemon", "reader", "engine"]))
            eventually(self._is_all_done, CALM_SECONDS)

    def problems(self) -> list[str]:
        """What is not as it should be, in words."""
        found = [f"torn results were seen: {self.onlooker.torn[:5]}"] if self.onlooker.torn else []
        found += [f"{drop.name}: no right result" for drop in self.dropped.values() if not self._has_results(drop)]
        twice = sum(self.read_twice().values())
        if twice > sum(self.killed.values()) * IN_FLIGHT:
            found.append(f"{twice} pages were read twice")
        found += [f"left in memory: {block}" for block in self._desk.blocks()]
        found += [f"left on disk: {path}" for path in self._desk.out.rglob(".*")]
        findings = json.loads(self._desk.ask("doctor", "--json")[1])
        return found + [
            f"{finding['subject']}: {finding['message']}" for finding in findings if finding["grade"] == "wrong"
        ]

    def summary(self) -> str:
        return "\n".join(
            [
                "killed: " + ", ".join(f"{count} x {victim}" for victim, count in self.killed.items()),
                f"files: {len(self.dropped)}, pages: {sum(drop.pages for drop in self.dropped.values())}",
                f"looks at results: {self.onlooker.looks}, not whole: {len(self.onlooker.torn)}",
                f"pages read again, as in flight at a kill: {sum(self.read_twice().values())}",
            ]
        )

    def read_twice(self) -> dict[str, int]:
        """How often a page was read to its end again, by page."""
        notes = Counter(note.partition("x")[0] for note in self._desk.pages_read())
        return {note: count - 1 for note, count in notes.items() if count > 1}

    def _drop(self, index: int) -> None:
        drop = self._next(index)
        self.dropped[drop.name] = drop
        points = round(drop.width / DOTS_PER_POINT)
        if drop.name.endswith(".png"):
            image(self._desk.inbox / drop.name, f"Image {index}", width=drop.width)
        elif index % 3:
            document(self._desk.inbox / drop.name, drop.pages, width=points)
        else:
            self._copy_in_pieces(document(self._desk.root / "copied.pdf", drop.pages, width=points), drop.name)

    def _next(self, index: int) -> Dropped:
        folder = f"sub {index % 3}/" if index % 4 else ""
        if index % 5 == 0:
            return Dropped(f"{folder}{index}.png", 1, 301 + index)
        points = 300 + 3 * index
        return Dropped(f"{folder}{index}.pdf", self._chance.randint(5, 60), _pixels(points))

    def _copy_in_pieces(self, source: Path, name: str) -> None:
        target = self._desk.inbox / name
        target.parent.mkdir(exist_ok=True)
        with source.open("rb") as whole, target.open("wb") as copy:
            shutil.copyfileobj(whole, copy, 8192)

    def _kill(self, victim: str) -> None:
        with suppress(psutil.NoSuchProcess):  # it was quicker
            if victim == "daemon":
                self._desk.kill()
                self._desk.start()
            elif victim == "engine" and (engine := self._desk.engine()):
                engine.kill()
            elif victim == "reader" and (readers := self._desk.readers()):
                self._chance.choice(readers).kill()
            else:
                return
            self.killed[victim] += 1

    def _is_all_done(self) -> bool:
        time.sleep(0.5)  # the machine has better to do than to answer
        self._desk.ask("rescan")  # what was put off after a kill is tried at once
        queue = self._desk.status()["queue"]
        return bool(queue["done"] == len(self.dropped))

    def _is_right(self, result: Path) -> bool:
        """Whether a result that came into sight is whole."""
        drop = self.dropped[result.relative_to(self._desk.out).with_suffix("").as_posix()]
        content = result.read_text("utf-8")
        if result.suffix == ".html":
            return content.endswith("</html>\n") and f'id="page-{drop.pages}"' in content
        pages = content.split("\f")
        return [_mark(page) for page in pages] == drop.marks

    def _has_results(self, drop: Dropped) -> bool:
        results = [self._desk.out / f"{drop.name}{suffix}" for suffix in (".txt", ".html")]
        return all(result.exists() and self._is_right(result) for result in results)


def _mark(page: str) -> str:
    """ "1 834x" of EchoEngine's text of a page."""
    heading, _, look = page.partition("\n\n")
    return f"{heading.removeprefix('Page ')} {look.partition('x')[0]}x"


def _pixels(points: int) -> int:
    """The width of a page in pixels, as PDF pages are drawn."""
    return -int(-points * DOTS_PER_POINT // 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--documents", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="soak-"))
    began = time.monotonic()
    with Desk(root) as desk:
        soak = Soak(desk, random.Random(options.seed), kills=options.kills, documents=options.documents)
        soak.run()
        with suppress(AssertionError):  # it is told below
            eventually(lambda: not list(desk.out.rglob(".*")), SWEPT_SECONDS)
        problems = soak.problems()
    sys.stdout.write(f"seed {options.seed}: {time.monotonic() - began:.0f} s, in {root}\n{soak.summary()}\n")
    sys.stdout.write("\n".join(problems or ["all well"]) + "\n")
    if not problems:
        shutil.rmtree(root)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
