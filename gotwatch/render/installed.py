"""Whether a kind of result can be made with what is installed here. Asks without loading anything."""

from importlib.util import find_spec

from gotwatch.documents import Form
from gotwatch.errors import FormUnavailable
from gotwatch.render.office import pandoc


def check(form: Form) -> None:
    """Raises FormUnavailable, which says what to install."""
    if form is Form.DOCX:
        pandoc.find()
    elif form is Form.PDF and find_spec("pikepdf") is None:
        hint = 'Install it with: pip install "gotwatch[pdf]", or take pdf out of formats.'
        raise FormUnavailable("pikepdf is not installed", hint=hint)
