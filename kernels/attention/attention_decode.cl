// Decode attention: one to sixteen query rows against a long key/value cache, O = softmax(cap(scale * Q K^T)) V with an online softmax in
// float32.
//
// A group takes one part of one sequence's slots for one KV head, and all query rows that share that head (in blocks of ROWS), so keys and
// values are read once for them all. Parts are of one kind of slots: as stored (STORAGE), or quantised (QUANT), whose codes are widened in
// registers; a key's scale multiplies its logit, a value's scale its weight. One part is written as the result; several are merged by
// lse_merge.cl.
//
// Two shapes of group, one text, row lengths as arguments: decode_group.h for GPUs (VEC = 1, ITEMS_X x ITEMS_Y work-items, rows of up to
// ITEMS_X * 8 elements), decode_lanes.h for CPUs (one work-item, VEC floats).
//
// Build-time parameters: STORAGE, QUANT, VEC, ROWS, ITEMS_X, ITEMS_Y; SLOTS (GPU) or TILE, COLUMN_VECS (CPU).
// DecodeTiles.Choose picks them.

#include "../dialect.h"
#include "../vector.h"
#include "../storage.h"
#include "../exponentials.h"
#include "decode_operands.h"
#include "lse_merge.h"
#include "decode_group.h"
#include "decode_lanes.h"

#if ITEMS_X * ITEMS_Y > 1
#define ROW_STRIDE CAPACITY
#define GROUP_BARRIER() LOCAL_BARRIER()
#else
#define ROW_STRIDE LANE_CAPACITY
#define GROUP_BARRIER()
#define ITEM 0
#define ITEMS 1
#endif

// Query rows first .. first + rows - 1 of a KV head as float32; zeros behind a row's end and in place of rows that there are not.
DEVICE_FN void pack_rows(LOCAL float* to, GLOBAL const element* q, kv_layout at, int first_head, int first, int rows, decode_shape shape)
{
    for (int r = 0; r < ROWS; r++)
    {
        int row = first + r;
        int dim = r < rows ? shape.head_dim : 0;
        GLOBAL const element* from = q + (first_head + row / shape.queries) * at.head + row % shape.queries * at.row;
        for (int d = ITEM; d < ROW_STRIDE; d += ITEMS)
        {
            float x = 0.0f;
            if (d < dim) x = ELEMENT_LOAD(from, d);
            to[r * ROW_STRIDE + d] = x;
        }
    }
}

// rows_out [rows][ROW_STRIDE] and row_values (maxima [ROWS], sums [ROWS]) -> the result, or a part of it. unit is the first row's place in
// [B, Hq, Nq].
DEVICE_FN void write_rows(LOCAL const float* rows_out, LOCAL const float* row_values, int rows, long unit, int part, decode_shape shape,
    GLOBAL element* o, kv_layout o_at, int first_head, int first, GLOBAL float* lse, GLOBAL float* partial_out,
    GLOBAL float* partial_state, int partial_stride)
{
    for (int r = 0; r < rows; r++)
    {
        LOCAL const float* from = rows_out + r * ROW_STRIDE;
        int row = first + r;
        float max = row_values[r];
        float sum = row_values[ROWS + r];
        if (shape.parts == 1)
        {
            GLOBAL element* to = o + (first_head + row / shape.queries) * o_at.head + row % shape.queries * o_at.row;
            float factor = lse_factor(sum);
            for (int d = ITEM; d < shape.value_dim; d += ITEMS) ELEMENT_STORE(to, d, from[d] * factor);
            if (lse && ITEM == 0) lse[unit + r] = lse_of(max, sum);
            continue;
        }
        long index = (unit + r) * shape.parts + part;
        GLOBAL float* to = partial_out + index * partial_stride;
        if (sum != 0.0f)
            for (int d = ITEM; d < shape.value_dim; d += ITEMS) to[d] = from[d];
        if (ITEM == 0)
        {
            partial_state[LSE_STATE * index] = max;
            partial_state[LSE_STATE * index + 1] = sum;
        }
    }
}

