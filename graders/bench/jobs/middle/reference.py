"""Causal scaled dot-product attention."""

import math

import torch


def attention(q, k, v):
    """Return the attention of queries to keys and values, each of shape (b, h, n, d)."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    future = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device).triu(1)
    return scores.masked_fill(future, -math.inf).softmax(-1) @ v
