// Decode attention in two kernels with the logits in global memory: the baseline that attention_decode.cl is measured and checked against.
// One work-item per logit, then one per output column, each of which goes over its row's logits anew. Same operands, float32 arithmetic.
//
// The quantised segment and its format are arguments, so that a storage type has one program; without that segment its pointers are null.
//
// Build-time parameters: STORAGE.

#include "../dialect.h"
#include "../storage.h"
#include "decode_operands.h"

// Element d of a slot's row, its scale included.
DEVICE_FN float value_of(int format, kv_tensor t, slot_place place, int d)
{
    GLOBAL const unsigned char* row = row_of(format != 0, t, place);
    if (format == 0) return ELEMENT_LOAD((GLOBAL const element*)row, d);
    if (format == KV_FORMAT_E4M3) return e4m3_to_float(row[d]) * scale_of(t, place);
    int within = d % KV_GROUP;
    uint nibble = (uint)row[d / KV_GROUP * (KV_GROUP / 2) + within % (KV_GROUP / 2)] >> (within / (KV_GROUP / 2) * 4) & 0xfu;
    return int4_to_float(nibble, e4m3_to_float(groups_of(t, place)[d / KV_GROUP])) * scale_of(t, place);
}

// One kind of slots as a single part.
DEVICE_FN kv_part whole_part(segment_shape shape, GLOBAL const int* table, long table_offset, GLOBAL const int* lengths,
    long lengths_offset, int batch)
{
    kv_part part = part_of(shape, table, table_offset, lengths, lengths_offset, batch, 0);
    part.end = part.length;
    return part;
}

DEVICE_FN float logit_of(int format, const kv_part* part, GLOBAL const element* q, int slot, decode_shape shape)
{
    slot_place place = place_of(part, slot);
    float dot = 0.0f;
    for (int d = 0; d < shape.head_dim; d++) dot += ELEMENT_LOAD(q, d) * value_of(format, part->k, place, d);
    float logit = dot * shape.scale;
    return shape.softcap > 0.0f ? shape.softcap * tanh(logit / shape.softcap) : logit;
}

// scores [B, Hq, Nq, logit_columns]: logits, -inf where masked; slots behind a length are not written. Grid: at least B * Hq * Nq *
// logit_columns, which is not 0.
KERNEL void attention_decode_naive_logits(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const int* page_table, GLOBAL const int* lengths, GLOBAL float* scores,
    long scores_offset,
    kv_layout q_at, kv_layout k_at, long page_table_offset, long lengths_offset, decode_shape shape, segment_shape originals, long units,
    GLOBAL const unsigned char* k_codes, GLOBAL const unsigned char* k_groups, GLOBAL const float* k_scales,
    GLOBAL const int* quantised_table, GLOBAL const int* quantised_lengths, kv_layout k_codes_at, kv_layout k_groups_at,
    kv_layout k_scales_at,
    long quantised_table_offset, long quantised_lengths_offset, segment_shape quantised, int format)
{
    long unit = GLOBAL_X / shape.logit_columns;
    int slot = (int)(GLOBAL_X % shape.logit_columns);
    if (unit >= units) return;
    int query = (int)(unit % shape.queries);
    int head = (int)(unit / shape.queries % (shape.kv_heads * shape.heads_per_kv));
    int batch = (int)(unit / shape.queries / (shape.kv_heads * shape.heads_per_kv));
    int kv_head = head / shape.heads_per_kv;
    q += q_at.offset + batch * q_at.page + head * q_at.head + query * q_at.row;
    scores += scores_offset + unit * shape.logit_columns + slot;

    if (format == 0 || slot < quantised.first_logit)
    {
        kv_part part = whole_part(originals, page_table, page_table_offset, lengths, lengths_offset, batch);
        part.causal = shape.causal != 0;
        part.k = original_rows(k, k_at, kv_head, shape.head_dim);
        if (slot < part.end) *scores = slot < visible_end(&part, query, shape.queries) ? logit_of(0, &part, q, slot, shape) : -INFINITY;
        return;
    }
    slot -= quantised.first_logit;
    kv_part part = whole_part(quantised, quantised_table, quantised_table_offset, quantised_lengths, quantised_lengths_offset, batch);
    part.k = quantised_rows(k_codes, k_codes_at, k_groups, k_groups_at, k_scales, k_scales_at, kv_head, shape.head_dim);
    if (slot < part.end) *scores = logit_of(format, &part, q, slot, shape);
}

