"""The whole model on its device: views and words in, logits out."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from gotwatch.engine.got import products
from gotwatch.engine.got.decoder import Decoder
from gotwatch.engine.got.device import Device
from gotwatch.engine.got.opened import Opened
from gotwatch.engine.got.products import MakeProduct
from gotwatch.engine.got.vision import VisionTower


@dataclass(frozen=True, slots=True)
class Model:
    vision: VisionTower
    decoder: Decoder
    stops: frozenset[int]
    on: Device

    def embed(self, ids: Tensor, views: Tensor, *, first_image: int, views_at_once: int) -> Tensor:
        """Prompts of one length, (rows, length), with their *views*, (all rows' views, side, side, 3), in place of the
        image tokens, which stand together from *first_image* on."""
        seen = torch.cat([self.vision(part) for part in views.split(views_at_once)])
        seen = seen.reshape(ids.shape[0], -1, seen.shape[-1])
        embeddings = self.decoder.embed(ids)
        embeddings[:, first_image : first_image + seen.shape[1]] = seen
        return embeddings


def build(opened: Opened, on: Device) -> Model:
    return build_of(opened, on, products.int8 if on.int8 else products.dense)


def build_of(opened: Opened, on: Device, make_product: MakeProduct) -> Model:
    """*make_product*: how the weights of its products are kept."""
    tensors: Mapping[str, Tensor] = opened.tensors.on(on.name, on.dtype)
    return Model(
        VisionTower(tensors, opened.sizes.vision, opened.recipe, make_product),
        Decoder(tensors, opened.sizes.text, make_product),
        stops=frozenset(opened.vocabulary.stops),
        on=on,
    )
