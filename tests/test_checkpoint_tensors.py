"""Weights of both layouts under one set of names, and those that are refused."""

import json
import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import GotOcr2ForConditionalGeneration

from gotwatch.engine.checkpoint import layout
from gotwatch.engine.checkpoint.sizes import sizes_of
from gotwatch.engine.checkpoint.tensors import open_tensors
from gotwatch.errors import CheckpointMissing
from tests import tiny_got

Edit = Callable[[tiny_got.Tensors], None]


@pytest.fixture(scope="module", params=list(tiny_got.SIZES))
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_got.make(tmp_path_factory.mktemp("models") / "port", size=tiny_got.SIZES[request.param])


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_got.make(tmp_path / "tiny")


@pytest.fixture
def original(tiny: Path, tmp_path: Path) -> Path:
    return tiny_got.make_original(tiny, tmp_path / "original")


def edited(folder: Path, edit: Edit) -> Path:
    tensors = load_file(folder / "model.safetensors")
    edit(tensors)
    tiny_got.save(tensors, folder)
    return folder


def reconfigured(folder: Path, section: str = "", **changes: Any) -> Path:
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    (config[section] if section else config).update(changes)
    path.write_text(json.dumps(config), "utf-8")
    return folder


def test_the_names_are_those_of_the_library_at_run_time(port: Path) -> None:
    model = GotOcr2ForConditionalGeneration.from_pretrained(port)
    expected = {name.removeprefix("model."): tensor for name, tensor in model.state_dict().items()}
    del expected["lm_head.weight"]  # tied

    tensors = open_tensors(port).load("cpu", torch.float32)

    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)


def test_the_original_holds_the_same_model(port: Path, tmp_path: Path) -> None:
    original = tiny_got.make_original(port, tmp_path / "original")

    first, second = open_tensors(port), open_tensors(original)

    assert first.shapes == second.shapes
    assert first.config == second.config
    assert sizes_of(first.config) == sizes_of(second.config)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_the_library_saves_again_is_read_too(port: Path, tmp_path: Path) -> None:
    model = GotOcr2ForConditionalGeneration.from_pretrained(port)
    model.save_pretrained(tmp_path / "again")

    assert open_tensors(tmp_path / "again").shapes == open_tensors(port).shapes


@pytest.mark.parametrize(
    ("stored", "runtime"),
    [
        ("model.vision_tower_high.pos_embed", "vision_tower.pos_embed"),
        ("model.vision_tower_high.patch_embed.proj.bias", "vision_tower.patch_embed.projection.bias"),
        ("model.vision_tower_high.blocks.11.norm2.weight", "vision_tower.layers.11.layer_norm2.weight"),
        ("model.vision_tower_high.blocks.0.attn.rel_pos_w", "vision_tower.layers.0.attn.rel_pos_w"),
        ("model.vision_tower_high.blocks.3.mlp.lin2.bias", "vision_tower.layers.3.mlp.lin2.bias"),
        ("model.vision_tower_high.neck.0.weight", "vision_tower.neck.conv1.weight"),
        ("model.vision_tower_high.neck.3.bias", "vision_tower.neck.layer_norm2.bias"),
        ("model.vision_tower_high.net_2.weight", "multi_modal_projector.conv_upsampler1.weight"),
        ("model.vision_tower_high.net_3.weight", "multi_modal_projector.conv_upsampler2.weight"),
        ("model.mm_projector_vary.bias", "multi_modal_projector.multimodal_projector.bias"),
        ("model.embed_tokens.weight", "language_model.embed_tokens.weight"),
        ("model.layers.23.self_attn.q_proj.bias", "language_model.layers.23.self_attn.q_proj.bias"),
        ("model.norm.weight", "language_model.norm.weight"),
        ("lm_head.weight", "lm_head.weight"),
        ("language_model.model.norm.weight", "language_model.norm.weight"),
        ("language_model.lm_head.weight", "lm_head.weight"),
        ("model.language_model.norm.weight", "language_model.norm.weight"),
        ("model.vision_tower.pos_embed", "vision_tower.pos_embed"),
        ("vision_tower.pos_embed", "vision_tower.pos_embed"),
    ],
)
def test_each_name_that_a_file_may_use_has_one_name_here(stored: str, runtime: str) -> None:
    assert layout.runtime_name(stored) == runtime


