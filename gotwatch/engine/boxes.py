"""Where a box lies on the page that it is read from."""

from gotwatch.documents import PageImage
from gotwatch.errors import InputError


def on_page(box: tuple[int, ...], page: PageImage) -> tuple[int, int, int, int]:
    """The part of *box*, left, top, right and bottom, that is on *page*. Raises InputError where none is."""
    left, top, right, bottom = box
    left, top, right, bottom = max(0, left), max(0, top), min(page.width, right), min(page.height, bottom)
    if left >= right or top >= bottom:
        listed = ",".join(map(str, box))
        raise InputError(
            f"The box {listed} lies outside of page {page.number}, which has {page.width} x {page.height} pixels",
            hint="Give it in pixels of the upright page.",
        )
    return left, top, right, bottom
