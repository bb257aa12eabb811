// Moments of attention probabilities over the last W query rows: for each past key the mean, the unbiased variance and the fourth central
// moment of P = exp(logit - LSE) over the rows, and what scores and statistics need of them. A group owns BLOCK_N past keys of a KV head; P
// of one query head, [W][BLOCK_N], stays in local memory, so the central moments are exact second passes and not differences of power sums.
//
// Build-time parameters: see scoring_tile.h; WINDOW is the most rows that fit, W <= WINDOW.

#include "scoring_tile.h"

// Added to P in the logarithm of the entropy.
#define ENTROPY_EPSILON 1e-10f

// A variance below the smallest normal float has no kurtosis.
#define SMALLEST_VARIANCE 1.17549435e-38f

// q [B, Hq, W, D] (the last W rows), k [B, Hk, N, D], lse [B, Hq, W] natural log, contiguous. The past of batch entry b are its keys before
// kv_lengths[b] - W (N - W where kv_lengths is null); all rows see all of it. past = N - W slots; those after an entry's past get 0.
//   mean, variance, fourth [B, Hq, past]    each may be null
//   group [B, Hk, past]                     mean over the heads of a group of mean + gamma * variance
//   partials [B, Hq, parts, 3]              may be null: sums over a few keys of entropy, variance and kurtosis, to be added up;
//                                           parts = ceil(past / BLOCK_N) * ITEMS_X
// Grid: ceil(past / BLOCK_N) * Hk * B groups of ITEMS_X x ITEMS_Y.
KERNEL GROUP_SHAPE(ITEMS_X, ITEMS_Y) void attention_moments(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const float* lse, GLOBAL const int* kv_lengths,
    GLOBAL float* mean, GLOBAL float* variance, GLOBAL float* fourth, GLOBAL float* group, GLOBAL float* partials,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row,
    long lse_offset, long kv_lengths_offset, long mean_offset, long variance_offset, long fourth_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim, float scale, float softcap, float gamma, float variance_floor)
{
    LOCAL_ARRAY(float, k_t, CHUNK* KEY_STRIDE);
    LOCAL_ARRAY(float, q_s, BLOCK_M* CHUNK);
    LOCAL_ARRAY(float, lse_s, BLOCK_M);
    LOCAL_ARRAY(float, shared, ITEMS_Y* BLOCK_N);
    // Each work-item writes and reads elements of its own: no barrier is needed.
    LOCAL_ARRAY(float, p_t, WINDOW* BLOCK_N);
    tile_memory memory = {k_t, q_s, lse_s};
    logit_scale scales = {scale, softcap};

    int past = keys - queries;
    int blocks = CEIL_DIV(past, BLOCK_N);
    int kv_heads = heads / heads_per_kv;
    int block = GROUP_X % blocks;
    int kv_head = GROUP_X / blocks % kv_heads;
    int batch = GROUP_X / blocks / kv_heads;
    int first_key = block * BLOCK_N;
    int extent = MIN_OF(BLOCK_N, past - first_key);
    int count = MIN_OF(extent, valid_keys(kv_lengths, kv_lengths_offset, batch, keys) - queries - first_key);
    k += k_offset + batch * k_batch + kv_head * k_head + first_key * k_row;

    float rows = (float)queries;
    vecf total[LANE_VECS];
    UNROLL for (int x = 0; x < LANE_VECS; x++) total[x] = (vecf)(0.0f);
    for (int g = 0; g < heads_per_kv; g++)
    {
        long head = (long)batch * heads + kv_head * heads_per_kv + g;
        GLOBAL const element* q_head_rows = q + q_offset + batch * q_batch + (kv_head * heads_per_kv + g) * q_head;
        vecf average[LANE_VECS];
        vecf entropy[LANE_VECS];
        UNROLL for (int x = 0; x < LANE_VECS; x++) average[x] = entropy[x] = (vecf)(0.0f);
        for (int row = 0; row < queries && count > 0; row += BLOCK_M)
        {
            vecf s[ROWS][LANE_VECS];
            multiply_block(s, memory, k, k_row, count, q_head_rows + row * q_row, q_row, lse + lse_offset + head * queries + row,
                MIN_OF(BLOCK_M, queries - row), head_dim, head_dim <= CHUNK && (g > 0 || row > 0));
            UNROLL for (int r = 0; r < ROWS; r++)
            {
                int m = ITEM_Y * ROWS + r;
                if (row + m < queries)
                {
                    UNROLL for (int x = 0; x < LANE_VECS; x++)
                    {
                        vecf p = probability(s[r][x], lse_s[m], scales);
                        VEC_STORE(p_t + (row + m) * BLOCK_N + LANE_OF(x), p);
                        average[x] += p;
                        if (partials) entropy[x] -= p * log(p + ENTROPY_EPSILON);
                    }
                }
            }
        }
        sum_over_items(shared, average);
        UNROLL for (int x = 0; x < LANE_VECS; x++) average[x] /= rows;

        // Rows of this work-item: ITEM_Y * ROWS + r of every BLOCK_M.
        vecf m2[LANE_VECS];
        vecf m4[LANE_VECS];
        UNROLL for (int x = 0; x < LANE_VECS; x++) m2[x] = m4[x] = (vecf)(0.0f);
        for (int row = ITEM_Y * ROWS; row < queries && count > 0; row += BLOCK_M)
        {
            for (int r = row; r < MIN_OF(row + ROWS, queries); r++)
            {
                UNROLL for (int x = 0; x < LANE_VECS; x++)
                {
                    vecf d = VEC_LOAD(p_t + r * BLOCK_N + LANE_OF(x)) - average[x];
                    m2[x] += d * d;
                    m4[x] += d * d * (d * d);
                }
            }
        }
        sum_over_items(shared, m2);
        vecf unbiased[LANE_VECS];
        UNROLL for (int x = 0; x < LANE_VECS; x++)
        {
            unbiased[x] = queries > 1 ? m2[x] / (rows - 1.0f) : (vecf)(0.0f);
            total[x] += average[x] + gamma * unbiased[x];
        }
        if (mean) store_lanes(mean + mean_offset + head * past + first_key, average, count, extent);
        if (variance) store_lanes(variance + variance_offset + head * past + first_key, unbiased, count, extent);
        if (fourth)
        {
            sum_over_items(shared, m4);
            UNROLL for (int x = 0; x < LANE_VECS; x++) m4[x] /= rows;
            store_lanes(fourth + fourth_offset + head * past + first_key, m4, count, extent);
        }
        if (partials)
        {
            // (d^2 / m2)^2 and not d^4 / m2^2: fourth powers of small probabilities leave the range of a float.
            vecf kurtosis[LANE_VECS];
            vecf inverse[LANE_VECS];
            UNROLL for (int x = 0; x < LANE_VECS; x++)
            {
                vecf floored = m2[x] / rows;
                floored = floored < variance_floor ? (vecf)(variance_floor) : floored;
                inverse[x] = floored < (vecf)(SMALLEST_VARIANCE) ? (vecf)(0.0f) : 1.0f / floored;
                kurtosis[x] = (vecf)(0.0f);
            }
            for (int row = ITEM_Y * ROWS; row < queries && count > 0; row += BLOCK_M)
            {
                for (int r = row; r < MIN_OF(row + ROWS, queries); r++)
                {
                    UNROLL for (int x = 0; x < LANE_VECS; x++)
                    {
                        vecf d = VEC_LOAD(p_t + r * BLOCK_N + LANE_OF(x)) - average[x];
                        vecf ratio = d * d * inverse[x];
                        kurtosis[x] += ratio * ratio;
                    }
                }
            }
            sum_over_items(shared, entropy);
            sum_over_items(shared, kurtosis);
            UNROLL for (int x = 0; x < LANE_VECS; x++) kurtosis[x] /= rows;
            if (ITEM_Y == 0)
            {
                GLOBAL float* part = partials + ((head * blocks + block) * ITEMS_X + ITEM_X) * 3;
                part[0] = sum_lanes(entropy, count);
                part[1] = sum_lanes(unbiased, count);
                part[2] = sum_lanes(kurtosis, count);
            }
        }
    }
    UNROLL for (int x = 0; x < LANE_VECS; x++) total[x] /= (float)heads_per_kv;
    store_lanes(group + ((long)batch * kv_heads + kv_head) * past + first_key, total, count, extent);
}
