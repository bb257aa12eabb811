// Fused attention forward: O = softmax(mask(cap(scale * Q K^T))) V in one pass over the keys, with an online softmax.
//
// "Lanes are queries". A work-group owns BLOCK_M consecutive queries of one (batch, head) and streams the keys in tiles
// of BLOCK_N. Q is held transposed in local memory, [HEAD_DIM][BLOCK_M], so a vector register holds one coordinate of
// VEC queries, and both products are the same register kernel: rows x vectors of accumulators, one scalar of K (or V)
// broadcast against a vector of queries. K and V need no transposition, and the softmax's max and sum run down the
// lanes: no horizontal reduction anywhere.
//
//   S^T [BLOCK_N][BLOCK_M] = K Q^T      KEY_ROWS x LANE_VECS accumulators
//   O^T [HEAD_DIM_V][BLOCK_M] += V^T P^T      OUT_ROWS x LANE_VECS accumulators
//
// Two shapes of group, one text:
//   CPU device: ITEMS_X = ITEMS_Y = 1. One work-item is one core; VEC is its SIMD width; O^T lies in local memory
//     (KEEP_OUT = 0), which a CPU device maps to cache.
//   GPU: VEC = 1, ITEMS_X work-items across queries, ITEMS_Y down keys (first product) and value columns (second);
//     O^T lies in registers (KEEP_OUT = 1).
//
// Build-time parameters: STORAGE, VEC, HEAD_DIM, HEAD_DIM_V, BLOCK_M, BLOCK_N, ITEMS_X, ITEMS_Y, LANE_VECS, KEY_ROWS,
// OUT_ROWS, KEEP_OUT, STAGE_KV, BAND, SOFTCAP, RUNTIME_DIMS. AttentionTiles.Choose picks them.

#include "attention_config.h"
#include "attention_tile.h"

