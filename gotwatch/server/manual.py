"""The page at /docs: made from /openapi.json by a script of our own, without an address of anybody else's."""

import base64
import re
from hashlib import sha256
from importlib import resources

from starlette.responses import Response

_PAGE = resources.files("gotwatch.server").joinpath("manual.html").read_text("utf-8")


def _digest(element: str) -> str:
    """As a Content-Security-Policy names what may stand in the page."""
    (content,) = re.findall(rf"<{element}>(.*?)</{element}>", _PAGE, re.DOTALL)
    return f"'sha256-{base64.b64encode(sha256(content.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; script-src {_digest('script')}; style-src {_digest('style')}; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def page() -> Response:
    return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})
