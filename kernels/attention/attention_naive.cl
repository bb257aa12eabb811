// Attention in three kernels with the scores in global memory: the baseline that the fused kernel is measured and
// checked against. One work-item per score, per row, and per VEC output columns; neighbouring work-items write neighbouring
// elements. Same masks, same storage types, float32 arithmetic. It is meant to be what a careful first version is: VEC
// is the device's SIMD width, so a CPU device does not run it one float at a time.
//
// Build-time parameters: STORAGE, VEC, SOFTCAP. Shapes are arguments.

#include "../dialect.h"
#include "../vector.h"
#include "../storage.h"
#include "../exponentials.h"

// Keys [begin, end) that query i of a batch entry sees.
DEVICE_FN void visible_keys(int query, int queries, int keys, int length, int left, int right, int* begin, int* end)
{
    // A bound past every key is no bound; clamping keeps the sums far from overflow.
    left = MIN_OF(left, keys);
    right = MIN_OF(right, queries);
    int position = query + keys - queries;
    *begin = left >= 0 ? MAX_OF(0, position - left) : 0;
    *end = MIN_OF(keys, MAX_OF(length, 0));
    if (right >= 0) *end = MIN_OF(*end, position + right + 1);
}

#define LENGTH_OF(batch) (kv_lengths ? kv_lengths[kv_lengths_offset + (batch)] : keys)

// scores [B * Hq, Nq, Nk]; entries outside a query's range are not written. Grid: at least (Nk, Nq, B * Hq).
KERNEL void attention_naive_scores(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL float* scores, GLOBAL const int* kv_lengths,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row, long kv_lengths_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim,
    float scale, float softcap, int left, int right)
{
    int j = (int)GLOBAL_X;
    int i = (int)GLOBAL_Y;
    int batch_head = (int)GLOBAL_Z;
    int batch = batch_head / heads;
    int head = batch_head % heads;
    if (i >= queries) return;
    int begin, end;
    visible_keys(i, queries, keys, LENGTH_OF(batch), left, right, &begin, &end);
    if (j < begin || j >= end) return;

    q += q_offset + batch * q_batch + head * q_head + i * q_row;
    k += k_offset + batch * k_batch + (head / heads_per_kv) * k_head + j * k_row;
    float dot = 0.0f;
    int d = 0;
#if VEC > 1
    vecf partial = (vecf)(0.0f);
    for (; d + VEC <= head_dim; d += VEC) partial += ELEMENT_LOAD_VEC(q + d) * ELEMENT_LOAD_VEC(k + d);
    float lanes[VEC];
    VEC_STORE(lanes, partial);
    UNROLL for (int x = 0; x < VEC; x++) dot += lanes[x];
#endif
    for (; d < head_dim; d++) dot += ELEMENT_LOAD(q, d) * ELEMENT_LOAD(k, d);
#if SOFTCAP
    dot = softcap * tanh(dot * scale / softcap);
#else
    dot *= scale;
#endif
    scores[((long)batch_head * queries + i) * keys + j] = dot;
}

// scores rows -> softmax in place, and lse [B, Hq, Nq] where it is not null. Grid: at least (Nq, B * Hq).
KERNEL void attention_naive_softmax(
    GLOBAL float* scores, GLOBAL float* lse, GLOBAL const int* kv_lengths,
    long lse_offset, long lse_batch, long lse_head, long kv_lengths_offset,
    int heads, int queries, int keys, int left, int right)
{
    int i = (int)GLOBAL_X;
    int batch_head = (int)GLOBAL_Y;
    int batch = batch_head / heads;
    if (i >= queries) return;
    int begin, end;
    visible_keys(i, queries, keys, LENGTH_OF(batch), left, right, &begin, &end);
    scores += ((long)batch_head * queries + i) * keys;

    float max = -INFINITY;
    for (int j = begin; j < end; j++) max = MAX_OF(max, scores[j]);
    float reference = max == -INFINITY ? 0.0f : max;
    float sum = 0.0f;
    for (int j = begin; j < end; j++)
    {
        float weight = exp(scores[j] - reference);
        scores[j] = weight;
        sum += weight;
    }
    float factor = sum == 0.0f ? 0.0f : 1.0f / sum;
    for (int j = begin; j < end; j++) scores[j] *= factor;
    if (lse) lse[lse_offset + batch * lse_batch + (batch_head % heads) * lse_head + i] = sum == 0.0f ? -INFINITY : reference + log(sum);
}

// o = weights V, VEC columns to a work-item. Grid: at least (ceil(Dv / VEC), Nq, B * Hq).
KERNEL void attention_naive_output(
    GLOBAL const float* weights, GLOBAL const element* v, GLOBAL element* o, GLOBAL const int* kv_lengths,
    long v_offset, long v_batch, long v_head, long v_row,
    long o_offset, long o_batch, long o_head, long o_row, long kv_lengths_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim_v, int left, int right)
{
    int d = (int)GLOBAL_X * VEC;
    int i = (int)GLOBAL_Y;
    int batch_head = (int)GLOBAL_Z;
    int batch = batch_head / heads;
    int head = batch_head % heads;
    if (i >= queries) return;
    int begin, end;
    visible_keys(i, queries, keys, LENGTH_OF(batch), left, right, &begin, &end);
    weights += ((long)batch_head * queries + i) * keys;
    v += v_offset + batch * v_batch + (head / heads_per_kv) * v_head;
    o += o_offset + batch * o_batch + head * o_head + i * o_row;

#if VEC > 1
    if (d + VEC <= head_dim_v)
    {
        vecf sums = (vecf)(0.0f);
        for (int j = begin; j < end; j++) sums += weights[j] * ELEMENT_LOAD_VEC(v + j * v_row + d);
        float lanes[VEC];
        VEC_STORE(lanes, sums);
        UNROLL for (int x = 0; x < VEC; x++) ELEMENT_STORE(o, d + x, lanes[x]);
        return;
    }
#endif
    int last = MIN_OF(d + VEC, head_dim_v);
    for (; d < last; d++)
    {
        float sum = 0.0f;
        for (int j = begin; j < end; j++) sum += weights[j] * ELEMENT_LOAD(v + j * v_row, d);
        ELEMENT_STORE(o, d, sum);
    }
}
