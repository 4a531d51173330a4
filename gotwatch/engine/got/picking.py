"""The next token: the likeliest one that does not complete an n-gram a second time. On the device, without a copy."""

import torch
from torch import Tensor


def pick(logits: Tensor, tokens: Tensor, lengths: Tensor, *, ngram: int) -> tuple[Tensor, Tensor]:
    """The chosen tokens and their log-probabilities, (rows,) each.

    *logits*: (rows, vocabulary). *tokens*: (rows, room), what each row has seen, prompt included; *lengths*: (rows,),
    how many of them. *ngram*: the length that must not come twice, 0 for no such rule.
    """
    if ngram and tokens.shape[1] >= ngram:
        logits = _without_repeats(logits, tokens, lengths, ngram)
    chosen = logits.argmax(dim=-1)
    log_probs = logits.gather(1, chosen[:, None])[:, 0] - logits.logsumexp(dim=-1)
    return chosen, log_probs


def _without_repeats(logits: Tensor, tokens: Tensor, lengths: Tensor, ngram: int) -> Tensor:
    """Ban every token that followed the last ngram - 1 tokens before."""
    reach = ngram - 1
    tail = lengths[:, None] - reach + torch.arange(reach, device=tokens.device)
    last = tokens.gather(1, tail.clamp(min=0))
    windows = tokens.unfold(1, reach, 1)[:, :-1]  # the last window has no follower
    followers = tokens[:, reach:]
    known = torch.arange(followers.shape[1], device=tokens.device) + reach < lengths[:, None]
    repeats = (windows == last[:, None]).all(dim=-1) & known & (lengths[:, None] >= reach)
    banned = torch.where(repeats, -torch.inf, torch.inf)
    return logits.scatter_reduce(1, followers, banned, "amin", include_self=True)
