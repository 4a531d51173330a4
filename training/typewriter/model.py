"""The typewriter's network: GOT's architecture, small, and what only its training adds."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Cache, GotOcr2Config, GotOcr2ForConditionalGeneration

from training.typewriter import font, vocabulary
from training.typewriter.pages import COLUMNS, ROWS
from training.typewriter.tasks import CELLS_HIGH, CELLS_WIDE, SIDE, TOKENS_PER_VIEW

PATCH = 4
CELL_PATCHES = (SIDE // ROWS // PATCH, SIDE // COLUMNS // PATCH)  # one above the other, side by side
POSITIONS = 2048
MAX_VIEWS = 5
BEHIND = font.GLYPHS  # what a cell shows that stands behind the end of its line
IGNORED = -100

_RECALLING_LAYER = 2
_RECALLING_HEADS = 2  # of four
_POINTING_LAYER = 3
_POINTING_HEADS = 3  # of four: one alone is too narrow to carry all that an image token shows


def config() -> GotOcr2Config:
    return GotOcr2Config(
        image_token_index=vocabulary.mark("<imgpad>"),
        image_seq_length=TOKENS_PER_VIEW,
        tie_word_embeddings=True,
        vision_config={
            "hidden_size": 64,
            "output_channels": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": PATCH,
            "window_size": 8,
            "global_attn_indexes": [1],
            "mlp_dim": 128,
        },
        text_config={
            "model_type": "qwen2",
            "vocab_size": vocabulary.size(),
            "hidden_size": 192,
            "intermediate_size": 448,
            "num_hidden_layers": 5,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": POSITIONS,
            "rope_theta": 1e6,
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": True,
            "bos_token_id": vocabulary.mark("<|endoftext|>"),
            "eos_token_id": vocabulary.mark("<|endoftext|>"),
        },
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Exercises with one number of views each. Where there is no label: IGNORED."""

    views: Tensor  # (exercises * views, 3, side, side)
    ids: Tensor  # (exercises, length), padded at the right
    first_image: int  # the place of the first image token
    first_answer: int  # a place before which no row has its first label
    labels: Tensor  # (exercises, length - first_answer): the next token
    places: Tensor  # the same: the image token that shows it
    columns: Tensor  # the same: the column of its cell in its view
    rows: Tensor
    cells: Tensor  # (exercises * views, rows, columns) of glyphs
    glyphs: Tensor  # the same, as (exercises * views, tokens, cells of a token)
    inks: Tensor  # (exercises * views, tokens, rows of a token): colour and how many lines above have it
    corners: Tensor  # (exercises, 2): the last row and column of the box

    @property
    def tokens(self) -> int:
        """What is to be written."""
        return int((self.labels != IGNORED).sum())


@dataclass(frozen=True, slots=True)
class Losses:
    text: Tensor
    cells: Tensor
    glyphs: Tensor
    inks: Tensor
    recalling: Tensor
    pointing: Tensor
    carrying: Tensor
    counting: Tensor
    enclosing: Tensor

    @property
    def total(self) -> Tensor:
        shown = 0.5 * self.cells + 0.5 * self.glyphs + 0.2 * self.inks
        found = 0.3 * self.recalling + 0.5 * self.pointing + 0.3 * self.carrying + 0.5 * self.counting
        found = found + 0.2 * self.enclosing
        return self.text + shown + found


@dataclass(frozen=True, slots=True)
class _Trace:
    """What the decoder thought at each place of the answers."""

    last: Tensor  # (exercises, length, hidden), at the end
    before: Tensor  # the same, before the pointing layer
    carried: Tensor  # the same, what that layer's attention added
    recalled: Tensor  # (exercises, length, heads, keys): where the heads look that find the last letter again
    pointed: Tensor  # the same, of those that find the next one


