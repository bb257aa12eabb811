#!/usr/bin/env python3
"""Times PyTorch's softmax(Q K^T) V beside ksuite's fused attention: float32, one core, the same seeded arrays.

    python3 bench/peers/attention_torch.py [--core N] [--rounds N] [--case NAME ...] [--output FILE]

Both sides are held to one core: the script binds itself to it, its children inherit that, PyTorch gets one thread and ksuite gets
KSUITE_CPU_THREADS=1. Rounds alternate between the two, so that a change of clock or a busy neighbour hits both; a round's ratio
is PyTorch's median over ksuite's, and the table gives the median, least and greatest ratio over the rounds. Before timing, ksuite
computes the very arrays that PyTorch gets, and both outputs are compared: a ratio between different results means nothing.

Needs a built artifacts/ksuite and a Python with NumPy and PyTorch on an optimised BLAS (Debian: python3-torch libopenblas0-pthread).
Debian's PyTorch takes whatever libblas.so.3 is there, and the reference one is about forty times slower than OpenBLAS: a ratio
against that would say nothing about PyTorch, so the script stops where it finds it.
"""
import argparse
import ctypes
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

# Read when the libraries load, so set before they are.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
KSUITE = ROOT / "artifacts" / "ksuite"

# ksuite's names for these cases, with (batch, heads, tokens, head_dim).
CASES = {
    "b1h8n2048d128": (1, 8, 2048, 128),
    "b1h8n2048d64": (1, 8, 2048, 64),
    "b4h16n256d64": (4, 16, 256, 64),
}
TOLERANCE = 1e-4  # of outputs of order 1 in float32; a wrong mask or scale is off by 1e-2 and more


def splitmix64(seed, first, count):
    """Outputs first .. first + count - 1 of the SplitMix64 sequence that ksuite seeds its inputs with."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def normal(seed, shape):
    """Standard normal float32 values by the polar method, in ksuite's order: both values of each accepted pair, one after the other."""
    count = math.prod(shape)
    values, have, at = [], 0, 0
    while have < count:
        pairs = max(1024, int((count - have) / 2 * 1.3))
        uniform = (splitmix64(seed, at, 2 * pairs) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        at += 2 * pairs
        point = 2 * uniform.reshape(pairs, 2) - 1
        r = (point**2).sum(axis=1)
        keep = (r < 1) & (r > 0)
        point, r = point[keep], r[keep]
        values.append((point * np.sqrt(-2 * np.log(r) / r)[:, None]).ravel())
        have += values[-1].size
    return np.concatenate(values)[:count].astype(np.float32).reshape(shape)


def make_inputs(shape, seed):
    batch, heads, tokens, dim = shape
    return [normal(seed ^ salt, (batch, heads, tokens, dim)) for salt in (0x51, 0x4B, 0x56)]


class DlInfo(ctypes.Structure):
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p), ("symbol", ctypes.c_char_p), ("address", ctypes.c_void_p)]


def blas_library():
    """The file whose sgemm PyTorch's matrix product calls. Names of loaded libraries do not tell: LAPACK may bring a second BLAS."""
    if torch.backends.mkl.is_available():
        return "mkl"
    torch.matmul(torch.ones(8, 8), torch.ones(8, 8))
    with open("/proc/self/maps", encoding="utf-8") as maps:
        torch_cpu = next((line.split()[-1] for line in maps if "libtorch_cpu" in line), None)
    try:
        sgemm = ctypes.cast(ctypes.CDLL(torch_cpu).sgemm_, ctypes.c_void_p)
    except (AttributeError, OSError):
        return "unknown"
    info = DlInfo()
    found = ctypes.CDLL(None).dladdr(sgemm, ctypes.byref(info))
    return os.path.realpath(info.file.decode()) if found and info.file else "unknown"


def is_reference_blas(path):
    return os.path.basename(path).startswith("libblas.so") and not any(name in path for name in ("openblas", "blis", "atlas", "mkl"))


def torch_attention(q, k, v):
    scores = torch.matmul(q * (1.0 / math.sqrt(q.shape[-1])), k.transpose(-1, -2))
    return torch.matmul(torch.softmax(scores, dim=-1), v)


