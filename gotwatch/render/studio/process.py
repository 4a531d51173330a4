"""The studio, where libraries draw that may crash or hang. The only module that knows that it is another process."""

import logging
from multiprocessing.connection import Connection
from typing import overload

from gotwatch.processes import Refused
from gotwatch.render.studio.orders import Engrave, Engraved, Order, Reply, Sketch, Sketched
from gotwatch.render.workshop import WorkFailed, Workshop, WorkshopLimits

log = logging.getLogger(__name__)

_LIMITS = WorkshopLimits(seconds=10.0)


class DrawingFailed(Exception):
    """There is no drawing. The message says to a person why."""


class Studio:
    """Draws one thing after the other, for any number of threads. What crashes or stops its process is not drawn."""

    def __init__(self, limits: WorkshopLimits = _LIMITS) -> None:
        self._workshop = Workshop[Order, Reply](_serve, limits, name="gotwatch-studio")

    @overload
    def draw(self, order: Engrave) -> Engraved: ...
    @overload
    def draw(self, order: Sketch) -> Sketched: ...
    def draw(self, order: Order) -> Engraved | Sketched:
        """Wait for the drawings that were ordered before, and for this one. Raises DrawingFailed."""
        try:
            reply = self._workshop.ask(order)
        except WorkFailed as failed:
            raise DrawingFailed(str(failed)) from failed
        if isinstance(reply, Refused):
            log.warning("a drawing failed: %s\n%s", reply.message, reply.traceback)
            raise DrawingFailed(f"the program that draws it failed ({reply.message})")
        return reply

    def close(self) -> None:
        """End the process. Nothing is drawn after that."""
        self._workshop.close()


def _serve(pipe: "Connection[object, Order]", limits: WorkshopLimits) -> None:
    from gotwatch.render.studio import worker  # noqa: PLC0415  keeps the libraries out of this process

    worker.serve(pipe, limits)
