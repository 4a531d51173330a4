"""How the config writes a single value: times, paths, patterns, page ranges, boxes and devices."""

import re
import warnings
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Annotated

from pathspec import GitIgnoreSpec
from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from gotwatch.documents import Color, Form
from gotwatch.words import marked

LONGEST_SECONDS = 366 * 86400.0  # the systems' timers take no more than some years
DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)\s*")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RANGE = re.compile(r"\s*(\d+)?\s*(-)?\s*(\d+)?\s*")
SERVER_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
HOURS = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)\s*")
DEVICE = re.compile(r"auto|cpu|mps|cuda(:(0|[1-9][0-9]?))?")


def parse_seconds(value: object) -> object:
    """Seconds of "90s", "5m", "1h" or "2d". What is no such text is given back as it is."""
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        return float(match[1]) * UNIT_SECONDS[match[2]]
    return value


def _check_seconds(value: object) -> object:
    seconds = parse_seconds(value)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(marked('must be seconds, or text such as "90s", "5m" or "1h"'))
    return seconds


def _check_path(value: object) -> object:
    if value == "":
        raise ValueError(marked('must not be empty; "." is the folder of this file'))
    if isinstance(value, str) and "\0" in value:
        raise ValueError(marked("must not hold a zero byte"))
    return value


def _check_pattern(pattern: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # [[:alpha:]] would mean something else than in git
            GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error, FutureWarning) as exc:
        raise ValueError(marked("is no pattern of .gitignore's syntax")) from exc
    return pattern


def _each_once(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    if not forms:
        raise ValueError(marked("must name one form at least"))
    return tuple(dict.fromkeys(forms))


def parse_pages(value: object) -> object:
    """The (first, last) pairs of "1-3, 7, 10-"; "all" is one pair without end."""
    if not isinstance(value, str):
        raise ValueError(marked('must be text such as "all" or "1-3, 7, 10-"'))
    if value.strip() == "all":
        return ((1, None),)
    return tuple(_page_range(part) for part in value.split(","))


def _page_range(part: str) -> tuple[int, int | None]:
    match = RANGE.fullmatch(part)
    if not match or not (match[1] or match[3]):
        raise ValueError(marked(f'{part.strip()!r} is no page or range; write "all" or "1-3, 7, 10-"'))
    first = int(match[1] or 1)
    last = (int(match[3]) if match[3] else None) if match[2] else first
    if first < 1 or (last is not None and last < first):
        raise ValueError(marked(f"{part.strip()!r} counts backwards; pages are counted from 1"))
    return first, last


def _as_span(value: object) -> object:
    """A pair of times of "22:00-06:30"."""
    match = HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(marked('must be text such as "18:00-07:30"'))
    begin, end = (time(int(match[at]), int(match[at + 1])) for at in (1, 3))
    if begin == end:
        raise ValueError(marked("begins and ends at the same time"))
    return begin, end


def check_device(name: object) -> str:
    """*name* as a device of PyTorch's, or "auto". Raises ValueError."""
    if not isinstance(name, str) or not DEVICE.fullmatch(name):
        raise ValueError(marked('must be "auto", "cpu", "cuda", "cuda:1" or "mps"'))
    return name


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _different_devices(devices: Sequence[str]) -> tuple[str, ...]:
    if not devices:
        raise ValueError(marked("must name one device at least"))
    numbered = ["cuda:0" if name == "cuda" else name for name in devices]
    if len(set(numbered)) < len(numbered):
        raise ValueError(marked("names a device twice"))
    if "auto" in devices and len(devices) > 1:
        raise ValueError(marked('"auto" stands alone'))
    return tuple(devices)


def _no_box(value: object) -> object:
    return None if value == [] else value


def _no_color(value: object) -> object:
    return None if value == "" else value


def _check_url(url: str) -> str:
    if not SERVER_URL.fullmatch(url):
        raise ValueError('must be an address such as "http://192.168.1.20:8765"')
    return url


ServerUrl = Annotated[str, AfterValidator(_check_url)]
Seconds = Annotated[float, BeforeValidator(_check_seconds), Field(le=LONGEST_SECONDS)]
Place = Annotated[Path, BeforeValidator(_check_path)]
Pattern = Annotated[str, AfterValidator(_check_pattern)]
PageRanges = Annotated[tuple[tuple[int, int | None], ...], BeforeValidator(parse_pages)]
Hours = Annotated[tuple[time, time], BeforeValidator(_as_span)]
Forms = Annotated[tuple[Form, ...], AfterValidator(_each_once)]
Box = Annotated[tuple[Annotated[StrictInt, Field(ge=0)], ...] | None, BeforeValidator(_no_box)]
InkColor = Annotated[Color | None, BeforeValidator(_no_color)]
Devices = Annotated[
    tuple[Annotated[str, BeforeValidator(check_device)], ...],
    BeforeValidator(_as_list),
    AfterValidator(_different_devices),
]