// With D = head_dim and Dv = head_dim_v under RUNTIME_DIMS, else HEAD_DIM and HEAD_DIM_V:
// q [B, Hq, Nq, D], k [B, Hk, Nk, D], v [B, Hk, Nk, Dv] -> o [B, Hq, Nq, Dv] and, where
// lse is not null, lse [B, Hq, Nq] (natural log). Offsets and strides count elements; the last dimension is contiguous.
// kv_lengths (may be null) bounds the visible keys of each batch entry; keys past it are never read.
// Query i stands at key position p = i + Nk - Nq and sees keys p - left .. p + right; a negative bound is no bound.
// A row that sees no key gives o = 0 and lse = -inf. Grid: ceil(Nq / BLOCK_M) * Hq * B groups of ITEMS_X x ITEMS_Y.
KERNEL GROUP_SHAPE(ITEMS_X, ITEMS_Y) void attention_forward(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const element* v, GLOBAL element* o,
    GLOBAL float* lse, GLOBAL const int* kv_lengths,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row,
    long v_offset, long v_batch, long v_head, long v_row,
    long o_offset, long o_batch, long o_head, long o_row,
    long lse_offset, long lse_batch, long lse_head, long kv_lengths_offset,
    int heads, int heads_per_kv, int queries, int keys,
    float scale, float softcap, int left, int right, int head_dim, int head_dim_v)
{
    LOCAL_ARRAY(float, q_t, Q_ROWS* LANE_STRIDE);
    LOCAL_ARRAY(float, p_t, BLOCK_N* LANE_STRIDE);
#if !KEEP_OUT
    LOCAL_ARRAY(float, o_t, O_ROWS* LANE_STRIDE);
#endif
#if STAGE_KV
    LOCAL_ARRAY(float, staged, BLOCK_N* MAX_OF(HEAD_DIM, HEAD_DIM_V));
#endif
    LOCAL_ARRAY(float, shared_lane, ITEMS_Y* BLOCK_M);

    head_dims dims = {head_dim, head_dim_v};

    // Later query blocks see more keys under a causal mask: they go first, so that no long block starts last.
    int blocks = CEIL_DIV(queries, BLOCK_M);
    int block = blocks - 1 - GROUP_X % blocks;
    int head = GROUP_X / blocks % heads;
    int batch = GROUP_X / blocks / heads;
    int first_query = block * BLOCK_M;
    int rows = MIN_OF(BLOCK_M, queries - first_query);

    q += q_offset + batch * q_batch + head * q_head + first_query * q_row;
    k += k_offset + batch * k_batch + (head / heads_per_kv) * k_head;
    v += v_offset + batch * v_batch + (head / heads_per_kv) * v_head;
    o += o_offset + batch * o_batch + head * o_head + first_query * o_row;

    int begin = 0;
    int end = keys;
    if (kv_lengths)
    {
        int length = kv_lengths[kv_lengths_offset + batch];
        end = length < 0 ? 0 : MIN_OF(length, keys);
    }

#if BAND
    // Key positions of the block's first and last query. A bound past every key is no bound; clamping keeps the sums far
    // from overflow.
    int first_position = first_query + keys - queries;
    int last_position = first_position + rows - 1;
    left = MIN_OF(left, keys);
    right = MIN_OF(right, queries);
    if (left >= 0) begin = MAX_OF(begin, first_position - left);
    if (right >= 0) end = MIN_OF(end, last_position + right + 1);
#endif

#if SOFTCAP
    score_scale scales = {softcap, scale / softcap, LOG2_E, 1.0f};
    pack_queries(q_t, q, q_row, rows, dims, 1.0f);
#else
    float magnitude = MAX_OF(scale < 0.0f ? -scale : scale, SMALLEST_SCALE);
    score_scale scales = {0.0f, 0.0f, magnitude * LOG2_E, magnitude};
    pack_queries(q_t, q, q_row, rows, dims, scale < 0.0f ? -1.0f : 1.0f);
#endif

    lane_state state[PASSES];
    for (int pass = 0; pass < PASSES; pass++) reset_lanes(&state[pass]);
#if KEEP_OUT
    vecf out[OUT_ROWS][LANE_VECS];
    UNROLL for (int r = 0; r < OUT_ROWS; r++) UNROLL for (int x = 0; x < LANE_VECS; x++) out[r][x] = (vecf)(0.0f);
#else
    for (int i = 0; i < O_ROWS * LANE_STRIDE; i += VEC) VEC_STORE(o_t + i, (vecf)(0.0f));
#endif
    GROUP_BARRIER();

    for (int n = begin; n < end; n += BLOCK_N)
    {
        int count = MIN_OF(BLOCK_N, end - n);
        // The band's edges as the tile's first key sees them: lane i of the block sees key n + j iff
        // j + lowest_lane <= i <= j + highest_lane.
        key_band band = {-NO_EDGE, NO_EDGE};
#if BAND
        if (right >= 0) band.lowest_lane = n - first_position - right;
        if (left >= 0) band.highest_lane = n - first_position + left;
#endif
        bool edge = BAND && (count - 1 + band.lowest_lane > 0 || band.highest_lane < rows - 1);

#if STAGE_KV
        stage_rows(staged, k + n * k_row, k_row, count, DIM_QK(dims));
        GROUP_BARRIER();
#endif
        for (int pass = 0; pass < PASSES; pass++)
        {
            int lane = pass * LANES_PER_PASS + ITEM_X * VEC;
            vecf tile_max[LANE_VECS];
            score_tile(p_t + lane, q_t + lane, KV_TILE(k, n, k_row, DIM_QK(dims)), KV_STRIDE(k_row, DIM_QK(dims)), count,
                dims, scales, edge, band, lane, tile_max);
            share_lanes_max(shared_lane + lane, tile_max);
            raise_max(&state[pass], tile_max, scales);
        }
#if STAGE_KV
        // share_lanes_max has passed a barrier since the last read of the staged keys.
        stage_rows(staged, v + n * v_row, v_row, count, DIM_V(dims));
#endif
        for (int pass = 0; pass < PASSES; pass++)
        {
            int lane = pass * LANES_PER_PASS + ITEM_X * VEC;
            exponentiate_tile(p_t + lane, count, scales, edge, &state[pass]);
        }
        GROUP_BARRIER();
#if KEEP_OUT
        accumulate_rows(out, state[0].correction, p_t + ITEM_X * VEC, KV_TILE(v, n, v_row, DIM_V(dims)),
            KV_STRIDE(v_row, DIM_V(dims)), count, ITEM_Y * OUT_ROWS, dims, edge);
        GROUP_BARRIER();
#else
        for (int pass = 0; pass < PASSES; pass++)
        {
            int lane = pass * LANES_PER_PASS;
            accumulate_tile(o_t + lane, state[pass].correction, p_t + lane, KV_TILE(v, n, v_row, HEAD_DIM_V),
                KV_STRIDE(v_row, HEAD_DIM_V), count, edge);
        }
#endif
    }

    // Sum over the work-items that shared a lane's keys; then shared_lane holds 1 / sum for the write below.
    long lse_row = lse_offset + batch * lse_batch + head * lse_head + first_query;
    for (int pass = 0; pass < PASSES; pass++)
    {
        int lane = pass * LANES_PER_PASS + ITEM_X * VEC;
        share_lanes_sum(shared_lane + lane, &state[pass]);
        GROUP_BARRIER();
        if (ITEM_Y == 0) finish_lanes(shared_lane + lane, &state[pass]);
    }
#if KEEP_OUT
    LOCAL float* o_t = q_t; // Q is no longer needed
    UNROLL for (int r = 0; r < OUT_ROWS; r++)
    {
        int column = ITEM_Y * OUT_ROWS + r;
        if (column < DIM_V(dims))
            UNROLL for (int x = 0; x < LANE_VECS; x++) VEC_STORE(o_t + column * LANE_STRIDE + LANE_OF(ITEM_X * VEC, x), out[r][x]);
    }
#endif
    GROUP_BARRIER();
    write_rows(o, o_row, o_t, shared_lane, rows, dims);
    if (lse && ITEM_Y == 0)
    {
        for (int pass = 0; pass < PASSES; pass++)
            write_lse(lse + lse_row, &state[pass], scales, pass * LANES_PER_PASS + ITEM_X * VEC, rows);
    }
}