@pytest.mark.parametrize("files", [1, 3])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_weights_come_in_several_numbers_and_files(original: Path, dtype: torch.dtype, files: int) -> None:
    before = open_tensors(original).load("cpu", torch.float32)

    tiny_got.save_as(original, dtype, files=files)
    tensors = open_tensors(original)
    loaded = tensors.load("cpu", torch.float32)

    assert all(torch.equal(loaded[name], before[name].to(dtype).float()) for name in before)
    assert tensors["vision_tower.pos_embed"].dtype == dtype
    assert {tensor.dtype for tensor in tensors.load("cpu", torch.bfloat16).values()} == {torch.bfloat16}


def test_tensors_are_read_one_by_one_for_the_device_that_computes(original: Path) -> None:
    stored = open_tensors(original)

    ready = stored.on("cpu", torch.float16)

    assert ready["vision_tower.pos_embed"].dtype == torch.float16
    assert stored["vision_tower.pos_embed"].dtype == torch.float32
    assert (ready.shapes, len(ready), list(ready)) == (stored.shapes, len(stored), list(stored))
    assert ready.get("lm_head.weight") is None


def test_an_output_layer_that_repeats_the_embedding_is_left_out(original: Path) -> None:
    assert "lm_head.weight" in load_file(original / "model.safetensors")

    assert "lm_head.weight" not in open_tensors(original).shapes


def test_an_output_layer_of_its_own_is_kept_and_told(original: Path, caplog: pytest.LogCaptureFixture) -> None:
    def change(tensors: tiny_got.Tensors) -> None:
        tensors["lm_head.weight"] = tensors["lm_head.weight"] * np.float32(2)

    with caplog.at_level(logging.INFO, "gotwatch"):
        tensors = open_tensors(edited(original, change))

    assert torch.equal(tensors["lm_head.weight"], 2 * tensors["language_model.embed_tokens.weight"])
    assert tensors.config["tie_word_embeddings"] is False
    assert "differs from the embedding and is kept" in caplog.text


def test_tensors_that_nobody_needs_are_told_and_not_loaded(tiny: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "gotwatch"):
        tensors = open_tensors(edited(tiny, lambda tensors: tensors.update(extra=np.zeros(3, np.float32))))

    assert "extra" not in tensors.load("cpu", torch.float32)
    assert "1 unused tensors: ['extra']" in caplog.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("multi_modal_projector.conv_upsampler2.weight", "port"),
        ("language_model.model.layers.1.mlp.up_proj.weight", "port"),
        ("vision_tower.layers.1.attn.rel_pos_h", "port"),
        ("vision_tower.layers.1.attn.rel_pos_w", "original"),
        ("vision_tower.layers.1.norm1.bias", "original"),
        ("vision_tower.pos_embed", "original"),
        ("vision_tower.layers.0.attn.rel_pos_h", "original"),
    ],
)
def test_a_tensor_that_lacks_is_named(tiny: Path, original: Path, name: str, kind: str) -> None:
    folder, stored = (tiny, name) if kind == "port" else (original, tiny_got.original_name(name))

    with pytest.raises(CheckpointMissing, match=f"lacks? .*{layout.runtime_name(stored).replace('.', '[.]')}"):
        open_tensors(edited(folder, lambda tensors: tensors.pop(stored)))


@pytest.mark.parametrize(
    "name",
    [
        "vision_tower.layers.1.attn.rel_pos_w",
        "language_model.model.embed_tokens.weight",
        "multi_modal_projector.multimodal_projector.bias",
        "vision_tower.neck.conv2.weight",
    ],
)
def test_a_tensor_of_another_shape_is_named(original: Path, name: str) -> None:
    stored = tiny_got.original_name(name)

    def enlarge(tensors: tiny_got.Tensors) -> None:
        tensors[stored] = np.concatenate([tensors[stored]] * 2)

    with pytest.raises(CheckpointMissing, match=r"it has in another shape 1 tensors \("):
        open_tensors(edited(original, enlarge))