def ksuite(*arguments):
    environment = dict(os.environ, KSUITE_CPU_THREADS="1")
    done = subprocess.run([str(KSUITE), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"ksuite {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr or done.stdout}")
    return done.stdout


def check_agreement(name, inputs):
    """Largest difference of the two outputs on the same arrays."""
    with tempfile.TemporaryDirectory(prefix="ksuite-peers-") as folder:
        paths = {key: os.path.join(folder, key + ".npy") for key in ("q", "k", "v", "out")}
        for key, array in zip("qkv", inputs):
            np.save(paths[key], array)
        ksuite("run", "attention", "--device", "cpu", *(part for key, path in paths.items() for part in ("--" + key, path)))
        ours = np.load(paths["out"])
    with torch.no_grad():
        theirs = torch_attention(*map(torch.from_numpy, inputs)).numpy()
    difference = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else math.inf
    if not difference <= TOLERANCE:
        sys.exit(f"{name}: the outputs differ by {difference:.3g}, more than {TOLERANCE}; no time is worth comparing.")
    return difference


def time_torch(tensors, seconds):
    """Median of single calls over about the given time, at least three, after one that is not counted."""
    times = []
    with torch.no_grad():
        torch_attention(*tensors)
        end = time.perf_counter() + seconds
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            torch_attention(*tensors)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def time_ksuite(name):
    """The result of the fastest float32 implementation that ksuite times for the case on the CPU device."""
    report = json.loads(ksuite("bench", "attention", "--case", name, "--device", "cpu", "--format", "json"))
    rows = [row for row in report["results"]
            if row["case"] == name and row["dtype"] == "float32" and row["device"] == "cpu" and row.get("median_s")]
    if not rows:
        sys.exit(f"ksuite bench gave no float32 result for {name} on cpu.")
    return min(rows, key=lambda row: row["median_s"])


def cpu_name():
    try:
        for line in open("/proc/cpuinfo", encoding="utf-8"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def main():
    parser = argparse.ArgumentParser(description="PyTorch's softmax(QK^T)V against ksuite's attention, on one core.")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="the core both are bound to")
    parser.add_argument("--rounds", type=int, default=3, help="alternations between the two")
    parser.add_argument("--seconds", type=float, default=2.0, help="time PyTorch is given per round and case")
    parser.add_argument("--seed", type=int, default=20260311, help="seed of the arrays; the default is ksuite's own")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="only this case; may be repeated")
    parser.add_argument("--output", type=pathlib.Path, help="also write the results there, as JSON")
    options = parser.parse_args()
    if options.rounds < 1 or options.core not in os.sched_getaffinity(0):
        parser.error("--rounds must be at least 1, and --core one that this process may use")
    if not os.access(KSUITE, os.X_OK):
        sys.exit(f"{KSUITE} is not there; run ./build.sh build first.")
    os.sched_setaffinity(0, {options.core})
    torch.set_num_threads(1)

    blas = blas_library()
    if is_reference_blas(blas):
        sys.exit(f"PyTorch's matrix products run on the reference BLAS here ({blas}). "
                 "Install an optimised one, for example apt-get install libopenblas0-pthread, and run again.")

    results = []
    for name in options.case or CASES:
        batch, heads, tokens, dim = CASES[name]
        flops = 4.0 * batch * heads * tokens * tokens * dim
        inputs = make_inputs(CASES[name], options.seed)
        difference = check_agreement(name, inputs)
        tensors = [torch.from_numpy(array) for array in inputs]
        rounds = []
        for number in range(options.rounds):
            # ABBA: whoever goes first in one round goes second in the next.
            if number % 2 == 0:
                theirs, ours = time_torch(tensors, options.seconds), time_ksuite(name)
            else:
                ours, theirs = time_ksuite(name), time_torch(tensors, options.seconds)
            rounds.append({"torch_s": theirs, "ksuite_s": ours["median_s"], "ratio": theirs / ours["median_s"], "implementation": ours["implementation"]})
            print(f"  {name} round {number + 1} of {options.rounds}: {rounds[-1]['ratio']:.2f} x", file=sys.stderr)
        ratios = [r["ratio"] for r in rounds]
        torch_s = statistics.median(r["torch_s"] for r in rounds)
        ksuite_s = statistics.median(r["ksuite_s"] for r in rounds)
        results.append({
            "operation": "attention", "case": name, "dtype": "float32", "shape": {"batch": batch, "heads": heads, "tokens": tokens, "head_dim": dim},
            "implementation": rounds[0]["implementation"], "torch_median_s": torch_s, "ksuite_median_s": ksuite_s,
            "torch_gflops": flops / torch_s / 1e9, "ksuite_gflops": flops / ksuite_s / 1e9,
            "ratio": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios),
            "max_difference": difference, "rounds": rounds,
        })

    context = {
        "cpu": cpu_name(), "core": options.core, "threads": 1, "torch": torch.__version__, "blas": blas, "numpy": np.__version__, "seed": options.seed,
        "inputs": "normal(0,1)", "flops": "4 B H N^2 D",
        "command": f"python3 bench/peers/attention_torch.py --core {options.core} --rounds {options.rounds} --seconds {options.seconds:g} --seed {options.seed}",
    }
    print(f"{context['cpu']}, core {options.core}, one thread; PyTorch {torch.__version__} on {blas}; float32, {context['inputs']}, seed {options.seed}")
    print(f"{'case':<16} {'PyTorch ms':>11} {'GFLOP/s':>8} {'ksuite ms':>10} {'GFLOP/s':>8} {'ratio':>7} {'least':>7} {'most':>7} {'max diff':>9}")
    for r in results:
        print(f"{r['case']:<16} {r['torch_median_s'] * 1e3:>11.2f} {r['torch_gflops']:>8.1f} {r['ksuite_median_s'] * 1e3:>10.2f} "
              f"{r['ksuite_gflops']:>8.1f} {r['ratio']:>6.2f}x {r['ratio_min']:>6.2f}x {r['ratio_max']:>6.2f}x {r['max_difference']:>9.1e}")
    print(f"repeat: {context['command']}")
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        temporary = options.output.with_suffix(".tmp")
        temporary.write_text(json.dumps({"schema": 1, **context, "results": results}, indent=2) + "\n")
        temporary.replace(options.output)


if __name__ == "__main__":
    main()
