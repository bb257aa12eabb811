// The steps of the fused attention kernel on one tile of keys. attention_forward.cl puts them in order.
#ifndef KERNEL_ATTENTION_TILE_H
#define KERNEL_ATTENTION_TILE_H

#include "attention_config.h"

// Running softmax statistics of a work-item's lanes.
typedef struct
{
    vecf max[LANE_VECS];        // of the scores seen so far; -inf before the first visible key
    vecf reference[LANE_VECS];  // what is subtracted from scores: max, or 0 while max is -inf
    vecf sum[LANE_VECS];        // of 2^(c (score - reference)) over this work-item's share of the keys
    vecf correction[LANE_VECS]; // 2^(c (old reference - new reference)): scales sums and outputs of earlier tiles
} lane_state;

// From products of q and k to scores, and from scores to exponents. Weights are 2^(c (score - max)): the scale is applied to
// the difference and not to Q, which rounds once, relative to the difference, and makes the largest weight exactly 1. The
// maximum needs c > 0, so a negative scale turns Q around; and as 0 * -inf must not arise, a scale of 0 becomes one so small
// that every weight is 1.
typedef struct
{
    float cap;        // with SOFTCAP, score = cap * tanh(to_cap * product); without, score = product
    float to_cap;     // scale / cap
    float to_base2;   // c > 0: weight = 2^(c (score - max))
    float to_natural; // score -> natural logit
} score_scale;

// At this scale every weight is 1 for all scores below 1e29; its product with -inf is still -inf.
#define SMALLEST_SCALE 1.0e-37f

// Lane i of the block sees key j of the tile iff j + lowest_lane <= i <= j + highest_lane.
typedef struct
{
    int lowest_lane;
    int highest_lane;
} key_band;

// Further than any lane or key; sums of two stay in range.
#define NO_EDGE 0x3fffffff

// The weight of a masked key in a tile that the band cuts: -0 counts as 0 in sums, and its bits tell "masked" from
// "underflowed". 2^x never gives -0.
#define MASKED_BITS ((int)0x80000000)

DEVICE_FN void reset_lanes(lane_state* state)
{
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        state->max[x] = (vecf)(-INFINITY);
        state->reference[x] = (vecf)(0.0f);
        state->sum[x] = (vecf)(0.0f);
        state->correction[x] = (vecf)(1.0f);
    }
}

// q rows -> q_t [HEAD_DIM][BLOCK_M], times sign. Lanes past the last query hold 0: their results are finite unless V
// is not, and are never written.
DEVICE_FN void pack_queries(LOCAL float* q_t, GLOBAL const element* q, long q_row, int rows, head_dims dims, float sign)
{
    for (int r = ITEM_Y; r < BLOCK_M; r += ITEMS_Y)
    {
        for (int d = ITEM_X; d < DIM_QK(dims); d += ITEMS_X)
            q_t[d * LANE_STRIDE + r] = r < rows ? ELEMENT_LOAD(q + r * q_row, d) * sign : 0.0f;
    }
}

#if STAGE_KV
// count rows of dim elements, widened, into local memory.
DEVICE_FN void stage_rows(LOCAL float* to, GLOBAL const element* from, long from_row, int count, int dim)
{
    for (int n = ITEM_Y; n < count; n += ITEMS_Y)
    {
        int d = ITEM_X * VEC;
        for (; d + VEC <= dim; d += ITEMS_X * VEC)
            VEC_STORE(to + n * dim + d, ELEMENT_LOAD_VEC(from + n * from_row + d));
#if VEC > 1
        for (; d < dim; d++) to[n * dim + d] = ELEMENT_LOAD(from + n * from_row, d);
#endif
    }
}
#endif

