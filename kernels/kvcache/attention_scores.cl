// Column sums of attention probabilities, from q, k and the LSE of a forward pass: for each key the sum over the query rows of
// P = exp(logit - LSE). A second pass over Q K^T that reads no values and writes no probabilities: a group owns BLOCK_N keys of a KV head
// and streams the query rows of each of its query heads, so every output is stored once, without atomics.
//
// Build-time parameters: see scoring_tile.h.

#include "scoring_tile.h"

// q [B, Hq, Nq, D], k [B, Hk, N, D], lse [B, Hq, Nq] natural log, contiguous -> group [B, Hk, N]: mean over the heads of a group of the
// column sums; and, where not null, col_sum and col_sumsq [B, Hq, N]: sums of P and of P^2. With length = kv_lengths[b], or N where that is
// null: keys from length on are never read and get 0; causal: row i sees key j iff j <= length - Nq + i. A row with lse = -inf adds
// nothing. Grid: ceil(N / BLOCK_N) * Hk * B groups of ITEMS_X x ITEMS_Y.
KERNEL GROUP_SHAPE(ITEMS_X, ITEMS_Y) void attention_scores(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const float* lse, GLOBAL const int* kv_lengths,
    GLOBAL float* group, GLOBAL float* col_sum, GLOBAL float* col_sumsq,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row,
    long lse_offset, long kv_lengths_offset, long col_sum_offset, long col_sumsq_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim, float scale, float softcap, int causal)
{
    LOCAL_ARRAY(float, k_t, CHUNK* KEY_STRIDE);
    LOCAL_ARRAY(float, q_s, BLOCK_M* CHUNK);
    LOCAL_ARRAY(float, lse_s, BLOCK_M);
    LOCAL_ARRAY(float, shared, ITEMS_Y* BLOCK_N);
    tile_memory memory = {k_t, q_s, lse_s};
    logit_scale scales = {scale, softcap};

    int blocks = CEIL_DIV(keys, BLOCK_N);
    int kv_heads = heads / heads_per_kv;
    int first_key = GROUP_X % blocks * BLOCK_N;
    int kv_head = GROUP_X / blocks % kv_heads;
    int batch = GROUP_X / blocks / kv_heads;
    int length = valid_keys(kv_lengths, kv_lengths_offset, batch, keys);
    int count = MIN_OF(BLOCK_N, length - first_key);
    int extent = MIN_OF(BLOCK_N, keys - first_key);
    int shift = length - queries;

    // The first row that sees the block's first key; no row at all where the block lies past the length.
    int first_row = causal ? MAX_OF(0, first_key - shift) : 0;
    if (count <= 0) first_row = queries;
    k += k_offset + batch * k_batch + kv_head * k_head + first_key * k_row;

    int keys_staged = 0;
    vecf total[LANE_VECS];
    UNROLL for (int x = 0; x < LANE_VECS; x++) total[x] = (vecf)(0.0f);
    for (int g = 0; g < heads_per_kv; g++)
    {
        long head = (long)batch * heads + kv_head * heads_per_kv + g;
        GLOBAL const element* q_head_rows = q + q_offset + batch * q_batch + (kv_head * heads_per_kv + g) * q_head;
        vecf sum[LANE_VECS];
        vecf sumsq[LANE_VECS];
        UNROLL for (int x = 0; x < LANE_VECS; x++) sum[x] = sumsq[x] = (vecf)(0.0f);
        for (int row = first_row; row < queries; row += BLOCK_M)
        {
            vecf s[ROWS][LANE_VECS];
            multiply_block(s, memory, k, k_row, count, q_head_rows + row * q_row, q_row, lse + lse_offset + head * queries + row,
                MIN_OF(BLOCK_M, queries - row), head_dim, keys_staged);
            keys_staged = head_dim <= CHUNK;
            UNROLL for (int r = 0; r < ROWS; r++)
            {
                int m = ITEM_Y * ROWS + r;
                // Lane of the last key that the row sees.
                int last_lane = causal ? row + m + shift - first_key : BLOCK_N;
                UNROLL for (int x = 0; x < LANE_VECS; x++)
                {
                    vecf p = probability(s[r][x], lse_s[m], scales);
                    veci lane = VEC_LANES + LANE_OF(x);
                    p = lane <= last_lane ? p : (vecf)(0.0f);
                    sum[x] += p;
                    sumsq[x] += p * p;
                }
            }
        }
        sum_over_items(shared, sum);
        UNROLL for (int x = 0; x < LANE_VECS; x++) total[x] += sum[x];
        if (col_sum) store_lanes(col_sum + col_sum_offset + head * keys + first_key, sum, count, extent);
        if (col_sumsq)
        {
            sum_over_items(shared, sumsq);
            store_lanes(col_sumsq + col_sumsq_offset + head * keys + first_key, sumsq, count, extent);
        }
    }
    UNROLL for (int x = 0; x < LANE_VECS; x++) total[x] /= (float)heads_per_kv;
    store_lanes(group + ((long)batch * kv_heads + kv_head) * keys + first_key, total, count, extent);
}
