"""What a chart says beside its values, as lines of text."""

from gotwatch.render.blocks import Chart


def remarks(chart: Chart) -> list[str]:
    source = [("Source", chart.source_note)] if chart.source_note else []
    return [f"{name}: {value}" for name, value in (*source, *chart.others)]
