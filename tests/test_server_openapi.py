"""The OpenAPI document is true: what it allows and what it does not is answered as it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.served import Served, in_base64, png, serving

TRUE: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
PICTURE = in_base64(png())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def operations(served: Served) -> list[Any]:
    """What the document describes, each able to make up requests."""
    api = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    return [found.ok() for found in api.get_all_operations()]


@FEW
@given(st.data())
def test_what_the_document_allows_is_answered_as_it_says(operations: list[Any], data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(operations))
    case = data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))

    case.call_and_validate(checks=TRUE)


@FEW
@given(st.data())
def test_what_the_document_forbids_is_refused_as_it_says(operations: list[Any], data: st.DataObject) -> None:
    ocr = next(operation for operation in operations if operation.path == "/ocr")
    case = data.draw(ocr.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    case.call_and_validate(checks=[*TRUE, negative_data_rejection])


@FEW
@given(st.data())
def test_whatever_is_asked_of_a_real_picture_is_answered(operations: list[Any], data: st.DataObject) -> None:
    ocr = next(operation for operation in operations if operation.path == "/ocr")
    case = data.draw(ocr.as_strategy(generation_mode=GenerationMode.POSITIVE))
    case.body = {**case.body, "image": PICTURE, "images": None}

    answer = case.call_and_validate(checks=TRUE)

    assert answer.status_code in (200, 422)


@settings(FEW, max_examples=10)
@given(st.data())
def test_what_is_streamed_is_as_the_document_says(operations: list[Any], data: st.DataObject) -> None:
    ocr = next(operation for operation in operations if operation.path == "/ocr")
    case = data.draw(ocr.as_strategy(generation_mode=GenerationMode.POSITIVE))
    case.body = {"image": PICTURE, "stream": True, "render": True}

    answer = case.call_and_validate(checks=TRUE)

    assert answer.status_code == 200


def test_the_document_names_each_field_with_what_it_means(served: Served) -> None:
    document = served.get("/openapi.json").json()

    body = document["paths"]["/ocr"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    undescribed = [name for name, field in body["properties"].items() if "description" not in json.dumps(field)]
    assert list(body["properties"])[:6] == ["image", "images", "ocr_type", "ocr_box", "ocr_color", "render"]
    assert undescribed == []


def test_the_page_for_people_asks_nobody_else_for_anything(served: Served) -> None:
    page = served.get("/docs")

    assert "//" not in page.text.replace("<!--", "").replace("// ", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
