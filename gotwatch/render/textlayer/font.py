"""The font of all unseen text of a document: it draws nothing, and tells which characters its codes mean."""

from collections.abc import Iterable
from itertools import islice

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from gotwatch.render.readable.widths import width
from gotwatch.render.textlayer.truetype import box_font

_NAME = Name("/GotwatchUnseen")
_HALF_EM = 500  # the width of a letter; a Chinese one is as wide as it is high
_MOST_CODES = 65_535
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_ENTRIES_AT_ONCE = 100  # more the format does not allow
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{entries}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class UnseenFont:
    """Gives each character a code of its own when it first comes."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {_UNKNOWN: 1}

    def encoded(self, text: str) -> bytes:
        return b"".join(self._code(character).to_bytes(2, "big") for character in text)

    def width(self, text: str) -> float:
        """In the font's size."""
        return sum(map(_advance, text)) / (2 * _HALF_EM)

    def embed(self, pdf: Pdf) -> Object:
        """The font as an object of *pdf*, once all text was encoded."""
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=_NAME,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([self._descendant(pdf)]),
                ToUnicode=pdf.make_stream(self._character_map().encode("ascii")),
            )
        )

    def _code(self, character: str) -> int:
        if character not in self._codes and len(self._codes) == _MOST_CODES:
            return self._codes[_UNKNOWN]
        return self._codes.setdefault(character, len(self._codes) + 1)

    def _descendant(self, pdf: Pdf) -> Object:
        widths = Array([1, Array([_advance(character) for character in self._codes])])
        glyphs = b"\0\0" + b"\0\1" * len(self._codes)
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=_NAME,
                CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
                FontDescriptor=_descriptor(pdf),
                DW=_HALF_EM,
                W=widths,
                CIDToGIDMap=pdf.make_stream(glyphs),
            )
        )

    def _character_map(self) -> str:
        entries = iter(f"<{code:04X}> <{_utf16(character)}>" for character, code in self._codes.items())
        return _CMAP.format(entries="\n".join(_sections(entries)))


def _sections(entries: Iterable[str]) -> Iterable[str]:
    rest = iter(entries)
    while section := list(islice(rest, _ENTRIES_AT_ONCE)):
        yield "\n".join([f"{len(section)} beginbfchar", *section, "endbfchar"])


def _utf16(character: str) -> str:
    return character.encode("utf-16-be").hex().upper()


def _advance(character: str) -> int:
    return max(width(character), 0) * _HALF_EM


def _descriptor(pdf: Pdf) -> Object:
    return pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=_NAME,
            Flags=4,  # no standard alphabet
            FontBBox=Array([0, 0, 1000, 1000]),
            ItalicAngle=0,
            Ascent=800,
            Descent=-200,
            CapHeight=800,
            StemV=80,
            FontFile2=pikepdf.Stream(pdf, box_font()),
        )
    )
