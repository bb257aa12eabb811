// Probabilities of a block of keys, P = exp(logit - LSE), tile by tile on chip. Keys lie in the lanes: what the scoring kernels want are
// sums over the query rows, and these then run down the rows inside a work-item, with no reduction across lanes.
//
//   S [BLOCK_M rows][BLOCK_N keys] = Q K^T      ROWS x LANE_VECS accumulators to a work-item
//
// Build-time parameters:
//   VEC, ITEMS_X, LANE_VECS  BLOCK_N = ITEMS_X * LANE_VECS * VEC keys to a group
//   ITEMS_Y, ROWS            BLOCK_M = ITEMS_Y * ROWS query rows at a time
//   CHUNK                    elements of the head dimension that lie in local memory at a time; where a whole row fits, the keys are
//                            staged once for all query heads
//   STORAGE                  element type of q and k
// A CPU device has ITEMS_X = ITEMS_Y = 1 and VEC its SIMD width; a GPU VEC = 1. ScoringTiles.Choose picks them.
#ifndef KERNEL_SCORING_TILE_H
#define KERNEL_SCORING_TILE_H

#include "../dialect.h"
#include "../vector.h"
#include "../storage.h"
#include "../exponentials.h"

#define BLOCK_N (ITEMS_X * LANE_VECS * VEC)
#define BLOCK_M (ITEMS_Y * ROWS)

#if ITEMS_X * ITEMS_Y > 1
#define GROUP_BARRIER() LOCAL_BARRIER()
// One float of padding: rows of K are written down a column, and then meet every local memory bank in turn.
#define KEY_STRIDE (BLOCK_N + 1)
#if VEC > 1
#error "Groups of several work-items have VEC = 1: padded rows would leave vectors unaligned."
#endif
#else
#define GROUP_BARRIER()
#define KEY_STRIDE BLOCK_N
#endif

// Vectors of one work-item lie ITEMS_X * VEC keys apart, so neighbouring work-items touch neighbouring floats.
#define LANE_OF(x) ((ITEM_X + (x)*ITEMS_X) * VEC)

// Local memory that the tile needs; declared by the kernel.
typedef struct
{
    LOCAL float* k_t; // [CHUNK][KEY_STRIDE]
    LOCAL float* q;   // [BLOCK_M][CHUNK]
    LOCAL float* lse; // [BLOCK_M]
} tile_memory;

typedef struct
{
    float factor;
    float cap; // > 0: logit = cap * tanh(factor * product / cap); 0: logit = factor * product
} logit_scale;

// k rows -> k_t, transposed. Lanes past the last key hold 0: their sums are finite and never stored.
DEVICE_FN void stage_keys(LOCAL float* k_t, GLOBAL const element* k, long k_row, int keys, int chunk)
{
    for (int n = ITEM_Y; n < BLOCK_N; n += ITEMS_Y)
    {
        for (int d = ITEM_X; d < chunk; d += ITEMS_X)
            k_t[d * KEY_STRIDE + n] = n < keys ? ELEMENT_LOAD(k + n * k_row, d) : 0.0f;
    }
}

// q rows -> local memory; rows past the last hold 0.
DEVICE_FN void stage_queries(LOCAL float* to, GLOBAL const element* q, long q_row, int rows, int chunk)
{
    for (int m = ITEM_Y; m < BLOCK_M; m += ITEMS_Y)
    {
        int d = ITEM_X * VEC;
        for (; d + VEC <= chunk; d += ITEMS_X * VEC)
            VEC_STORE(to + m * CHUNK + d, m < rows ? ELEMENT_LOAD_VEC(q + m * q_row + d) : (vecf)(0.0f));
#if VEC > 1
        for (; d < chunk; d++) to[m * CHUNK + d] = m < rows ? ELEMENT_LOAD(q + m * q_row, d) : 0.0f;
#endif
    }
}

// LSE of the rows. A row that saw no key (LSE = -inf) and rows past the last get +inf: exp(logit - inf) = 0, they add nothing.
DEVICE_FN void stage_lse(LOCAL float* to, GLOBAL const float* lse, int rows)
{
    for (int m = ITEM_Y * ITEMS_X + ITEM_X; m < BLOCK_M; m += ITEMS_X * ITEMS_Y)
    {
        float x = m < rows ? lse[m] : INFINITY;
        to[m] = x == -INFINITY ? INFINITY : x;
    }
}

