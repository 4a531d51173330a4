"""How much text a page of a PDF has already."""

from collections.abc import Iterator

from pikepdf import Array, Name, Object, Page, String, parse_content_stream

_SHOWING = "Tj TJ ' \""
_DEEPEST = 8  # drawings within drawings


def own_text_bytes(page: Page, *, enough: int) -> int:
    """The bytes of its strings, counted up to *enough*."""
    count = 0
    for size in _sizes(page.obj, page.resources, _DEEPEST, set()):
        count += size
        if count >= enough:
            break
    return count


def _sizes(stream: Object, resources: Object | None, depth: int, seen: set[tuple[int, int]]) -> Iterator[int]:
    for instruction in parse_content_stream(stream, _SHOWING):
        for operand in instruction.operands:
            yield from _string_sizes(operand)
    for form in _forms(resources) if depth else ():
        if form.objgen not in seen:
            seen.add(form.objgen)
            yield from _sizes(form, form.get(Name.Resources), depth - 1, seen)


def _forms(resources: Object | None) -> Iterator[Object]:
    named = resources.get(Name.XObject) if resources is not None else None
    for _, drawn in named.items() if named is not None else ():
        if drawn.get(Name.Subtype) == Name.Form:
            yield drawn


def _string_sizes(operand: object) -> Iterator[int]:
    if isinstance(operand, String):
        yield len(bytes(operand))
    elif isinstance(operand, Array):
        for part in operand:
            yield from _string_sizes(part)
