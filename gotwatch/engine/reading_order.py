"""From lines scattered over a page to text as a person would read it.

Knows what a column, a table row and a paragraph look like in coordinates. Horizontal scripts, left to right;
vertical CJK text comes out line by line in the order of its boxes.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]

# Widths and distances are told in heights of a line, so that they hold at any resolution.
GUTTER = 0.3  # the narrowest white between two columns; detectors draw their boxes wider than the ink
RAGGED = 0.3  # how far a line may begin before the edge of its column
SAME_ROW = 0.5  # two lines stand on one row when their middles are nearer than this
LEVEL = 0.3  # two cells stand level with each other when their middles are nearer than this
BESIDE = 1.5  # lines of two columns stand beside each other when their middles are nearer than this
CELL_GAP = 1.5  # a wider white within a row separates cells, not words
PROSE_WIDTH = 8.0  # lines of a column of prose are wider than this
BLOCK_WIDTH = 3.0  # the same for blocks that are no row of cells, such as an address beside a list
INDENT = (0.4, 4.0)  # how far the first line of a paragraph is moved in

# Distances in the usual distance of two rows.
PARAGRAPH = 1.3  # a paragraph ends
HEADING = 1.4  # a line at the end of a column belongs to what stands across both columns
RUNNING_HEAD = 2.2  # a line at the end of a column is no part of it

SAME_SIZE = 1.3  # boxes of one font differ by less
OTHER_SIZE = 1.5  # boxes of a heading and its text differ by more

PROSE_LINES = 4  # fewer lines side by side and level with each other are cells of a table
PROSE_FILL = 0.6  # most lines of prose fill their column; cells don't

SENTENCE_ENDS = ".!?:;\"'”’)»。！？：；”」』）…"  # noqa: RUF001 - these very characters
OPENING_QUOTES = "\"'“‘„«「『"  # noqa: RUF001 - these very characters


@dataclass(frozen=True, slots=True)
class Line:
    """What a detector found: a piece of text that stands on one row."""

    quad: Quad  # top left, top right, bottom right, bottom left, as the text runs
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Box:
    """A line on the levelled page."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


_Row = list[_Box]  # from left to right


@dataclass(frozen=True, slots=True)
class _Split:
    """A block with two columns in it."""

    above: list[_Box]
    left: list[_Box]
    right: list[_Box]
    below: list[_Box]

    @property
    def size(self) -> int:
        return len(self.left) + len(self.right)

    def blocks(self) -> list[list[_Box]]:
        return [block for block in (self.above, self.left, self.right, self.below) if block]


def arrange(lines: Sequence[Line]) -> str:
    """The text of a page: columns one after the other, a row a line, a blank line between paragraphs."""
    boxes = _level([line for line in lines if line.text.strip()])
    blocks = [_rows(block) for block in _columns(boxes)]
    pitch = _usual_pitch(blocks)
    paragraphs: list[list[str]] = []
    for block in blocks:
        fresh = _paragraphs(block, pitch)
        if paragraphs and _runs_on(paragraphs[-1][-1], fresh[0][0]):
            paragraphs[-1] += fresh.pop(0)
        paragraphs += fresh
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs)


def _level(lines: Sequence[Line]) -> list[_Box]:
    """Turn the page until its usual line is horizontal. In order from top to bottom."""
    angle = _usual_angle(lines)
    cos, sin = math.cos(angle), math.sin(angle)
    boxes = []
    for line in lines:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = ((x * cos + y * sin, y * cos - x * sin) for x, y in line.quad)
        xs, ys = sorted(((ax + dx) / 2, (bx + cx) / 2)), sorted(((ay + by) / 2, (cy + dy) / 2))
        boxes.append(_Box(xs[0], ys[0], xs[1], max(ys[1], ys[0] + 1.0), line.text.strip()))
    return sorted(boxes, key=_place)


def _place(box: _Box) -> tuple[float, float]:
    return box.middle, box.x0


def _usual_angle(lines: Sequence[Line]) -> float:
    """The median slope, by length. Short lines say nothing about it."""
    slopes = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in (line.quad for line in lines):
        run, rise, height = bx + cx - ax - dx, by + cy - ay - dy, cy + dy - ay - by
        if run > 3 * abs(height):
            slopes.append((math.atan2(rise, run), run))
    slopes.sort()
    half = sum(run for _, run in slopes) / 2
    for angle, run in slopes:
        half -= run
        if half <= 0:
            return angle
    return 0.0


