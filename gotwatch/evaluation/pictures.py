"""Pages as small pictures, drawn by reader processes like all others."""

import logging
from collections.abc import Callable

from gotwatch.documents import PagePicture
from gotwatch.errors import GotwatchError
from gotwatch.evaluation.score import Place
from gotwatch.pages.reader import ReaderPool

log = logging.getLogger(__name__)

LONGEST_PIXELS = 1100

Depict = Callable[[Place], tuple[PagePicture, ...]]


def drawn_by(readers: ReaderPool) -> Depict:
    """None for a page that cannot be drawn: the texts are shown all the same."""

    def depict(place: Place) -> tuple[PagePicture, ...]:
        numbers = range(place.page, place.page + place.count)
        try:
            with readers.open(place.path) as opened:
                return tuple(opened.depict(number, longest_pixels=LONGEST_PIXELS) for number in numbers)
        except GotwatchError as error:
            log.warning("no picture of %s: %s", place.title, error.message)
            return ()

    return depict