// Scores of count keys against this work-item's lanes -> p_t [BLOCK_N][BLOCK_M] and the tile's maximum per lane.
DEVICE_FN void score_tile(LOCAL float* p_t, LOCAL const float* q_t, kv_rows k, kv_stride k_row, int count, head_dims dims,
    score_scale scales, bool edge, key_band band, int first_lane, vecf tile_max[LANE_VECS])
{
    UNROLL for (int x = 0; x < LANE_VECS; x++) tile_max[x] = (vecf)(-INFINITY);
    for (int base = ITEM_Y * KEY_ROWS; base < count; base += ITEMS_Y * KEY_ROWS)
    {
        // Rows past the last key repeat it; exponentiate_tile and the second product never look at them.
        kv_rows row[KEY_ROWS];
        UNROLL for (int r = 0; r < KEY_ROWS; r++) row[r] = k + MIN_OF(base + r, count - 1) * k_row;

        vecf s[KEY_ROWS][LANE_VECS];
        UNROLL for (int r = 0; r < KEY_ROWS; r++) UNROLL for (int x = 0; x < LANE_VECS; x++) s[r][x] = (vecf)(0.0f);
        for (int d = 0; d < DIM_QK(dims); d++)
        {
            vecf lanes[LANE_VECS];
            UNROLL for (int x = 0; x < LANE_VECS; x++) lanes[x] = VEC_LOAD(q_t + d * LANE_STRIDE + LANE_OF(0, x));
            UNROLL for (int r = 0; r < KEY_ROWS; r++)
            {
                float key = KV_LOAD(row[r], d);
                UNROLL for (int x = 0; x < LANE_VECS; x++) s[r][x] += key * lanes[x];
            }
        }

        UNROLL for (int r = 0; r < KEY_ROWS; r++)
        {
            UNROLL for (int x = 0; x < LANE_VECS; x++)
            {
                vecf score = s[r][x];
#if SOFTCAP
                score = scales.cap * vec_tanh(scales.to_cap * score);
#endif
                if (edge)
                {
                    veci lane = VEC_LANES + LANE_OF(first_lane, x);
                    int key = MIN_OF(base + r, count - 1);
                    score = lane >= key + band.lowest_lane ? score : (vecf)(-INFINITY);
                    score = lane <= key + band.highest_lane ? score : (vecf)(-INFINITY);
                }
                tile_max[x] = vec_running_max(tile_max[x], score);
                VEC_STORE(p_t + (base + r) * LANE_STRIDE + LANE_OF(0, x), score);
            }
        }
    }
}

// tile_max over all work-items that share the lanes. Every work-item of the group passes the barrier.
DEVICE_FN void share_lanes_max(LOCAL float* shared_lane, vecf tile_max[LANE_VECS])
{
#if ITEMS_Y > 1
    UNROLL for (int x = 0; x < LANE_VECS; x++)
        VEC_STORE(shared_lane + ITEM_Y * BLOCK_M + LANE_OF(0, x), tile_max[x]);
    GROUP_BARRIER();
    for (int y = 0; y < ITEMS_Y; y++)
        UNROLL for (int x = 0; x < LANE_VECS; x++)
            tile_max[x] = vec_running_max(tile_max[x], VEC_LOAD(shared_lane + y * BLOCK_M + LANE_OF(0, x)));
#else
    GROUP_BARRIER();
#endif
}

DEVICE_FN void raise_max(lane_state* state, const vecf tile_max[LANE_VECS], score_scale scales)
{
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        vecf max = vec_running_max(state->max[x], tile_max[x]);
        // While no key is visible the reference is 0, so that -inf - reference is -inf and not NaN.
        vecf reference = max == (vecf)(-INFINITY) ? (vecf)(0.0f) : max;
        state->correction[x] = vec_exp2(scales.to_base2 * (state->max[x] - reference));
        state->max[x] = max;
        state->reference[x] = reference;
        state->sum[x] *= state->correction[x];
    }
}