def _columns(boxes: list[_Box]) -> list[list[_Box]]:
    """Blocks in reading order, none of which has columns in it."""
    done: list[list[_Box]] = []
    pending = [boxes] if boxes else []
    while pending:
        block = pending.pop()
        split = _best_split(block)
        if split is None:
            done.append(block)
        else:
            pending += reversed(split.blocks())
    return done


def _best_split(block: list[_Box]) -> _Split | None:
    """The one with most lines in it, so that what spans several columns is cut off first."""
    height = median(box.height for box in block)
    splits = (split for x in _left_edges(block, height) for split in _splits_at(x, block, height))
    return max(splits, key=lambda split: split.size, default=None)


def _left_edges(block: list[_Box], height: float) -> list[float]:
    """Where a column may begin: one place for all lines that begin about there."""
    places: dict[int, float] = {}
    for box in block:
        place = math.floor(box.x0 / (height / 2))
        places[place] = min(box.x0, places.get(place, box.x0))
    return sorted(places.values())


def _splits_at(x: float, block: list[_Box], height: float) -> Iterator[_Split]:
    """Every stretch of the block where no line reaches into the white before *x* and both sides are columns."""
    edge, white = x - RAGGED * height, x - GUTTER * height
    first = 0
    for end, box in enumerate([*block, None]):
        if box is None or (box.x0 < edge and box.x1 > white):
            left = [inner for inner in block[first:end] if inner.x0 < edge]
            right = [inner for inner in block[first:end] if inner.x0 >= edge]
            if min(len(left), len(right)) >= 2:
                split = _without_heads(_Split(block[:first], left, right, block[end:]))
                if _are_columns(split.left, split.right, height):
                    yield split
            first = end + 1


def _without_heads(split: _Split) -> _Split:
    """Move out of the columns what only looks like a part of one because it is short: headings, running heads, feet."""
    left_head, left, left_foot = _detach(split.left, split.right, split)
    right_head, right, right_foot = _detach(split.right, split.left, split)
    head, foot = (sorted(lines, key=_place) for lines in (left_head + right_head, left_foot + right_foot))
    return _Split(split.above + head, left, right, foot + split.below)


def _detach(side: list[_Box], other: list[_Box], split: _Split) -> tuple[list[_Box], list[_Box], list[_Box]]:
    """Head, column and foot of *side*. A heading stands nearer to its column where it belongs to a line across both."""
    top = _head(side, other, HEADING if split.above else RUNNING_HEAD)
    foot = _head(_upside_down(side), _upside_down(other), HEADING if split.below else RUNNING_HEAD)
    end = len(side) - foot
    return side[:top], side[top:end], side[end:]


def _upside_down(side: list[_Box]) -> list[_Box]:
    return [replace(box, y0=-box.y1, y1=-box.y0) for box in reversed(side)]


def _head(side: list[_Box], other: list[_Box], pitches: float) -> int:
    """How many lines of *side* come before its own body and before the body of *other*, which may have a head too."""
    body = other[_before_gap(other, RUNNING_HEAD, end=math.inf)]
    return _before_gap(side, pitches, end=body.y0)


def _before_gap(side: list[_Box], pitches: float, *, end: float) -> int:
    """How many lines, two at most, come before *end* and before a gap of more than so many *pitches*."""
    steps = [below.middle - above.middle for above, below in pairwise(side)]
    pitch = max(median(steps), median(box.height for box in side))
    for count in (2, 1):
        if count < len(steps) and steps[count - 1] > pitches * pitch and side[count - 1].middle < end:
            return count
    return 0


def _are_columns(left: list[_Box], right: list[_Box], height: float) -> bool:
    """Whether the two are read one after the other, not row by row.

    The cells of a table stand level with each other. So do the lines of columns that are set on one grid,
    but they are many, wide and nearly fill their column.
    """
    if min(len(left), len(right)) < 2 or _neighbours(left, right, BESIDE * height) < 0.5:
        return False
    narrower = min(median(box.width for box in side) for side in (left, right))
    if _neighbours(left, right, LEVEL * height) < 0.6:
        return narrower >= BLOCK_WIDTH * height
    return (
        min(len(left), len(right)) >= PROSE_LINES
        and narrower >= PROSE_WIDTH * height
        and min(_fill(left), _fill(right)) >= PROSE_FILL
    )