// q [B, Hq, Nq, D]; k, v [B or pages, Hk, slots, D or Dv] and the same as codes, group factors and scales; o [B, Hq, Nq, Dv]; lse [B, Hq,
// Nq] and logits [B, Hq, Nq, logit_columns], contiguous, may be null; lengths may be null, tables are null without paging. With more than
// one part partial_out [B, Hq, Nq, parts, partial_stride] and partial_state [B, Hq, Nq, parts, 2] take max, sum and unnormalised output
// instead of o and lse. Slots at and behind a sequence's length are never read, nor are the table's entries for them.
// Grid: row_blocks * parts * kv_heads * B groups.
KERNEL GROUP_SHAPE(ITEMS_X, ITEMS_Y) void attention_decode(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const element* v, GLOBAL const int* page_table, GLOBAL const int* lengths,
    GLOBAL element* o, GLOBAL float* lse, GLOBAL float* logits, GLOBAL float* partial_out, GLOBAL float* partial_state,
    kv_layout q_at, kv_layout k_at, kv_layout v_at, kv_layout o_at,
    long page_table_offset, long lengths_offset, long lse_offset, long logits_offset, int partial_stride,
    decode_shape shape, segment_shape originals
#if QUANT
    ,
    GLOBAL const unsigned char* k_codes, GLOBAL const unsigned char* k_groups, GLOBAL const float* k_scales,
    GLOBAL const unsigned char* v_codes, GLOBAL const unsigned char* v_groups, GLOBAL const float* v_scales,
    GLOBAL const int* quantised_table, GLOBAL const int* quantised_lengths,
    kv_layout k_codes_at, kv_layout k_groups_at, kv_layout k_scales_at, kv_layout v_codes_at, kv_layout v_groups_at, kv_layout v_scales_at,
    long quantised_table_offset, long quantised_lengths_offset, segment_shape quantised
#endif
)
{
#if ITEMS_X * ITEMS_Y > 1
    LOCAL_ARRAY(float, q_rows, ROWS* CAPACITY);
    LOCAL_ARRAY(float, partial, TILE* ROWS* PARTIAL_STRIDE);
    LOCAL_ARRAY(float, weights, TILE* ROWS);
    LOCAL_ARRAY(float, items, ITEMS);
    LOCAL_ARRAY(float, row_values, 2 * ROWS);
#else
    LOCAL_ARRAY(float, q_rows, ROWS* ROW_STRIDE);
    LOCAL_ARRAY(float, weights, TILE* ROWS);
    LOCAL_ARRAY(float, out, ROWS* ROW_STRIDE);
    LOCAL_ARRAY(float, row_values, 2 * ROWS);
#endif

    int block = GROUP_X % shape.row_blocks;
    int index = GROUP_X / shape.row_blocks % shape.parts;
    int kv_head = GROUP_X / shape.row_blocks / shape.parts % shape.kv_heads;
    int batch = GROUP_X / shape.row_blocks / shape.parts / shape.kv_heads;
    int first = block * ROWS;
    int all_rows = shape.heads_per_kv * shape.queries;
    int rows = MIN_OF(ROWS, all_rows - first);
    int first_head = kv_head * shape.heads_per_kv;
    long unit = ((long)batch * shape.kv_heads + kv_head) * all_rows + first;

    pack_rows(q_rows, q + q_at.offset + batch * q_at.page, q_at, first_head, first, rows, shape);

    GLOBAL float* spill = logits ? logits + logits_offset + unit * shape.logit_columns : logits;

#if ITEMS_X * ITEMS_Y > 1
    group_memory local_memory = {q_rows, partial, weights, items, row_values};
    group_state state;
#else
    lane_memory local_memory = {q_rows, weights, out, row_values};
    lanes_state state;
#endif
    clear_state(&local_memory, &state);
    bool is_quantised = QUANT != 0 && index >= originals.parts;
    if (is_quantised)
    {
#if QUANT
        kv_part part = part_of(quantised, quantised_table, quantised_table_offset, quantised_lengths, quantised_lengths_offset, batch,
            index - originals.parts);
        part.k = quantised_rows(k_codes, k_codes_at, k_groups, k_groups_at, k_scales, k_scales_at, kv_head, shape.head_dim);
        part.v = quantised_rows(v_codes, v_codes_at, v_groups, v_groups_at, v_scales, v_scales_at, kv_head, shape.value_dim);
        walk_slots(&local_memory, &state, true, &part, first, rows, shape, spill);
#endif
    }
    else
    {
        kv_part part = part_of(originals, page_table, page_table_offset, lengths, lengths_offset, batch, index);
        part.causal = shape.causal != 0;
        part.k = original_rows(k, k_at, kv_head, shape.head_dim);
        part.v = original_rows(v, v_at, kv_head, shape.value_dim);
        walk_slots(&local_memory, &state, false, &part, first, rows, shape, spill);
    }
#if ITEMS_X * ITEMS_Y > 1
    LOCAL const float* out = partial;
#endif
    combine_state(&local_memory, &state, is_quantised);
    write_rows(out, row_values, rows, unit, index, shape, o + o_at.offset + batch * o_at.page, o_at, first_head, first,
        lse ? lse + lse_offset : lse,
        partial_out, partial_state, partial_stride);
}