// Scores -> weights 2^(c (score - reference)), in place, and their sums.
DEVICE_FN void exponentiate_tile(LOCAL float* p_t, int count, score_scale scales, bool edge, lane_state* state)
{
    vecf reference[LANE_VECS];
    vecf sum[LANE_VECS];
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        reference[x] = state->reference[x];
        sum[x] = state->sum[x];
    }
    for (int n = ITEM_Y; n < count; n += ITEMS_Y)
    {
        UNROLL for (int x = 0; x < LANE_VECS; x++)
        {
            LOCAL float* at = p_t + n * LANE_STRIDE + LANE_OF(0, x);
            vecf score = VEC_LOAD(at);
            vecf weight = vec_exp2(scales.to_base2 * (score - reference[x]));
            sum[x] += weight;
            if (edge) weight = score == (vecf)(-INFINITY) ? (vecf)(-0.0f) : weight;
            VEC_STORE(at, weight);
        }
    }
    UNROLL for (int x = 0; x < LANE_VECS; x++) state->sum[x] = sum[x];
}

// One key's share of the second product: out += value columns x weights. Columns from `columns` on repeat the last one and
// are not used. masked: some lanes may not see the key, which then contributes nothing, not even 0 * NaN.
DEVICE_FN void accumulate_key(
    vecf out[OUT_ROWS][LANE_VECS], LOCAL const float* p_row, kv_rows v, int first_column, int columns, bool masked)
{
    vecf weight[LANE_VECS];
    UNROLL for (int x = 0; x < LANE_VECS; x++) weight[x] = VEC_LOAD(p_row + LANE_OF(0, x));
    UNROLL for (int r = 0; r < OUT_ROWS; r++)
    {
        float value = KV_LOAD(v, MIN_OF(first_column + r, columns - 1));
        UNROLL for (int x = 0; x < LANE_VECS; x++)
        {
            vecf sum = out[r][x] + value * weight[x];
            if (masked) sum = VEC_AS_INT(weight[x]) == MASKED_BITS ? out[r][x] : sum;
            out[r][x] = sum;
        }
    }
}

// The same for all keys of a tile. Two loops, so that the one that most tiles take has no test in it.
DEVICE_FN void accumulate_keys(vecf out[OUT_ROWS][LANE_VECS], LOCAL const float* p_t, kv_rows v, kv_stride v_row,
    int count, int first_column, int columns, bool edge)
{
    if (edge)
    {
        for (int n = 0; n < count; n++, p_t += LANE_STRIDE, v += v_row)
            accumulate_key(out, p_t, v, first_column, columns, true);
    }
    else
    {
        for (int n = 0; n < count; n++, p_t += LANE_STRIDE, v += v_row)
            accumulate_key(out, p_t, v, first_column, columns, false);
    }
}

#if KEEP_OUT

// out = correction * out + (value columns first_column ..)^T P^T, all in registers.
DEVICE_FN void accumulate_rows(vecf out[OUT_ROWS][LANE_VECS], const vecf correction[LANE_VECS], LOCAL const float* p_t,
    kv_rows v, kv_stride v_row, int count, int first_column, head_dims dims, bool edge)
{
    UNROLL for (int r = 0; r < OUT_ROWS; r++)
        UNROLL for (int x = 0; x < LANE_VECS; x++) out[r][x] *= correction[x];
    accumulate_keys(out, p_t, v, v_row, count, first_column, DIM_V(dims), edge);
}

#else

// OUT_ROWS rows of o_t: correction * o_t + (value columns)^T P^T. Rows past `columns` land in o_t's padding. Loop bounds are
// literals throughout, because compilers that unroll before they inline would otherwise keep the accumulators in memory.
DEVICE_FN void accumulate_rows(LOCAL float* o_t, int columns, const vecf correction[LANE_VECS], LOCAL const float* p_t,
    kv_rows v, kv_stride v_row, int count, bool edge)
{
    vecf out[OUT_ROWS][LANE_VECS];
    UNROLL for (int r = 0; r < OUT_ROWS; r++)
        UNROLL for (int x = 0; x < LANE_VECS; x++)
            out[r][x] = correction[x] * VEC_LOAD(o_t + r * LANE_STRIDE + LANE_OF(0, x));
    accumulate_keys(out, p_t, v, v_row, count, 0, columns, edge);
    UNROLL for (int r = 0; r < OUT_ROWS; r++)
        UNROLL for (int x = 0; x < LANE_VECS; x++) VEC_STORE(o_t + r * LANE_STRIDE + LANE_OF(0, x), out[r][x]);
}