def _neighbours(left: list[_Box], right: list[_Box], distance: float) -> float:
    """The share of lines on the shorter side with a line on the other side no further up or down than *distance*."""
    fewer, more = sorted((left, right), key=len)
    middles = [box.middle for box in more]
    nearest = [bisect_left(middles, box.middle - distance) for box in fewer]
    found = [
        index < len(middles) and middles[index] <= box.middle + distance
        for index, box in zip(nearest, fewer, strict=True)
    ]
    return sum(found) / len(found)


def _fill(side: list[_Box]) -> float:
    """How far the median line is as wide as the widest ones."""
    widths = sorted(box.width for box in side)
    return widths[len(widths) // 2] / widths[int(len(widths) * 0.9)]


def _rows(block: list[_Box]) -> list[_Row]:
    rows: list[_Row] = []
    for box in block:
        if rows and _on_row(box, rows[-1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: box.x0) for row in rows]


def _on_row(box: _Box, row: _Row) -> bool:
    return all(abs(box.middle - other.middle) < SAME_ROW * min(box.height, other.height) for other in row)


def _usual_pitch(blocks: list[list[_Row]]) -> float:
    """How far two rows of one paragraph are apart, in heights of a line."""
    pitches = sorted(pitch for rows in blocks for pitch in _pitches(rows))
    # the lower quarter, since on a page of headings and short lists most rows begin a paragraph
    return pitches[len(pitches) // 4] if pitches else 1.0


def _pitches(rows: list[_Row]) -> list[float]:
    """From each row to the next."""
    heights = _heights(rows)
    middles = [median(box.middle for box in row) for row in rows]
    return [
        (below - above) / ((height + height_below) / 2)
        for (above, below), (height, height_below) in zip(pairwise(middles), pairwise(heights), strict=True)
    ]


def _heights(rows: list[_Row]) -> list[float]:
    """The height of each row; the usual one where it is about that, since a box depends on the letters in it."""
    heights = [median(box.height for box in row) for row in rows]
    usual = median(heights)
    return [usual if 1 / SAME_SIZE < height / usual < SAME_SIZE else height for height in heights]


def _paragraphs(rows: list[_Row], usual_pitch: float) -> list[list[str]]:
    texts = [_row_text(row) for row in rows]
    heights, pitches = _heights(rows), _pitches(rows)
    paragraphs = [texts[:1]]
    for index in range(1, len(rows)):
        sizes = sorted(heights[index - 1 : index + 1])
        apart = pitches[index - 1] > usual_pitch * PARAGRAPH or sizes[1] > sizes[0] * OTHER_SIZE
        if apart or _is_indented(rows, index):
            paragraphs.append([])
        paragraphs[-1].append(texts[index])
    return paragraphs


def _is_indented(rows: list[_Row], index: int) -> bool:
    """Whether the row begins a paragraph by being moved in from the margin that the rows around it keep.

    The second row of a bullet is moved in as well, but what stands before it is no end of a sentence.
    """
    before, here = rows[index - 1], rows[index][0]
    if here.text[0].islower() or (before[-1].text[-1] not in SENTENCE_ENDS and here.text[0] not in OPENING_QUOTES):
        return False
    edges = sorted(row[0].x0 for row in rows[max(0, index - 3) : index + 4])
    margin = edges[len(edges) // 4]
    flush = any(abs(row[0].x0 - margin) < INDENT[0] * here.height for row in (before, *rows[index + 1 : index + 2]))
    return flush and INDENT[0] < (here.x0 - margin) / here.height < INDENT[1]


def _row_text(row: _Row) -> str:
    text = row[0].text
    for before, box in pairwise(row):
        text += _white(before, box) + box.text
    return text


def _white(before: _Box, after: _Box) -> str:
    """Two spaces between cells, one between words, none between CJK characters."""
    if after.x0 - before.x1 > CELL_GAP * min(before.height, after.height):
        return "  "
    return "" if _is_cjk(before.text[-1]) and _is_cjk(after.text[0]) else " "


def _is_cjk(character: str) -> bool:
    """Written without spaces: CJK symbols, kana and ideographs, and the full-width forms. Not Hangul."""
    code = ord(character)
    return (
        0x3000 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x323AF
    )


def _runs_on(before: str, after: str) -> bool:
    """Whether a sentence goes on from the foot of one column to the head of the next."""
    return (before[-1].isalpha() or before[-1] in ",-") and after[0].islower()
