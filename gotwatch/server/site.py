"""What stands at which address. The OpenAPI document is made from here."""

import asyncio
import logging
import time

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gotwatch.errors import GotwatchError
from gotwatch.server import answers, describing, manual
from gotwatch.server.answers import Answer, Problem, as_json
from gotwatch.server.bodies import Bodies, CallerLeft, Refused
from gotwatch.server.callers import Callers
from gotwatch.server.figures import CONTENT_TYPE, Figures
from gotwatch.server.gate import Gate
from gotwatch.server.reception import Reception
from gotwatch.server.replies import JSON_TYPE, Recital, answered, refusal
from gotwatch.server.visit import Gone, Visit
from gotwatch.version import VERSION

log = logging.getLogger(__name__)

_NOBODY_SEES_IT = 499


def site(
    reception: Reception, callers: Callers, figures: Figures, bodies: Bodies, *, request_seconds: float
) -> ASGIApp:
    app = FastAPI(title="gotwatch", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    addresses = _Addresses(app, reception, figures)
    ocr = _Ocr(reception, figures, bodies, request_seconds)
    app.add_api_route("/ocr", ocr.post, methods=["POST"], **describing.OCR)
    app.add_api_route("/health", addresses.health, **describing.HEALTH)
    app.add_api_route("/ready", addresses.ready, **describing.READY)
    app.add_api_route("/metrics", addresses.metrics, **describing.METRICS)
    app.add_api_route("/openapi.json", addresses.openapi, include_in_schema=False)
    app.add_api_route("/docs", manual.page, include_in_schema=False)
    app.add_exception_handler(HTTPException, _no_such_thing)
    # FastAPI's way to an address takes a millisecond of Python, half of what all the rest of a small page takes.
    return Gate(app, callers, straight={("POST", "/ocr"): ocr})


class _Ocr:
    def __init__(self, reception: Reception, figures: Figures, bodies: Bodies, request_seconds: float) -> None:
        self._reception = reception
        self._figures = figures
        self._bodies = bodies
        self._request_seconds = request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.post(Request(scope, receive))
        await response(scope, receive, send)

    async def post(self, request: Request) -> Response:
        began = time.monotonic()
        try:
            response = await self._answer(request)
        except Refused as refused:
            response = refusal(refused.problem)
        except GotwatchError as error:
            response = refusal(answers.problem(error))
        except CallerLeft:
            response = Response(status_code=_NOBODY_SEES_IT)
        except Exception as error:  # the request's boundary
            log.exception("a request met a bug")
            response = refusal(answers.problem(error))
        self._figures.answered(response.status_code, time.monotonic() - began)
        return response

    async def _answer(self, request: Request) -> Response:
        self._reception.check_room()
        visit = Visit(await self._bodies.take(dict(request.scope["headers"]), request.receive))
        self._reception.admit(visit)
        leaving = asyncio.create_task(visit.watch(request.receive))
        try:
            async with asyncio.timeout(self._request_seconds):
                news = await visit.next()
        except TimeoutError:
            visit.gone.set()
            leaving.cancel()
            problem = Problem(
                504, "EngineTimeout", f"It took longer than {self._request_seconds:g} s", "Send fewer pages."
            )
            return refusal(problem)
        match news:
            case Gone():
                raise CallerLeft
            case Answer():
                leaving.cancel()
                return answered(news, request)
            case Problem():
                leaving.cancel()
                return refusal(news)
            case _:
                return Recital(visit, news, leaving)


class _Addresses:
    def __init__(self, app: FastAPI, reception: Reception, figures: Figures) -> None:
        self._app = app
        self._reception = reception
        self._figures = figures

    async def health(self) -> Response:
        """Whether the server is there at all."""
        return Response(as_json({"status": "ok"}), media_type=JSON_TYPE)

    def ready(self) -> Response:
        """Whether a request would be read at once."""
        readiness = self._reception.readiness()
        if readiness.ready:
            return Response(as_json({"status": "ready"}), media_type=JSON_TYPE)
        return refusal(Problem(503, "ServerBusy", readiness.why, retry_seconds=answers.BUSY_SECONDS))

    def metrics(self) -> Response:
        """Figures for Prometheus."""
        return Response(self._figures.text(), media_type=CONTENT_TYPE)

    async def openapi(self) -> Response:
        return Response(as_json(self._app.openapi()), media_type=JSON_TYPE)


async def _no_such_thing(_: Request, error: Exception) -> Response:
    """FastAPI's own refusals: no such address, no such method."""
    assert isinstance(error, HTTPException)
    names = {404: ("NotFound", "There is nothing at this address"), 405: ("NotFound", "That cannot be done here")}
    name, message = names.get(error.status_code, ("Malformed", str(error.detail)))
    response = refusal(Problem(error.status_code, name, message, "See: /docs"))
    response.headers.update(error.headers or {})
    return response
