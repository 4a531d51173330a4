"""Music as pictures. The only module that knows Verovio, which ends its process on much that it does not expect."""

import base64
import re

import verovio

from gotwatch.render.studio.orders import Engrave, Engraved
from gotwatch.render.studio.score_svg import DRAWN_SIGN, slimmed

_OPTIONS = {
    "adjustPageHeight": True,
    "adjustPageWidth": True,
    "footer": "none",
    "header": "none",
    "pageHeight": 1500,  # half a sheet of paper, so that a printed score breaks between systems, not through one
    "pageMarginBottom": 20,
    "pageMarginLeft": 20,
    "pageMarginRight": 20,
    "pageMarginTop": 20,
    "smuflTextFont": "none",  # else a font of 58 KB comes with the note in a tempo mark
    "svgFormatRaw": True,
    "svgRemoveXlink": True,
    "svgViewBox": True,
    "xmlIdChecksum": True,  # else the ids, and so the result, differ from run to run
}
# All but tempo, layout and signs of the piece's own. Of the rest nothing is drawn, and odd dates there are its end.
_UNUSED_RECORD = re.compile(r"^!!(?!!OMD|!RDF|LO:).*\n", re.MULTILINE)


def engrave(order: Engrave) -> Engraved:
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(_OPTIONS)
    if not toolkit.loadData(_UNUSED_RECORD.sub("", order.kern)):
        return Engraved((), 0, b"")
    pages = [toolkit.renderToSVG(number) for number in range(1, toolkit.getPageCount() + 1)]
    midi = base64.b64decode(toolkit.renderToMIDI()) if order.with_midi else b""
    return Engraved(tuple(slimmed(pages)), sum(len(DRAWN_SIGN.findall(page)) for page in pages), midi)
