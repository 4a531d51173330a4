"""PDFs that can be searched: PDFium, which never saw how they are made, must find the text that was read."""

import io
from pathlib import Path

import pypdfium2
import pytest
from pikepdf import Dictionary, Encryption, Name, Pdf, Permissions
from PIL import Image, ImageChops, ImageFont

from gotwatch.documents import Mode, PagePicture
from gotwatch.errors import FormUnavailable
from gotwatch.render.searchable import render
from tests.read_documents import document, formatted, of_file, page


def picture(number: int, *, width: int = 300, height: int = 400, color: str = "grey") -> PagePicture:
    jpeg = io.BytesIO()
    Image.new("RGB", (width, height), color).save(jpeg, "JPEG")
    return PagePicture(number, width, height, jpeg.getvalue())


def source(
    path: Path, text: str = "", *, turned: int = 0, is_inherited: bool = False, encryption: Encryption | None = None
) -> Path:
    """A PDF of one page with a drawing, which leaves its page in disorder."""
    with Pdf.new() as pdf:
        made = pdf.add_blank_page(page_size=(600, 800))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
        holder = pdf.Root.Pages if is_inherited else made.obj
        holder.Resources, holder.Rotate = resources, turned
        if is_inherited:
            del made.obj[Name.Resources]
        operators = f"0.5 0 0 0.5 0 0 cm 100 100 300 300 re f BT /F1 24 Tf 100 700 Td ({text}) Tj ET"
        made.Contents = pdf.make_stream(operators.encode("ascii"))
        pdf.save(path, encryption=encryption)
    return path


def text_of(content: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return [" ".join(each.get_textpage().get_text_range().split()) for each in pdf]
    finally:
        pdf.close()


def look_of(content: bytes) -> Image.Image:
    pdf = pypdfium2.PdfDocument(content)
    try:
        return pdf[0].render().to_pil().convert("RGB")
    finally:
        pdf.close()


def first_letter_box(content: bytes) -> tuple[float, ...]:
    """Left, bottom, right and top, in points of the page as it is stored."""
    pdf = pypdfium2.PdfDocument(content)
    try:
        return tuple(pdf[0].get_textpage().get_charbox(0))
    finally:
        pdf.close()


def test_the_text_of_each_page_is_found_on_it() -> None:
    made = document(page(1, "第一頁 Invoice\n合計 1,200"), page(2, ""), page(3, "𠮷 😀 z̅"))

    content = render(made, [picture(1), picture(2), picture(3, width=400, height=90)])

    assert text_of(content) == ["第一頁 Invoice 合計 1,200", "", "𠮷 😀 z̅"]


def test_formatted_text_is_found_as_people_read_it() -> None:
    content = render(formatted(r"\section*{Area} \(\frac{a}{b} \leq 2\)"), [picture(1)])

    assert text_of(content) == ["Area a/b ≤ 2"]


def test_the_picture_fills_the_page_and_the_text_is_unseen() -> None:
    content = render(document(page(1, "text " * 500)), [picture(1, width=300, height=150, color="white")])

    seen = look_of(content)
    assert abs(seen.width / seen.height - 2) < 0.02
    assert seen.getcolors() == [(seen.width * seen.height, (255, 255, 255))]


def test_pages_that_were_read_in_one_go_have_their_text_on_the_first() -> None:
    content = render(document(page(1, "both", count=2)), [picture(1), picture(2)])

    assert text_of(content) == ["both", ""]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("is_inherited", [False, True], ids=["its own", "inherited"])
def test_a_page_of_a_pdf_looks_as_before_and_has_the_text(tmp_path: Path, turned: int, is_inherited: bool) -> None:
    path = source(tmp_path / "a.pdf", turned=turned, is_inherited=is_inherited)

    content = render(of_file(path, "First line\n第二行"), [])

    assert text_of(content) == ["First line 第二行"]
    assert ImageChops.difference(look_of(content), look_of(path.read_bytes())).getbbox() is None


@pytest.mark.parametrize(("turned", "corner"), [(0, (0, 800)), (90, (0, 0)), (180, (600, 0)), (270, (600, 800))])
def test_text_begins_at_the_upper_left_of_the_page_as_it_is_seen(
    tmp_path: Path, turned: int, corner: tuple[int, int]
) -> None:
    path = source(tmp_path / "a.pdf", turned=turned)

    left, bottom, right, top = first_letter_box(render(of_file(path, "text"), []))

    assert abs((left + right) / 2 - corner[0]) < 100
    assert abs((bottom + top) / 2 - corner[1]) < 100
    assert right - left > 1 < top - bottom


def test_a_page_with_text_of_its_own_is_left_as_it_is(tmp_path: Path) -> None:
    path = source(tmp_path / "a.pdf", "All of this stands here")

    content = render(of_file(path, "All of this stands here."), [])

    assert text_of(content) == ["All of this stands here"]


def test_a_page_with_little_text_of_its_own_gets_what_was_read(tmp_path: Path) -> None:
    path = source(tmp_path / "a.pdf", "Page 1")

    content = render(of_file(path, "A scanned letter of many words."), [])

    assert "A scanned letter of many words." in text_of(content)[0]


def test_a_pdf_that_forbids_things_goes_on_to_forbid_them(tmp_path: Path) -> None:
    lock = Encryption(owner="secret", user="", allow=Permissions(extract=False))
    path = source(tmp_path / "a.pdf", encryption=lock)

    content = render(of_file(path, "text"), [])

    with Pdf.open(io.BytesIO(content)) as pdf:
        assert pdf.is_encrypted
        assert not pdf.allow.extract


def test_the_document_says_that_its_text_is_not_aligned() -> None:
    with Pdf.open(io.BytesIO(render(document(page()), [picture(1)]))) as pdf:
        assert "not aligned" in str(pdf.docinfo["/GotwatchTextLayer"])


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    made = of_file(source(tmp_path / "a.pdf"), "text")

    assert render(made, []) == render(made, [])


def test_a_file_that_has_changed_is_no_page_of_this_text(tmp_path: Path) -> None:
    made = of_file(source(tmp_path / "a.pdf"), "text")
    source(tmp_path / "a.pdf", "another")

    with pytest.raises(FormUnavailable, match="changed"):
        render(made, [])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\nnothing", b"\x89PNG"])
def test_what_is_no_pdf_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)

    with pytest.raises(FormUnavailable, match="no sound PDF"):
        render(of_file(path, "text"), [])


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    made = of_file(source(tmp_path / "a.pdf"), "text")
    (tmp_path / "a.pdf").unlink()

    with pytest.raises(FormUnavailable, match="cannot be read"):
        render(made, [])


def test_more_characters_than_a_font_has_codes_cost_only_themselves() -> None:
    every = "".join(map(chr, [*range(0x100, 0xD800), *range(0x10000, 0x13000)]))

    content = render(document(page(1, f"last {every}\nlast")), [picture(1)])

    assert text_of(content)[0].endswith("last")


def test_plain_mode_is_taken_literally() -> None:
    made = document(page(1, r"\textbf{x}"), mode=Mode.PLAIN)

    assert text_of(render(made, [picture(1)])) == [r"\textbf{x}"]


def test_the_font_is_one_that_others_can_load() -> None:
    with Pdf.open(io.BytesIO(render(document(page()), [picture(1)]))) as pdf:
        font = pdf.pages[0].resources.Font[Name.GotwatchUnseen].DescendantFonts[0]
        program = font.FontDescriptor.FontFile2.read_bytes()

    assert ImageFont.truetype(io.BytesIO(program), 20).getbbox("x") is not None
