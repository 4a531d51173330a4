"""What single signs of Humdrum **kern look like: the only module that knows its notes, bars and interpretations."""

import re
from dataclasses import dataclass

KERN = "**kern"
NO_SIGN = "."  # the voice goes on sounding
NO_CHANGE = "*"
SPLIT = "*^"
JOIN = "*v"
END = "*-"

_MOST_CHARACTERS = 40  # no note has as many; the time to refuse a sign grows with the square of its length
_MARKS = r"[^\w\s.%#\-*!=]|[hijklmnopqstuvwxyzHIJKLMNOPQRSTUVWXYZ_]"  # a sign with *, ! or = would be of another kind
_LENGTH = r"\d{1,4}(?:%\d{1,3})?\.{0,3}"
_PITCH = r"(?P<pitch>(?P<letter>[a-gA-G])(?P=letter){0,4})(?P<shift>#{1,3}|-{1,3}|n)?"
_NOTE = re.compile(rf"(?:{_MARKS})*(?P<length>{_LENGTH})?(?:{_MARKS})*(?:r[a-gA-G]*|{_PITCH})(?:{_MARKS}|[#-])*")
_LENGTH_ALONE = re.compile(rf"[^\d*=!]{{0,3}}(?P<length>{_LENGTH})")
_CORE = re.compile(rf"(?P<length>{_LENGTH})\W*(?:(?P<rest>r)|{_PITCH})")
_BARE = re.compile(rf"[^\w\s]*{_PITCH}[^\w\s]*")
_GRACE = re.compile("[qQ]")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}

_OTHER_NAMES = frozenset(("**dynam", "**text", "**silbe", "**fing", "**harm", "**mxhm", "**fb", "**recip"))
_BAR = re.compile(r"={1,2}\d{0,4}[a-z]?[^\w\s=]*")
_UNSUPPORTED = ("*+", "*x", END)  # columns that begin, change places or end in the middle
_CHECKED_INTERPRETATIONS = {
    "*k[": re.compile(r"\*k\[(?:[a-gA-G](?:##?|--?|n)){0,7}\]"),
    "*M": re.compile(r"\*M(?:[1-9]\d?(?:\+[1-9]\d?)*/[1-9]\d?|M\[?[\w.~ -]{1,20}\]?=?\d*|et.*)"),
    "*clef": re.compile(r"\*clef[GFCX][v^]{0,2}[1-5]?"),
    "*staff": re.compile(r"\*staff(?:1\d|[1-9])(?:/(?:1\d|[1-9]))*"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """What tells notes of one chord from notes of two voices."""

    length: str
    height: int | None  # in semitones; None for a rest


def read_note(sign: str) -> Note | None:
    """None for what is no note and no rest, or has no length."""
    found = _NOTE.fullmatch(sign) if len(sign) <= _MOST_CHARACTERS else None
    if found is None or not (found["length"] or _GRACE.search(sign)):
        return None
    return Note(found["length"] or "", _height(found))


def mended(sign: str, *, usual_length: str) -> str:
    """The nearest note to *sign*, or a gap of its length, so that the voice stays in time; NO_SIGN without either."""
    if read_note(sign) is not None:
        return sign
    sign = sign[:_MOST_CHARACTERS]
    if found := _CORE.search(sign):
        return found["length"] + (found["rest"] or found["pitch"] + (found["shift"] or ""))
    if found := _BARE.fullmatch(sign):
        return usual_length + found["pitch"] + (found["shift"] or "")
    if found := _LENGTH_ALONE.match(sign):
        return found["length"] + "ryy"  # a rest that is not drawn
    return NO_SIGN


def mended_name(sign: str) -> str:
    """What a column holds: notes, unless something else is plainly said."""
    return sign if sign in _OTHER_NAMES else KERN


def mended_bar(sign: str) -> str:
    return sign if _BAR.fullmatch(sign) else "="


def mended_interpretation(sign: str) -> str:
    """*sign*, or NO_CHANGE for a clef, key or meter that cannot be."""
    for beginning, pattern in _CHECKED_INTERPRETATIONS.items():
        if sign.startswith(beginning):
            return sign if pattern.fullmatch(sign) else NO_CHANGE
    is_known = sign.startswith("*") and not sign.startswith("**") and sign not in _UNSUPPORTED
    return sign if is_known else NO_CHANGE


def _height(found: re.Match[str]) -> int | None:
    pitch = found["pitch"]
    if pitch is None:
        return None
    octave = len(pitch) - 1 if pitch.islower() else -len(pitch)  # c is middle C, cc an octave up, C an octave down
    shift = found["shift"] or ""
    return 12 * octave + _STEPS[pitch[0].lower()] + shift.count("#") - shift.count("-")
