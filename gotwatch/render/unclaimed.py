"""Footnotes of a page that wait for their marks."""

from collections.abc import Iterable, Iterator

from gotwatch.render.blocks import Block, Footnote, NoteMark, Piece, walk


class Unclaimed:
    def __init__(self, footnotes: Iterable[Footnote]) -> None:
        self._footnotes = list(footnotes)

    def __iter__(self) -> Iterator[Footnote]:
        """Those that no mark has claimed so far."""
        return iter(tuple(self._footnotes))

    def claim(self, mark: NoteMark) -> tuple[Piece, ...]:
        """The text of *mark*'s note; () if there is none."""
        if mark.pieces:
            return mark.pieces
        found = next((note for note in self._footnotes if mark.label and note.label == mark.label), None)
        if found is None:
            return ()
        self._footnotes.remove(found)
        return found.pieces


def footnotes_of(blocks: tuple[Block, ...]) -> Unclaimed:
    return Unclaimed(block for block in walk(blocks) if isinstance(block, Footnote))