DEVICE_FN float largest(float max, GLOBAL const float* scores, int count)
{
    for (int j = 0; j < count; j++) max = MAX_OF(max, scores[j]);
    return max;
}

// Adds the weights of a part's slots and their values' column d.
DEVICE_FN void add_part(float* sum, float* output, int format, const kv_part* part, GLOBAL const float* scores, float reference, int d)
{
    for (int j = 0; j < part->end; j++)
    {
        if (scores[j] == -INFINITY) continue;
        float weight = exp(scores[j] - reference);
        *sum += weight;
        *output += weight * value_of(format, part->v, place_of(part, j), d);
    }
}

// o and, where it is not null, lse from the scores. Grid: at least B * Hq * Nq * Dv.
KERNEL void attention_decode_naive_output(
    GLOBAL const float* scores, GLOBAL const element* v, GLOBAL const int* page_table, GLOBAL const int* lengths, GLOBAL element* o,
    GLOBAL float* lse, long scores_offset,
    kv_layout v_at, kv_layout o_at, long page_table_offset, long lengths_offset, long lse_offset, decode_shape shape,
    segment_shape originals, long units,
    GLOBAL const unsigned char* v_codes, GLOBAL const unsigned char* v_groups, GLOBAL const float* v_scales,
    GLOBAL const int* quantised_table, GLOBAL const int* quantised_lengths, kv_layout v_codes_at, kv_layout v_groups_at,
    kv_layout v_scales_at,
    long quantised_table_offset, long quantised_lengths_offset, segment_shape quantised, int format)
{
    long unit = GLOBAL_X / shape.value_dim;
    int d = (int)(GLOBAL_X % shape.value_dim);
    if (unit >= units) return;
    int query = (int)(unit % shape.queries);
    int head = (int)(unit / shape.queries % (shape.kv_heads * shape.heads_per_kv));
    int batch = (int)(unit / shape.queries / (shape.kv_heads * shape.heads_per_kv));
    int kv_head = head / shape.heads_per_kv;
    scores += scores_offset + unit * shape.logit_columns;

    kv_part part = whole_part(originals, page_table, page_table_offset, lengths, lengths_offset, batch);
    part.v = original_rows(v, v_at, kv_head, shape.value_dim);
    float max = largest(-INFINITY, scores, part.end);
    kv_part second;
    if (format != 0)
    {
        second = whole_part(quantised, quantised_table, quantised_table_offset, quantised_lengths, quantised_lengths_offset, batch);
        second.v = quantised_rows(v_codes, v_codes_at, v_groups, v_groups_at, v_scales, v_scales_at, kv_head, shape.value_dim);
        max = largest(max, scores + quantised.first_logit, second.end);
    }
    float reference = max == -INFINITY ? 0.0f : max;
    float sum = 0.0f;
    float output = 0.0f;
    add_part(&sum, &output, 0, &part, scores, reference, d);
    if (format != 0) add_part(&sum, &output, format, &second, scores + quantised.first_logit, reference, d);
    ELEMENT_STORE(o + o_at.offset + batch * o_at.page + head * o_at.head + query * o_at.row, d, sum == 0.0f ? 0.0f : output / sum);
    if (lse && d == 0) lse[lse_offset + unit] = sum == 0.0f ? -INFINITY : reference + log(sum);
}