class Apprentice(nn.Module):  # type: ignore[misc]  # torch is not among what mypy reads
    """The model with heads that tell it, in training alone, what each image token shows and where the next letter is.

    Without them a model of this size looks at the page for an hour before it begins to read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.got = GotOcr2ForConditionalGeneration(config()).float()
        self.got.model.language_model.config._attn_implementation = "eager"  # at these lengths twice as fast
        hidden = self.got.config.text_config.hidden_size
        self.cell_head = nn.Linear(
            math.prod(CELL_PATCHES) * self.got.config.vision_config.output_channels, font.GLYPHS + 1
        )
        self.glyph_head = nn.Linear(hidden, CELLS_WIDE * CELLS_HIGH * (font.GLYPHS + 1))
        self.ink_head = nn.Linear(hidden, CELLS_HIGH * 4 * ROWS)
        self.row_head = nn.Linear(hidden, ROWS)
        self.column_head = nn.Linear(hidden, COLUMNS)
        self.view_head = nn.Linear(hidden, MAX_VIEWS)
        self.bottom_head = nn.Linear(hidden, ROWS)
        self.right_head = nn.Linear(hidden, COLUMNS)
        _initialise(self.got)

    def forward(self, batch: Batch, *, looks: bool, writes: bool) -> Losses:
        """*looks*: the vision learns too. *writes*: so does the decoder."""
        with torch.set_grad_enabled(looks and self.training):
            features, embedded = self._see(batch.views)
        cells = glyphs = inks = torch.zeros(())
        if looks:
            cells = _cross_entropy(self.cell_head(_cells(features)), batch.cells)
            glyphs = _cross_entropy(self.glyph_head(embedded).unflatten(-1, (-1, font.GLYPHS + 1)), batch.glyphs)
            inks = _cross_entropy(self.ink_head(embedded).unflatten(-1, (-1, 4 * ROWS)), batch.inks)
        if not writes:
            nothing = torch.zeros(())
            return Losses(
                text=nothing,
                cells=cells,
                glyphs=glyphs,
                inks=inks,
                recalling=nothing,
                pointing=nothing,
                carrying=nothing,
                counting=nothing,
                enclosing=nothing,
            )
        trace = self._write(batch, embedded)
        logits = F.linear(trace.last, self.got.lm_head.weight)
        return Losses(
            text=_cross_entropy(logits, batch.labels),
            cells=cells,
            glyphs=glyphs,
            inks=inks,
            recalling=_looks_at(trace.recalled, _of_the_letter_before(batch.places)),
            pointing=_looks_at(trace.pointed, batch.places),
            carrying=self._carrying(trace.carried, batch),
            counting=self._counting(trace.before, batch),
            enclosing=self._enclosing(trace.before, batch),
        )

    def _see(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """What the vision makes of the views, and what the decoder gets of it."""
        # Two at a time: then the attention of a whole view stays in the processor's cache, and it takes half as long.
        features = torch.cat([self.got.model.vision_tower(part).last_hidden_state for part in views.split(2)])
        return features, self.got.model.multi_modal_projector(features)

    def _write(self, batch: Batch, embedded: Tensor) -> "_Trace":
        decoder = self.got.model.language_model
        exercises = batch.ids.shape[0]
        image = embedded.reshape(exercises, -1, embedded.shape[-1])
        words = decoder.embed_tokens(batch.ids[:, batch.first_image + image.shape[1] :])
        head = self._shared_head(batch, exercises)
        recalling, pointing = decoder.layers[_RECALLING_LAYER], decoder.layers[_POINTING_LAYER]
        came: list[tuple[Tensor, tuple[Tensor, Tensor]]] = []
        carried: list[Tensor] = []
        hooks = [
            layer.register_forward_pre_hook(
                lambda _layer, args, kwargs: came.append((args[0], kwargs["position_embeddings"])), with_kwargs=True
            )
            for layer in (recalling, pointing)
        ]
        hooks.append(pointing.self_attn.register_forward_hook(lambda _layer, _args, output: carried.append(output[0])))
        inputs = torch.cat([image, words], dim=1)
        hidden = decoder(inputs_embeds=inputs, past_key_values=head, use_cache=True).last_hidden_state
        for hook in hooks:
            hook.remove()
        first = batch.first_answer - batch.first_image
        return _Trace(
            last=hidden[:, first:],
            before=came[1][0][:, first:],
            carried=carried[0][:, first:],
            recalled=_scores(recalling, *came[0], first, heads=_RECALLING_HEADS),
            pointed=_scores(pointing, *came[1], first, heads=_POINTING_HEADS),
        )

    def _shared_head(self, batch: Batch, exercises: int) -> Cache:
        """The keys and values of the system's sentence, which is the same for all: a quarter of the tokens."""
        decoder = self.got.model.language_model
        words = decoder.embed_tokens(batch.ids[:1, : batch.first_image])
        cache = decoder(inputs_embeds=words, use_cache=True).past_key_values
        cache.batch_repeat_interleave(exercises)
        return cache

    def _carrying(self, carried: Tensor, batch: Batch) -> Tensor:
        """Whether all that the image token shows has come along: read by the head that reads the token itself."""
        shown = batch.glyphs.reshape(carried.shape[0], -1, batch.glyphs.shape[-1])
        rows, steps = torch.nonzero(batch.places >= 0, as_tuple=True)
        glyphs = self.glyph_head(carried[rows, steps]).unflatten(-1, (-1, font.GLYPHS + 1))
        return _cross_entropy(glyphs, shown[rows, batch.places[rows, steps]])

    def _counting(self, before: Tensor, batch: Batch) -> Tensor:
        views = torch.where(batch.places < 0, IGNORED, batch.places // TOKENS_PER_VIEW)
        return (
            _cross_entropy(self.row_head(before), batch.rows)
            + _cross_entropy(self.column_head(before), batch.columns)
            + _cross_entropy(self.view_head(before), views)
        )

    def _enclosing(self, before: Tensor, batch: Batch) -> Tensor:
        """Where the box ends must be known all along: else its beginning is found and its end is not."""
        bottom, right = (
            torch.where(batch.labels == IGNORED, IGNORED, corner[:, None]) for corner in batch.corners.unbind(1)
        )
        return _cross_entropy(self.bottom_head(before), bottom) + _cross_entropy(self.right_head(before), right)


def _looks_at(scores: Tensor, places: Tensor) -> Tensor:
    return _cross_entropy(scores, places[..., None].expand(-1, -1, scores.shape[2]))


def _of_the_letter_before(places: Tensor) -> Tensor:
    return F.pad(places[:, :-1], (1, 0), value=IGNORED)


def _scores(
    layer: nn.Module, before: Tensor, positions: tuple[Tensor, Tensor], first_answer: int, *, heads: int
) -> Tensor:
    """(exercises, answer, heads, length): the scores of the first heads of *layer*, before softmax."""
    attention, normed = layer.self_attn, layer.input_layernorm(before)
    query = _projected(normed[:, first_answer:], attention.q_proj, heads, attention.head_dim)
    key = _projected(normed, attention.k_proj, heads, attention.head_dim)
    cos, sin = (table[:, :, None] for table in positions)
    query = _turned(query, cos[:, first_answer:], sin[:, first_answer:])
    scores = torch.einsum("banc,blnc->banl", query, _turned(key, cos, sin)) / math.sqrt(attention.head_dim)
    own = torch.arange(first_answer, before.shape[1])[:, None, None]
    return scores.masked_fill(torch.arange(before.shape[1]) > own, -1e9)


def _projected(normed: Tensor, projection: nn.Linear, heads: int, head_dim: int) -> Tensor:
    """(exercises, length, heads, head_dim), for the first heads alone."""
    size = heads * head_dim
    return F.linear(normed, projection.weight[:size], projection.bias[:size]).unflatten(-1, (-1, head_dim))


def _turned(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * cos + torch.cat([-second, first], dim=-1) * sin


def _cells(features: Tensor) -> Tensor:
    """(views, channels, patches, patches) as (views, rows, columns, channels of all patches of the cell)."""
    stacked = features.unflatten(3, (COLUMNS, CELL_PATCHES[1])).unflatten(2, (ROWS, CELL_PATCHES[0]))
    return stacked.permute(0, 2, 4, 1, 3, 5).flatten(3)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """0 where nothing is labelled."""
    flat = labels.flatten()
    kept = flat != IGNORED
    if not kept.any():
        return logits.sum() * 0
    return F.cross_entropy(logits.flatten(0, -2)[kept].float(), flat[kept])


def _initialise(model: nn.Module) -> None:
    """Wider than the library's: at this size its 0.02 is a slow start."""
    for name, parameter in model.named_parameters():
        if "rel_pos" in name:
            nn.init.normal_(parameter, 0, 0.02)
        elif "pos_embed" in name:
            nn.init.normal_(parameter, 0, 0.2)
        elif "embed_tokens" in name:
            nn.init.normal_(parameter, 0, 0.05)
        elif parameter.dim() >= 2:
            nn.init.normal_(parameter, 0, 1 / math.sqrt(parameter[0].numel()))
