"""The typewriter's network: GOT's architecture, small, and what only its training adds."""

import math
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration, GotOcr2VisionConfig

from gotwatch.engine.checkpoint.sizes import VisionSizes
from gotwatch.engine.got import products
from gotwatch.engine.got.preprocess import Recipe, normalised
from gotwatch.engine.got.vision import VisionTower
from training.typewriter import font, hints, vocabulary
from training.typewriter.decoder import Pass, decode, for_each
from training.typewriter.pages import CELLS_HIGH, CELLS_WIDE, COLUMNS, ROWS, SIDE, TOKENS_PER_VIEW, TOKENS_WIDE

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Exercises with one number of views each, some of them about the same. Where there is no label: IGNORED."""

    views: Tensor  # (sets * views, side, side, 3) of levels, uint8
    sets: Tensor  # (exercises,): of which views
    ids: Tensor  # (exercises, length), padded at the right
    first_image: int  # the place of the first image token
    first_answer: int  # a place before which no row has its first label
    labels: Tensor  # (exercises, length - first_answer): the next token
    weights: Tensor  # the same: how much it counts
    places: Tensor  # the same: the image token that shows it
    columns: Tensor  # the same: the column of its cell in its view
    rows: Tensor
    natures: Tensor  # the same: what its line is
    next_views: Tensor  # the same: where the line after its own stands
    next_rows: Tensor
    cells: Tensor  # (sets * views, rows, columns) of glyphs
    glyphs: Tensor  # the same, as (sets * views, tokens, cells of a token)
    inks: Tensor  # (sets * views, tokens): colour and how many lines above have it
    kinds: Tensor  # (sets * views, tokens): what the line is
    followers: Tensor  # (sets * views, tokens): what stands below the line
    edges: Tensor  # (exercises, 4): the first column and row inside of the box, and the last ones
    edge_places: Tensor  # (exercises, 4): behind which word after the image each of them has been said

    @property
    def weight(self) -> float:
        """Of all that is to be written."""
        return float(self.weights[self.labels != IGNORED].sum())


def _nothing() -> Tensor:
    return torch.zeros(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Each is 0 where it was not asked for."""

    cells: Tensor = field(default_factory=_nothing)
    glyphs: Tensor = field(default_factory=_nothing)
    inks: Tensor = field(default_factory=_nothing)
    lines: Tensor = field(default_factory=_nothing)
    text: Tensor = field(default_factory=_nothing)
    recalling: Tensor = field(default_factory=_nothing)
    pointing: Tensor = field(default_factory=_nothing)
    carrying: Tensor = field(default_factory=_nothing)
    counting: Tensor = field(default_factory=_nothing)
    standing: Tensor = field(default_factory=_nothing)
    planning: Tensor = field(default_factory=_nothing)
    enclosing: Tensor = field(default_factory=_nothing)

    @property
    def total(self) -> Tensor:
        shown = 0.5 * self.cells + 0.5 * self.glyphs + 0.2 * self.inks + 0.2 * self.lines
        found = 0.3 * self.recalling + 0.5 * self.pointing + 0.3 * self.carrying
        known = self.counting + 0.1 * self.standing + 0.3 * self.planning + 0.2 * self.enclosing
        return self.text + shown + found + known


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
        self.ink_head = nn.Linear(hidden, 4 * ROWS)
        self.kind_head = nn.Linear(hidden, hints.NATURES)
        self.follower_head = nn.Linear(hidden, hints.FOLLOWERS)
        self.row_head = nn.Linear(hidden, ROWS)
        self.column_head = nn.Linear(hidden, COLUMNS)
        self.view_head = nn.Linear(hidden, MAX_VIEWS)
        self.nature_head = nn.Linear(hidden, hints.NATURES)
        self.next_row_head = nn.Linear(hidden, ROWS + 1)
        self.next_view_head = nn.Linear(hidden, MAX_VIEWS + 1)
        self.edge_heads = nn.ModuleList(nn.Linear(hidden, size) for size in (COLUMNS, ROWS) * 2)
        _initialise(self.got)

    def forward(self, batch: Batch, *, looks: bool, writes: bool) -> Losses:
        """*looks*: the vision learns too. *writes*: so does the decoder."""
        features, embedded = self._see(batch.views) if looks else (None, self._see_at_rest(batch.views))
        losses = Losses()
        if looks:
            losses = replace(
                losses,
                cells=_cross_entropy(self.cell_head(_cells(features)), batch.cells),
                glyphs=self._glyphs(embedded, batch.glyphs),
                inks=_cross_entropy(self.ink_head(embedded), batch.inks),
                lines=self._lines(embedded, batch.kinds, batch.followers),
            )
        return self._write(batch, embedded, losses) if writes else losses

    def _see(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """What the vision makes of the views, and what the decoder gets of it."""
        # Two at a time: then the attention of a whole view stays in the processor's cache, and it takes half as long.
        parts = torch.from_numpy(normalised(views.numpy(), Recipe(SIDE))).split(2)
        features = torch.cat([self.got.model.vision_tower(part).last_hidden_state for part in parts])
        return features, self.got.model.multi_modal_projector(features)

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not among what mypy reads
    def _see_at_rest(self, views: Tensor) -> Tensor:
        """What the decoder gets of it, by the engine: in half the time, but nothing can be learned from it."""
        tensors = {name.removeprefix("model."): tensor for name, tensor in self.got.named_parameters()}
        tower = VisionTower(tensors, _vision_sizes(self.got.config.vision_config), Recipe(SIDE), products.dense)
        return torch.cat([tower(part) for part in views.split(2)])

    def _write(self, batch: Batch, embedded: Tensor, losses: Losses) -> Losses:
        """*losses*, and those of writing."""
        decoder = self.got.model.language_model
        image = embedded.reshape(int(batch.sets[-1]) + 1, -1, embedded.shape[-1])
        first_word = batch.first_image + image.shape[1]
        # The system's sentence is the same for all, and the image for all questions about it: each is passed once.
        system = decode(decoder, decoder.embed_tokens(batch.ids[:1, : batch.first_image]), None, first=None, traced={})
        known = for_each(system.known, torch.zeros(len(image), dtype=torch.long))
        seen = decode(decoder, image, known, first=None, traced={_POINTING_LAYER: 0})
        answered = decode(
            decoder,
            decoder.embed_tokens(batch.ids[:, first_word:]),
            for_each(seen.known, batch.sets),
            first=batch.first_answer - first_word,
            traced={_RECALLING_LAYER: _RECALLING_HEADS, _POINTING_LAYER: _POINTING_HEADS},
        )
        return self._written(batch, losses, seen.traces[_POINTING_LAYER].before, answered)

    def _written(self, batch: Batch, losses: Losses, image: Tensor, answered: Pass) -> Losses:
        first = answered.traces[_POINTING_LAYER].before.shape[1] - batch.labels.shape[1]
        recalling, pointing = answered.traces[_RECALLING_LAYER], answered.traces[_POINTING_LAYER]
        recalled, pointed = (trace.scores[:, first:, :, batch.first_image :] for trace in (recalling, pointing))
        before = pointing.before[:, first:]
        return replace(
            losses,
            text=_weighted(F.linear(answered.last, self.got.lm_head.weight), batch),
            recalling=_looks_at(recalled, _of_the_letter_before(batch.places)),
            pointing=_looks_at(pointed, batch.places),
            carrying=self._carrying(pointing.added[:, first:], batch),
            counting=self._counting(before, batch),
            standing=self._standing(image),
            planning=self._planning(before, batch),
            enclosing=self._enclosing(before, batch) + self._edges(recalling.before, batch),
        )

    def _glyphs(self, shown: Tensor, glyphs: Tensor) -> Tensor:
        return _cross_entropy(self.glyph_head(shown).unflatten(-1, (-1, font.GLYPHS + 1)), glyphs)

    def _lines(self, shown: Tensor, kinds: Tensor, followers: Tensor) -> Tensor:
        """With these known where the line is seen, its markup and what comes after it need only be looked up."""
        return _cross_entropy(self.kind_head(shown), kinds) + _cross_entropy(self.follower_head(shown), followers)

    def _carrying(self, carried: Tensor, batch: Batch) -> Tensor:
        """Whether all that the image token shows has come along: read by the heads that read the token itself."""
        rows, steps = torch.nonzero(batch.places >= 0, as_tuple=True)
        sets, places = batch.sets[rows], batch.places[rows, steps]
        letters, kinds, followers = (
            labels.reshape(int(batch.sets[-1]) + 1, -1, *labels.shape[2:])[sets, places]
            for labels in (batch.glyphs, batch.kinds, batch.followers)
        )
        return self._glyphs(carried[rows, steps], letters) + 0.5 * self._lines(carried[rows, steps], kinds, followers)

    def _counting(self, before: Tensor, batch: Batch) -> Tensor:
        views = torch.where(batch.places < 0, IGNORED, batch.places // TOKENS_PER_VIEW)
        return (
            _cross_entropy(self.row_head(before), batch.rows)
            + _cross_entropy(self.column_head(before), batch.columns)
            + _cross_entropy(self.view_head(before), views)
        )

    def _standing(self, image: Tensor) -> Tensor:
        """Each image token knows where it stands, in the terms in which the answer's places know where to look."""
        views = image.shape[1] // TOKENS_PER_VIEW
        place = torch.arange(TOKENS_PER_VIEW)
        row, column = place // TOKENS_WIDE, place % TOKENS_WIDE * CELLS_WIDE
        return (
            _cross_entropy(self.row_head(image), row.repeat(len(image), views))
            + _cross_entropy(self.column_head(image), column.repeat(len(image), views))
            + _cross_entropy(
                self.view_head(image), torch.arange(views).repeat_interleave(TOKENS_PER_VIEW).expand(len(image), -1)
            )
        )

    def _planning(self, before: Tensor, batch: Batch) -> Tensor:
        """All along a line it is known what the line is and where the next one stands: what comes at its end is a
        small part of all tokens and most of all mistakes."""
        return (
            _cross_entropy(self.nature_head(before), batch.natures)
            + _cross_entropy(self.next_row_head(before), batch.next_rows)
            + _cross_entropy(self.next_view_head(before), batch.next_views)
        )

    def _enclosing(self, before: Tensor, batch: Batch) -> Tensor:
        """Where the box ends must be known all along: else its beginning is found and its end is not."""
        losses = _nothing()
        for head, edge in zip(self.edge_heads, batch.edges.unbind(1), strict=True):
            losses = losses + _cross_entropy(head(before), torch.where(batch.labels == IGNORED, IGNORED, edge[:, None]))
        return losses

    def _edges(self, early: Tensor, batch: Batch) -> Tensor:
        """And as soon as its number has been read."""
        losses = _nothing()
        said = early[torch.arange(len(early))[:, None], batch.edge_places]
        for axis, head in enumerate(self.edge_heads):
            losses = losses + _cross_entropy(head(said[:, axis]), batch.edges[:, axis])
        return losses


def _vision_sizes(config: GotOcr2VisionConfig) -> VisionSizes:
    windows = [config.window_size] * config.num_hidden_layers
    for layer in config.global_attn_indexes:
        windows[layer] = 0
    return VisionSizes(
        side=config.image_size,
        patch=config.patch_size,
        width=config.hidden_size,
        heads=config.num_attention_heads,
        mlp=config.mlp_dim,
        windows=tuple(windows),
        eps=config.layer_norm_eps,
    )


def _weighted(logits: Tensor, batch: Batch) -> Tensor:
    kept = batch.labels != IGNORED
    weights = batch.weights[kept]
    losses = F.cross_entropy(logits[kept], batch.labels[kept], reduction="none")
    return (losses * weights).sum() / weights.sum()


def _looks_at(scores: Tensor, places: Tensor) -> Tensor:
    return _cross_entropy(scores, places[..., None].expand(-1, -1, scores.shape[2]))


def _of_the_letter_before(places: Tensor) -> Tensor:
    return F.pad(places[:, :-1], (1, 0), value=IGNORED)


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
