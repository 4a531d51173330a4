"""Blocks as JSON has them: every field under its own name, every span as its two ends."""

from dataclasses import fields, is_dataclass

from gotwatch.render.blocks import Markup, Span


def as_json(markup: Markup) -> list[object]:
    return [_node(block) for block in markup.blocks]


def _node(node: object) -> dict[str, object]:
    assert is_dataclass(node)
    shown = {field.name: _value(getattr(node, field.name)) for field in fields(node)}
    return {"type": type(node).__name__.lower(), **shown}


def _value(value: object) -> object:
    match value:
        case Span(begin, end):
            return [begin, end]
        case tuple():
            return [_value(each) for each in value]
        case str() | int() | None:
            return value
        case _:
            return _node(value)
