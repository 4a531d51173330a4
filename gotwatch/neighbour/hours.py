"""The hours of the day in which gotwatch reads. Pure."""

from collections.abc import Sequence
from datetime import time

Span = tuple[time, time]  # from, to; over midnight where the second comes first


def is_within(now: time, spans: Sequence[Span]) -> bool:
    """Whether *now* lies in one of *spans*; always where there are none."""
    return not spans or any(_holds(span, now) for span in spans)


def opening_after(now: time, spans: Sequence[Span]) -> time:
    """When the next of *spans* begins, tomorrow perhaps."""
    later = [begin for begin, _ in spans if begin > now]
    return min(later or [begin for begin, _ in spans])


def _holds(span: Span, now: time) -> bool:
    begin, end = span
    if begin <= end:
        return begin <= now < end
    return now >= begin or now < end
