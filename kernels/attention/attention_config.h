// Build-time parameters of the fused attention kernel: what each means, what follows from them, which combinations hold.
#ifndef KERNEL_ATTENTION_CONFIG_H
#define KERNEL_ATTENTION_CONFIG_H

#include "../dialect.h"
#include "../vector.h"
#include "../storage.h"
#include "../exponentials.h"

// HEAD_DIM, HEAD_DIM_V  row lengths of q, k and of v, o; with RUNTIME_DIMS the longest that fit, and the lengths are arguments
// RUNTIME_DIMS          1 where programs are compiled ahead of time, before a shape is known (CUDA); else 0
// BLOCK_M, BLOCK_N      queries of a group; keys of a tile
// ITEMS_X, ITEMS_Y      work-items across queries; across keys and value columns
// LANE_VECS             vectors of queries that a work-item handles at once
// KEY_ROWS, OUT_ROWS    rows of accumulators in the two products
// KEEP_OUT              1: O^T stays in registers (OUT_ROWS * ITEMS_Y covers HEAD_DIM_V); 0: in local memory
// STAGE_KV              1: a tile of K, then of V, is widened into local memory first
// BAND                  1: left/right bound the visible keys (causal, sliding window); 0: they are ignored
// SOFTCAP               1: scores are softcap * tanh(score / softcap)

#define LANES_PER_PASS (ITEMS_X * LANE_VECS * VEC)
#define PASSES (BLOCK_M / LANES_PER_PASS)

#if BLOCK_M % (ITEMS_X * LANE_VECS * VEC) != 0
#error "BLOCK_M must be a multiple of ITEMS_X * LANE_VECS * VEC."
#endif
#if BLOCK_N % KEY_ROWS != 0
#error "BLOCK_N must be a multiple of KEY_ROWS: the last rows of a short tile are computed and not used."
#endif
#ifndef RUNTIME_DIMS
#define RUNTIME_DIMS 0
#endif
#if RUNTIME_DIMS && !KEEP_OUT
#error "RUNTIME_DIMS needs KEEP_OUT: an output in local memory is cut into rows at build time."
#endif
#if KEEP_OUT && (OUT_ROWS * ITEMS_Y < HEAD_DIM_V || BLOCK_M != ITEMS_X * LANE_VECS * VEC)
#error "KEEP_OUT needs OUT_ROWS * ITEMS_Y >= HEAD_DIM_V and one pass over the lanes."
#endif
#if !KEEP_OUT && ITEMS_X * ITEMS_Y > 1
#error "O^T in local memory belongs to groups of one work-item."
#endif

// A group of one work-item needs no barriers.
#if ITEMS_X * ITEMS_Y > 1
#define GROUP_BARRIER() LOCAL_BARRIER()
// One float of padding: walking down a column then meets every local memory bank in turn.
#define LANE_STRIDE (BLOCK_M + 1)
#else
#define GROUP_BARRIER()
#define LANE_STRIDE BLOCK_M
#endif

// The transposed queries' array is also the transposed output's when that lives in registers until the end.
#if KEEP_OUT
#define Q_ROWS MAX_OF(HEAD_DIM, HEAD_DIM_V)
#else
#define Q_ROWS HEAD_DIM
#endif

// O^T in local memory has whole blocks of OUT_ROWS rows; LAST_ROWS of the last block are real (0: no partial block).
#define O_ROWS (CEIL_DIV(HEAD_DIM_V, OUT_ROWS) * OUT_ROWS)
#define LAST_ROWS (HEAD_DIM_V % OUT_ROWS)

// Row lengths, where they are arguments; where they are not, DIM_QK and DIM_V are literals and the struct goes unused.
typedef struct
{
    int qk;
    int v;
} head_dims;

#if RUNTIME_DIMS
#define DIM_QK(dims) ((dims).qk)
#define DIM_V(dims) ((dims).v)
#else
#define DIM_QK(dims) HEAD_DIM
#define DIM_V(dims) HEAD_DIM_V
#endif

// Vectors of one work-item lie ITEMS_X * VEC lanes apart, so neighbouring work-items touch neighbouring floats.
#define LANE_OF(first, x) ((first) + (x) * (ITEMS_X * VEC))

// Rows of K and V as the register kernels see them: widened in local memory, or as stored in global memory.
#if STAGE_KV
typedef LOCAL const float* kv_rows;
#define KV_TILE(base, n, row, dim) staged
#define KV_STRIDE(row, dim) (dim)
#define KV_LOAD(p, i) ((p)[i])
typedef int kv_stride;
#else
typedef GLOBAL const element* kv_rows;
#define KV_TILE(base, n, row, dim) ((base) + (n) * (row))
#define KV_STRIDE(row, dim) (row)
#define KV_LOAD(p, i) ELEMENT_LOAD(p, i)
typedef long kv_stride;
#endif

#endif
