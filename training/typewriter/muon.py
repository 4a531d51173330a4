"""The optimizer for the products inside the layers: Muon (https://kellerjordan.github.io/posts/muon) in float32.

torch.optim has the same in bfloat16, which takes two seconds for a step where the processor does not know that type.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_MOMENTUM = 0.95
_COEFFICIENTS = (3.4445, -4.775, 2.0315)  # of a polynomial that drives singular values to about 1
_ROUNDS = 5
_LIKE_ADAM = 0.2  # the size of an entry's change, which AdamW's has too: so both go at one rate


class Muon(torch.optim.Optimizer):  # type: ignore[misc]  # torch is not among what mypy reads
    def __init__(self, parameters: Iterable[nn.Parameter], rate: float, *, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": rate, "weight_decay": weight_decay})

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not among what mypy reads
    def step(self) -> None:
        for group in self.param_groups:
            rate = group["lr"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                momentum = state.setdefault("momentum_buffer", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - _MOMENTUM)
                change = orthogonal(parameter.grad.lerp(momentum, _MOMENTUM))
                parameter.mul_(1 - rate * group["weight_decay"])
                parameter.add_(change, alpha=-rate * _LIKE_ADAM * max(parameter.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """About the nearest matrix whose singular values are all 1, by Newton and Schulz."""
    linear, cubic, quintic = _COEFFICIENTS
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / wide.norm().clamp(min=1e-7)
    for _ in range(_ROUNDS):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=cubic, alpha=quintic), wide, beta=linear)
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
