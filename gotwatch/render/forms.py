"""Which renderer makes which kind of result file."""

from gotwatch.documents import Document, Form
from gotwatch.render import html, markdown, record, text


def render(document: Document, form: Form) -> str:
    """The content of the file, which UTF-8 can always encode."""
    match form:
        case Form.TXT:
            return text.render(document)
        case Form.HTML:
            return html.render(document)
        case Form.MD:
            return markdown.render(document)
        case Form.JSON:
            return record.render(document)
