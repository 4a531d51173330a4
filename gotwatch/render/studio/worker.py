"""The studio's main loop: it may crash of what it draws."""

from collections.abc import Callable
from multiprocessing.connection import Connection

from gotwatch.render.studio.orders import Engrave, Order, Reply, Sketch
from gotwatch.render.workshop import WorkshopLimits, attend


def serve(pipe: "Connection[object, Order]", limits: WorkshopLimits) -> None:
    attend(pipe, limits, _drawn)


def _drawn(order: Order, _tell: Callable[[Reply], None]) -> Reply:
    match order:
        case Engrave():
            from gotwatch.render.studio import engraving  # noqa: PLC0415  each library is loaded for who needs it

            return engraving.engrave(order)
        case Sketch():
            from gotwatch.render.studio import sketching  # noqa: PLC0415  each library is loaded for who needs it

            return sketching.sketch(order)
