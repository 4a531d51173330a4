"""Stands before all that is answered: strangers, other sites' pages and what is no JSON get no further."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from gotwatch.server.answers import Problem
from gotwatch.server.callers import Callers
from gotwatch.server.replies import refusal

OPEN_TO_ALL = frozenset({"/health", "/ready", "/docs", "/openapi.json"})  # they tell nothing that is anybody's
_JSON = b"application/json"


class Gate:
    def __init__(self, app: ASGIApp, callers: Callers, *, straight: Mapping[tuple[str, str], ASGIApp]) -> None:
        """*straight*: what is called without the way through *app*, by method and path."""
        self._app = app
        self._callers = callers
        self._straight = straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"  # the listener lets nothing else in
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        problem = self._callers.refuse(headers, open_to_all=scope["path"] in OPEN_TO_ALL) or _no_json(scope, headers)
        if problem is None:
            app = self._straight.get((scope["method"], scope["path"]), self._app)
            await app(scope, receive, send)
        else:
            await refusal(problem)(scope, receive, send)


def _no_json(scope: Scope, headers: Mapping[bytes, bytes]) -> Problem | None:
    """A page of another site may send a form here without being asked, but not JSON."""
    if scope["method"] != "POST":
        return None
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == _JSON:
        return None
    return Problem(415, "Unsupported", "The request is not JSON", "Send it with Content-Type: application/json.")