def test_a_config_of_another_size_is_refused(tiny: Path) -> None:
    with pytest.raises(CheckpointMissing, match=r"another shape 1 tensors \(language_model.embed_tokens.weight\)"):
        open_tensors(reconfigured(tiny, "text_config", vocab_size=300))


def test_many_names_are_cut_short(tiny: Path) -> None:
    with pytest.raises(CheckpointMissing, match=r"lacks 12 tensors \(\S+, \S+, \S+, …\)"):
        open_tensors(reconfigured(tiny, "text_config", num_hidden_layers=3))


HOSTILE = [None, -1, 0, 1.5, "32", True, [], {}, 10**30, "x" * 10_000]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "key", ["hidden_size", "num_attention_heads", "num_key_value_heads", "num_hidden_layers", "vocab_size", "head_dim"]
)
def test_nonsense_in_the_language_model_s_config_is_refused(tiny: Path, key: str, value: object) -> None:
    if value is None and key in ("num_key_value_heads", "head_dim"):
        pytest.skip("these may be left out")

    with pytest.raises(CheckpointMissing) as refused:
        open_tensors(reconfigured(tiny, "text_config", **{key: value}))

    assert len(refused.value.message) < 300


@pytest.mark.parametrize("value", HOSTILE[1:])
@pytest.mark.parametrize(
    "key",
    ["hidden_size", "num_attention_heads", "patch_size", "image_size", "num_hidden_layers", "global_attn_indexes"],
)
def test_nonsense_in_the_vision_model_s_config_is_refused(tiny: Path, key: str, value: object) -> None:
    with pytest.raises(CheckpointMissing):
        open_tensors(reconfigured(tiny, "vision_config", **{key: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"text_config": 3},
        {"text_config": None},
        {"vision_config": "x"},
        {"image_token_index": "x"},
        {"image_token_index": -3},
    ],
)
def test_nonsense_in_the_config_is_refused(tiny: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(CheckpointMissing):
        open_tensors(reconfigured(tiny, **changes))


@pytest.mark.parametrize(("key", "value"), [("rope_theta", "x"), ("rope_theta", -1), ("rms_norm_eps", float("nan"))])
def test_nonsense_among_the_fractions_is_refused(tiny: Path, key: str, value: object) -> None:
    with pytest.raises(CheckpointMissing, match=f"{key} is"):
        open_tensors(reconfigured(tiny, "text_config", **{key: value}))


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"\xff" * 100, struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 9) + b'{"a": {}}']
)
def test_weights_that_are_none_are_refused(tiny: Path, content: bytes) -> None:
    (tiny / "model.safetensors").write_bytes(content)

    with pytest.raises(CheckpointMissing):
        open_tensors(tiny)


def test_cut_off_weights_are_refused_before_any_is_loaded(tiny: Path) -> None:
    path = tiny / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])

    with pytest.raises(CheckpointMissing, match=r"model\.safetensors is damaged or not complete"):
        open_tensors(tiny)


def test_numbers_of_an_unknown_kind_are_named(tiny: Path) -> None:
    name = "vision_tower.pos_embed"
    tensors = open_tensors(edited(tiny, lambda tensors: tensors.update({name: tensors[name].astype(np.int8)})))

    with pytest.raises(CheckpointMissing, match="numbers of the kind I8"):
        tensors.load("cpu", torch.float32)


def test_one_tensor_under_two_names_is_refused(original: Path) -> None:
    def double(tensors: tiny_got.Tensors) -> None:
        tensors["vision_tower.pos_embed"] = tensors["model.vision_tower_high.pos_embed"]

    with pytest.raises(CheckpointMissing, match="is there twice"):
        open_tensors(edited(original, double))


def test_strange_names_are_told_in_one_short_line(tiny: Path, caplog: pytest.LogCaptureFixture) -> None:
    strange = {"\n\x1b[31m" + "x" * 10_000: np.zeros(1, np.float32), "": np.zeros(1, np.float32)}

    open_tensors(edited(tiny, lambda tensors: tensors.update(strange)))

    (record,) = caplog.records
    assert len(record.getMessage()) < 400
    assert "\n" not in record.getMessage()
