#!/usr/bin/env python3
"""Writes the attention cases of this folder: inputs, and outputs computed by PyTorch in float64.

Run with Debian's python3-torch and python3-numpy: python3 make_attention.py. The seeds are fixed, so inputs do not change between
runs; outputs are float64 sums, whose last bits may differ between builds of PyTorch.

Each case is a folder with q.npy, k.npy, v.npy, o.npy, lse.npy (natural log), kv_lengths.npy where the case has lengths, and
case.json with the options. o and lse are float64: they are the reference, not an implementation's answer. The reference sees
q, k and v as they are stored, so float16 inputs are rounded once, before it.
"""
import json
import math
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent


def visible_keys(queries, keys, causal, window):
    """[queries, keys] mask. Query i stands at key position p = i + keys - queries."""
    p = torch.arange(queries)[:, None] + keys - queries
    j = torch.arange(keys)[None, :]
    visible = torch.ones(queries, keys, dtype=torch.bool)
    if causal:
        visible &= j <= p
    left, right = window
    if left >= 0:
        visible &= j >= p - left
    if right >= 0:
        visible &= j <= p + right
    return visible


def attention(q, k, v, causal, window, softcap, scale, kv_lengths):
    """float64 softmax(mask(cap(scale * Q K^T))) V and its log-sum-exp; a row that sees no key gives 0 and -inf."""
    group = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(group, dim=1)
    v = v.repeat_interleave(group, dim=1)
    scores = scale * (q @ k.transpose(-1, -2))
    if softcap > 0:
        scores = softcap * torch.tanh(scores / softcap)
    visible = visible_keys(q.shape[2], k.shape[2], causal, window)[None, None]
    if kv_lengths is not None:
        visible = visible & (torch.arange(k.shape[2]) < kv_lengths[:, None])[:, None, None, :]
    scores = scores.masked_fill(~visible, -math.inf)
    lse = torch.logsumexp(scores, dim=-1)
    weights = torch.where(visible, torch.exp(scores - lse[..., None]), torch.zeros((), dtype=scores.dtype))
    weights = torch.where(torch.isinf(lse)[..., None], torch.zeros((), dtype=scores.dtype), weights)
    return weights @ v, lse


def case(name, seed, dtype, batch, heads, kv_heads, queries, keys, dim, dim_v=None, causal=False, window=(-1, -1), softcap=0.0,
         scale=None, kv_lengths=None, spread=1.0):
    dim_v = dim_v or dim
    random = np.random.RandomState(seed)  # a frozen generator: its stream is the same in every NumPy
    q = (spread * random.standard_normal((batch, heads, queries, dim))).astype(dtype)
    k = (spread * random.standard_normal((batch, kv_heads, keys, dim))).astype(dtype)
    v = random.standard_normal((batch, kv_heads, keys, dim_v)).astype(dtype)
    scale = scale or 1.0 / math.sqrt(dim)
    lengths = None if kv_lengths is None else np.array(kv_lengths, dtype="<i4")
    o, lse = attention(
        *(torch.from_numpy(a.astype(np.float64)) for a in (q, k, v)),
        causal, window, softcap, scale, None if lengths is None else torch.from_numpy(lengths.astype(np.int64)))

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    arrays = {"q": q, "k": k, "v": v, "o": o.numpy(), "lse": lse.numpy()}
    if lengths is not None:
        arrays["kv_lengths"] = lengths
    for key, array in arrays.items():
        np.save(folder / f"{key}.npy", np.ascontiguousarray(array))
    options = {"causal": causal, "window": list(window), "softcap": softcap, "scale": scale, "kv_lengths": lengths is not None}
    (folder / "case.json").write_text(json.dumps(options, indent=2) + "\n")
    print(f"{name}: {int(torch.isinf(lse).sum())} of {lse.numel()} rows see no key")


f4, f2 = np.dtype("<f4"), np.dtype("<f2")
case("mha_f32", 1, f4, batch=2, heads=2, kv_heads=2, queries=33, keys=33, dim=32)
case("gqa_f16", 2, f2, batch=1, heads=6, kv_heads=2, queries=19, keys=70, dim=64)
case("causal_fewer_queries_f32", 3, f4, batch=1, heads=2, kv_heads=1, queries=17, keys=67, dim=24, dim_v=40, causal=True)
case("causal_fewer_keys_f32", 4, f4, batch=1, heads=2, kv_heads=2, queries=40, keys=23, dim=16, causal=True)
case("window_softcap_f32", 5, f4, batch=1, heads=2, kv_heads=2, queries=65, keys=65, dim=32, window=(9, 3), softcap=5.0, spread=3.0)
case("lengths_f32", 6, f4, batch=3, heads=2, kv_heads=1, queries=7, keys=50, dim=32, kv_lengths=[50, 13, 1])
case("masked_rows_f16", 7, f2, batch=2, heads=2, kv_heads=2, queries=9, keys=20, dim=16, causal=True, scale=0.3, kv_lengths=[0, 4], window=(9, -1))