// Products of rows query rows (from q and lse on) with the block's keys. keys_staged: k_t holds the whole block already. Every work-item
// of the group calls it; memory is free to be overwritten once all have come to the next call.
DEVICE_FN void multiply_block(vecf s[ROWS][LANE_VECS], tile_memory memory, GLOBAL const element* k, long k_row, int keys,
    GLOBAL const element* q, long q_row, GLOBAL const float* lse, int rows, int head_dim, int keys_staged)
{
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int x = 0; x < LANE_VECS; x++) s[r][x] = (vecf)(0.0f);
    for (int first = 0; first < head_dim; first += CHUNK)
    {
        int chunk = MIN_OF(CHUNK, head_dim - first);
        GROUP_BARRIER();
        if (!keys_staged) stage_keys(memory.k_t, k + first, k_row, keys, chunk);
        stage_queries(memory.q, q + first, q_row, rows, chunk);
        if (first == 0) stage_lse(memory.lse, lse, rows);
        GROUP_BARRIER();
        LOCAL const float* row = memory.q + ITEM_Y * ROWS * CHUNK;
        for (int d = 0; d < chunk; d++)
        {
            vecf lanes[LANE_VECS];
            UNROLL for (int x = 0; x < LANE_VECS; x++) lanes[x] = VEC_LOAD(memory.k_t + d * KEY_STRIDE + LANE_OF(x));
            UNROLL for (int r = 0; r < ROWS; r++)
            {
                float query = row[r * CHUNK + d];
                UNROLL for (int x = 0; x < LANE_VECS; x++) s[r][x] += query * lanes[x];
            }
        }
    }
}

// exp(logit - lse). The base-2 factor is applied to the difference, which rounds relative to it.
DEVICE_FN vecf probability(vecf product, float lse, logit_scale scale)
{
    vecf logit = scale.factor * product;
    if (scale.cap > 0.0f) logit = scale.cap * vec_tanh(logit / scale.cap);
    return vec_exp2(LOG2_E * (logit - lse));
}

// Sums over the work-items that share the lanes, in a fixed order; every one of them gets the sum. shared: [ITEMS_Y][BLOCK_N].
DEVICE_FN void sum_over_items(LOCAL float* shared, vecf sum[LANE_VECS])
{
    if (ITEMS_Y == 1) return;
    GROUP_BARRIER();
    UNROLL for (int x = 0; x < LANE_VECS; x++) VEC_STORE(shared + ITEM_Y * BLOCK_N + LANE_OF(x), sum[x]);
    GROUP_BARRIER();
    UNROLL for (int x = 0; x < LANE_VECS; x++) sum[x] = VEC_LOAD(shared + LANE_OF(x));
    for (int y = 1; y < ITEMS_Y; y++) UNROLL for (int x = 0; x < LANE_VECS; x++) sum[x] += VEC_LOAD(shared + y * BLOCK_N + LANE_OF(x));
}

// The first count lanes as they are and zeros up to extent.
DEVICE_FN void store_lanes(GLOBAL float* to, const vecf values[LANE_VECS], int count, int extent)
{
    if (ITEM_Y != 0) return;
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        // Through memory, because a lane of a vector has no portable name.
        float lanes[VEC];
        VEC_STORE(lanes, values[x]);
        for (int i = 0; i < VEC; i++)
        {
            int lane = LANE_OF(x) + i;
            if (lane < extent) to[lane] = lane < count ? lanes[i] : 0.0f;
        }
    }
}

// Sum over the first count lanes of this work-item's vectors.
DEVICE_FN float sum_lanes(const vecf values[LANE_VECS], int count)
{
    float sum = 0.0f;
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        float lanes[VEC];
        VEC_STORE(lanes, values[x]);
        for (int i = 0; i < VEC; i++) sum += LANE_OF(x) + i < count ? lanes[i] : 0.0f;
    }
    return sum;
}

// Valid keys of a batch entry, 0 .. keys.
DEVICE_FN int valid_keys(GLOBAL const int* kv_lengths, long offset, int batch, int keys)
{
    int length = kv_lengths ? kv_lengths[offset + batch] : keys;
    return length < 0 ? 0 : MIN_OF(length, keys);
}

#endif
