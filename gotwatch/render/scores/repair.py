"""What a model gets wrong in **kern, and how it is put right: an engraver aborts on a line with more or fewer columns
than there are voices."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from gotwatch.documents import counted
from gotwatch.render.scores.columns import columns
from gotwatch.render.scores.signs import (
    END,
    JOIN,
    KERN,
    NO_CHANGE,
    NO_SIGN,
    SPLIT,
    mended,
    mended_bar,
    mended_interpretation,
    mended_name,
    read_note,
)
from gotwatch.render.scores.voices import Voice, interpreted, joins, split

_MOST_CHARACTERS = 200_000
_LEAST_VOTES = 3
_MOST_LINES_AHEAD = 100  # some bars: what comes later tells nothing of here


@dataclass(frozen=True, slots=True)
class Repaired:
    """Music that an engraver can be given, and in words what had to be done to it."""

    kern: str  # "" if there is none
    notes: tuple[str, ...]


def repair(kern: str) -> Repaired:
    """Well-formed music comes back as it is."""
    lines = [line for line in kern[:_MOST_CHARACTERS].splitlines() if line.strip()]
    mending = _Mending(lines)
    for line in lines:
        mending.take(line)
    mending.end(is_cut=len(kern) > _MOST_CHARACTERS)
    return Repaired(mending.kern(), tuple(mending.notes()))


class _Kind(Enum):
    COMMENT = auto()
    NAMES = auto()
    END = auto()
    LOCAL_COMMENTS = auto()
    INTERPRETATIONS = auto()
    BAR = auto()
    SIGNS = auto()


def _kind(line: str) -> _Kind:
    signs = line.split()
    if signs[0].startswith("!"):
        return _Kind.COMMENT if signs[0].startswith("!!") else _Kind.LOCAL_COMMENTS
    if any(map(read_note, signs)):
        return _Kind.SIGNS  # also where the first of them is damaged
    if signs[0].startswith("**"):
        return _Kind.NAMES
    if all(sign == END for sign in signs):
        return _Kind.END
    if signs[0].startswith("*"):
        return _Kind.INTERPRETATIONS
    return _Kind.BAR if signs[0].startswith("=") else _Kind.SIGNS


class _Fault(Enum):
    """In the order in which a person is told."""

    TABS = auto()
    NAMES = auto()
    COLUMNS = auto()
    VOICES = auto()
    SIGNS = auto()
    END = auto()
    CUT = auto()


class _Mending:
    """The music, line by line, and whose voices it has by now."""

    def __init__(self, lines: list[str]) -> None:
        self._mended: list[str] = []
        self._lines = lines
        self._taken = 0
        self._voices: list[Voice] = []
        self._has_notes = False
        self._end_at: int | None = None  # among the mended lines, as long as nothing but comments follows
        self._has_tabs = 2 * sum("\t" in line for line in lines) > len(lines)
        self._faults: Counter[_Fault] = Counter()

    def take(self, line: str) -> None:
        self._taken += 1
        kind = _kind(line)
        if kind is _Kind.COMMENT:
            self._mended.append(line.strip())
        elif kind is _Kind.END:
            self._end_at = len(self._mended)
        else:
            self._end_at = None
            if not self._voices:
                self._begin(line if kind is _Kind.NAMES else "")
            if kind is not _Kind.NAMES:  # said twice
                self._take_columns(kind, line)

    def end(self, *, is_cut: bool) -> None:
        if self._end_at is None:
            self._faults[_Fault.CUT if is_cut else _Fault.END] += 1
            self._end_at = len(self._mended)
        self._mended.insert(self._end_at, "\t".join(END for _ in self._voices))

    def kern(self) -> str:
        return "\n".join([*self._mended, ""]) if self._has_notes else ""

    def notes(self) -> Iterator[str]:
        return (_words(fault, self._faults[fault]) for fault in _Fault if self._faults[fault])

    def _begin(self, line: str) -> None:
        names = [mended_name(name) for name in line.split()]
        count = self._voted_count(len(names))
        self._faults[_Fault.NAMES] += count != len(names)
        self._faults[_Fault.TABS] += not self._has_tabs and count > 1
        names = (names + [KERN] * count)[:count]
        self._voices = [Voice(staff, has_notes=name == KERN) for staff, name in enumerate(names)]
        self._put(names)

    def _voted_count(self, named: int) -> int:
        """How many columns there are: as many as names, unless a large majority of lines says other."""
        votes: Counter[int] = Counter()
        for line in self._lines[self._taken :]:
            if SPLIT in line:
                break
            if _kind(line) in (_Kind.INTERPRETATIONS, _Kind.BAR):
                votes[len(line.split())] += 1
        count, most = max(votes.items(), key=lambda vote: vote[1], default=(named, 0))
        return count if most >= _LEAST_VOTES and most > 2 * votes[named] else named or 1

    def _take_columns(self, kind: _Kind, line: str) -> None:
        if kind is _Kind.BAR:
            self._follow(len(line.split()))
        parts = columns(line, len(self._voices))
        self._faults[_Fault.COLUMNS] += self._is_ragged(line, parts)
        match kind:
            case _Kind.LOCAL_COMMENTS:
                self._put([part if part.startswith("!") else "!" for part in self._filled(parts, "!")])
            case _Kind.INTERPRETATIONS:
                self._interpret(
                    self._checked(mended_interpretation(part), part) for part in self._filled(parts, NO_CHANGE)
                )
            case _Kind.BAR:
                self._put(self._checked(mended_bar(part), part) for part in self._filled(parts, line.split()[0]))
            case _:
                self._put(map(self._mended_chord, range(len(self._voices)), self._filled(parts, NO_SIGN)))

    def _is_ragged(self, line: str, parts: list[str]) -> bool:
        if self._has_tabs and line.count("\t") + 1 != len(self._voices):
            return True
        is_something_dropped = sum(len(part.split()) for part in parts) < len(line.split())
        return len(parts) < len(self._voices) or "" in parts or is_something_dropped

    def _filled(self, parts: list[str], filler: str) -> list[str]:
        return [part or filler for part in parts] + [filler] * (len(self._voices) - len(parts))

    def _checked(self, mended_sign: str, sign: str) -> str:
        self._faults[_Fault.SIGNS] += mended_sign != sign
        return mended_sign

    def _mended_chord(self, place: int, chord: str) -> str:
        voice = self._voices[place]
        if not voice.has_notes:
            return NO_SIGN if chord[0] in "*=!" else chord
        signs = [self._checked(mended(sign, usual_length=voice.usual_length), sign) for sign in chord.split()]
        notes = self._without_rests([sign for sign in signs if sign != NO_SIGN])
        self._has_notes = self._has_notes or bool(notes)
        if notes and (note := read_note(notes[-1])) and note.length:
            self._voices[place] = replace(voice, usual_length=note.length)
        return " ".join(notes) or NO_SIGN

    def _without_rests(self, chord: list[str]) -> list[str]:
        """A rest that sounds together with notes of its own voice is none."""
        if len(chord) < 2:
            return chord
        notes = [sign for sign in chord if (note := read_note(sign)) and note.height is not None]
        kept = notes or chord[:1]
        self._faults[_Fault.SIGNS] += len(chord) - len(kept)
        return kept

    def _interpret(self, signs: Iterable[str]) -> None:
        lines, self._voices = interpreted(list(signs), self._voices)
        for line in lines:
            self._put(line)

    def _follow(self, count: int) -> None:
        """A bar has no chords, so its signs can be counted; if the notes behind it agree, the voices are so many."""
        surplus = len(self._voices) - count
        if surplus == 0 or self._count_of_next_signs() != count:
            return
        self._faults[_Fault.VOICES] += 1
        if surplus > 0:
            self._interpret(joins(self._voices, surplus))
        elif surplus == -1:
            self._interpret(split(self._voices, self._place_of_next_join(count)))

    def _count_of_next_signs(self) -> int:
        for line in self._ahead():
            if _kind(line) is _Kind.SIGNS:
                return len(line.split("\t") if self._has_tabs else line.split())
        return 0

    def _place_of_next_join(self, count: int) -> int:
        """Where voices that are *count* now will join, and so have split; the last one if that is not told."""
        for line in self._ahead():
            signs = line.split()
            if JOIN in signs and len(signs) == count:
                return min(signs.index(JOIN), len(self._voices) - 1)
        return len(self._voices) - 1

    def _ahead(self) -> list[str]:
        return self._lines[self._taken : self._taken + _MOST_LINES_AHEAD]

    def _put(self, parts: Iterable[str]) -> None:
        self._mended.append("\t".join(parts))


def _words(fault: _Fault, count: int) -> str:
    match fault:
        case _Fault.TABS:
            return "The columns were not parted by tabs: they were told apart by what stands in them."
        case _Fault.NAMES:
            return "There are not as many voices as the beginning says."
        case _Fault.COLUMNS:
            return (
                f"{counted(count, 'line')} had too many or too few columns: notes may be missing or in the wrong voice."
            )
        case _Fault.VOICES:
            return f"Voices began or ended without their mark ({counted(count, 'time')}): where, is guessed."
        case _Fault.SIGNS:
            return f"{counted(count, 'sign')} could not be understood: gaps or the nearest notes stand there."
        case _Fault.END:
            return "The end is missing: this is the music as far as it was read."
        case _Fault.CUT:
            return "The music is too long: this is its beginning."
