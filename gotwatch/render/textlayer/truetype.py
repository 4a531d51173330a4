"""A TrueType font of one glyph, a box: what unseen text is written in. Readers mark what is found by such boxes."""

import struct

_UNITS_PER_EM = 1000
_GLYPHS = 2  # the one for what a font lacks, which is empty, and ours
_TOP, _BOTTOM = 800, -200
_ON_CURVE = 1


def box_font() -> bytes:
    glyph = _box()
    tables = {
        b"glyf": glyph,
        b"head": _head(),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, _TOP, _BOTTOM, 0, 1000, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1),
        b"hmtx": struct.pack(">Hhh", _UNITS_PER_EM, 0, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, _GLYPHS, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _bound(tables)


def _head() -> bytes:
    versions = struct.pack(">IIII", 0x10000, 0x10000, 0, 0x5F0F3CF5)
    when = struct.pack(">HHqq", 0, _UNITS_PER_EM, 0, 0)
    return versions + when + struct.pack(">hhhhHHhhh", 0, _BOTTOM, _UNITS_PER_EM, _TOP, 0, 8, 2, 0, 0)


def _box() -> bytes:
    bounds = struct.pack(">hhhhh", 1, 0, _BOTTOM, _UNITS_PER_EM, _TOP)
    shape = struct.pack(">HH", 3, 0) + bytes([_ON_CURVE] * 4)
    height = _TOP - _BOTTOM
    glyph = bounds + shape + struct.pack(">8h", 0, 0, _UNITS_PER_EM, 0, _BOTTOM, height, 0, -height)
    return glyph + b"\0" * (-len(glyph) % 2)


def _bound(tables: dict[bytes, bytes]) -> bytes:
    """The tables behind a directory of them, each at a multiple of four bytes."""
    power = 1 << (len(tables).bit_length() - 1)
    search = (power * 16, power.bit_length() - 1, (len(tables) - power) * 16)
    directory = [struct.pack(">IHHHH", 0x10000, len(tables), *search)]
    content: list[bytes] = []
    at = 12 + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        padded = table + b"\0" * (-len(table) % 4)
        directory.append(tag + struct.pack(">III", _checksum(padded), at, len(table)))
        content.append(padded)
        at += len(padded)
    return b"".join([*directory, *content])


def _checksum(padded: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) % 2**32