// o_t [HEAD_DIM_V][BLOCK_M] = correction * o_t + V^T P^T for this pass's lanes.
DEVICE_FN void accumulate_tile(LOCAL float* o_t, const vecf correction[LANE_VECS], LOCAL const float* p_t,
    kv_rows v, kv_stride v_row, int count, bool edge)
{
    int column = 0;
    for (; column + OUT_ROWS <= HEAD_DIM_V; column += OUT_ROWS)
        accumulate_rows(o_t + column * LANE_STRIDE, OUT_ROWS, correction, p_t, v + column, v_row, count, edge);
#if LAST_ROWS > 0
    accumulate_rows(o_t + column * LANE_STRIDE, LAST_ROWS, correction, p_t, v + column, v_row, count, edge);
#endif
}

#endif

// Completes the sums over the work-items that share the lanes.
DEVICE_FN void share_lanes_sum(LOCAL float* shared_lane, lane_state* state)
{
#if ITEMS_Y > 1
    UNROLL for (int x = 0; x < LANE_VECS; x++)
        VEC_STORE(shared_lane + ITEM_Y * BLOCK_M + LANE_OF(0, x), state->sum[x]);
    GROUP_BARRIER();
    UNROLL for (int x = 0; x < LANE_VECS; x++) state->sum[x] = (vecf)(0.0f);
    for (int y = 0; y < ITEMS_Y; y++)
        UNROLL for (int x = 0; x < LANE_VECS; x++)
            state->sum[x] += VEC_LOAD(shared_lane + y * BLOCK_M + LANE_OF(0, x));
#endif
}

// shared_lane = 1 / sum; 0 for a lane that saw no key, whose outputs are 0.
DEVICE_FN void finish_lanes(LOCAL float* shared_lane, const lane_state* state)
{
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        vecf sum = state->sum[x];
        VEC_STORE(shared_lane + LANE_OF(0, x), sum == (vecf)(0.0f) ? (vecf)(0.0f) : 1.0f / sum);
    }
}

// o_t [HEAD_DIM_V][BLOCK_M] -> o rows, normalised and rounded to the storage type.
DEVICE_FN void write_rows(
    GLOBAL element* o, long o_row, LOCAL const float* o_t, LOCAL const float* factor, int rows, head_dims dims)
{
    for (int r = ITEM_Y; r < rows; r += ITEMS_Y)
    {
        for (int d = ITEM_X; d < DIM_V(dims); d += ITEMS_X)
            ELEMENT_STORE(o + r * o_row, d, o_t[d * LANE_STRIDE + r] * factor[r]);
    }
}

// Natural-log LSE of this work-item's lanes; -inf for a lane that saw no key.
DEVICE_FN void write_lse(GLOBAL float* lse, const lane_state* state, score_scale scales, int first_lane, int rows)
{
    UNROLL for (int x = 0; x < LANE_VECS; x++)
    {
        // Through memory, because a lane of a vector has no portable name.
        float max[VEC];
        float sum[VEC];
        VEC_STORE(max, state->max[x]);
        VEC_STORE(sum, state->sum[x]);
        for (int i = 0; i < VEC; i++)
        {
            int lane = LANE_OF(first_lane, x) + i;
            if (lane < rows) lse[lane] = sum[i] == 0.0f ? -INFINITY : max[i] * scales.to_natural + log(sum[i]);
        }
    }
}

#endif
