// Moments and column sums with one work-item to a key, which takes every dot product from global memory: the baseline that the tiled
// kernels are measured and checked against. Arguments and results are those of attention_moments.cl and attention_scores.cl.
//
// Build-time parameter: STORAGE. WINDOW rows of probabilities fit a work-item.

#include "../dialect.h"
#include "../storage.h"

#define WINDOW 64
#define ENTROPY_EPSILON 1e-10f
#define SMALLEST_VARIANCE 1.17549435e-38f

DEVICE_FN float naive_probability(
    GLOBAL const element* q, GLOBAL const element* k, float lse, int head_dim, float scale, float softcap)
{
    float dot = 0.0f;
    for (int d = 0; d < head_dim; d++) dot += ELEMENT_LOAD(q, d) * ELEMENT_LOAD(k, d);
    float logit = softcap > 0.0f ? softcap * tanh(dot * scale / softcap) : dot * scale;
    return lse == -INFINITY ? 0.0f : exp(logit - lse);
}

DEVICE_FN int naive_valid_keys(GLOBAL const int* kv_lengths, long offset, int batch, int keys)
{
    int length = kv_lengths ? kv_lengths[offset + batch] : keys;
    return length < 0 ? 0 : MIN_OF(length, keys);
}

// Grid: at least (N, B * Hk).
KERNEL void scores_naive(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const float* lse, GLOBAL const int* kv_lengths,
    GLOBAL float* group, GLOBAL float* col_sum, GLOBAL float* col_sumsq,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row,
    long lse_offset, long kv_lengths_offset, long col_sum_offset, long col_sumsq_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim, float scale, float softcap, int causal, int kv_rows)
{
    int j = (int)GLOBAL_X;
    int kv_row = (int)GLOBAL_Y;
    if (j >= keys || kv_row >= kv_rows) return;
    int kv_heads = heads / heads_per_kv;
    int batch = kv_row / kv_heads;
    int kv_head = kv_row % kv_heads;
    int length = naive_valid_keys(kv_lengths, kv_lengths_offset, batch, keys);
    int first = causal ? MAX_OF(0, j - (length - queries)) : 0;
    if (j >= length) first = queries;
    k += k_offset + batch * k_batch + kv_head * k_head + j * k_row;
    float total = 0.0f;
    for (int g = 0; g < heads_per_kv; g++)
    {
        int head = kv_head * heads_per_kv + g;
        long flat = (long)batch * heads + head;
        float sum = 0.0f;
        float sumsq = 0.0f;
        for (int i = first; i < queries; i++)
        {
            float p = naive_probability(q + q_offset + batch * q_batch + head * q_head + i * q_row, k,
                lse[lse_offset + flat * queries + i], head_dim, scale, softcap);
            sum += p;
            sumsq += p * p;
        }
        total += sum;
        if (col_sum) col_sum[col_sum_offset + flat * keys + j] = sum;
        if (col_sumsq) col_sumsq[col_sumsq_offset + flat * keys + j] = sumsq;
    }
    group[(long)kv_row * keys + j] = total / (float)heads_per_kv;
}

// partials [B, Hq, past, 3]: one part a key. Grid: at least (past, B * Hk).
KERNEL void moments_naive(
    GLOBAL const element* q, GLOBAL const element* k, GLOBAL const float* lse, GLOBAL const int* kv_lengths,
    GLOBAL float* mean, GLOBAL float* variance, GLOBAL float* fourth, GLOBAL float* group, GLOBAL float* partials,
    long q_offset, long q_batch, long q_head, long q_row,
    long k_offset, long k_batch, long k_head, long k_row,
    long lse_offset, long kv_lengths_offset, long mean_offset, long variance_offset, long fourth_offset,
    int heads, int heads_per_kv, int queries, int keys, int head_dim, float scale, float softcap, float gamma, float variance_floor,
    int kv_rows)
{
    int j = (int)GLOBAL_X;
    int kv_row = (int)GLOBAL_Y;
    int past = keys - queries;
    if (j >= past || kv_row >= kv_rows) return;
    int kv_heads = heads / heads_per_kv;
    int batch = kv_row / kv_heads;
    int kv_head = kv_row % kv_heads;
    bool valid = j < naive_valid_keys(kv_lengths, kv_lengths_offset, batch, keys) - queries;
    k += k_offset + batch * k_batch + kv_head * k_head + j * k_row;
    float rows = (float)queries;
    float total = 0.0f;
    float p[WINDOW];
    for (int g = 0; g < heads_per_kv; g++)
    {
        int head = kv_head * heads_per_kv + g;
        long flat = (long)batch * heads + head;
        float average = 0.0f;
        float entropy = 0.0f;
        for (int i = 0; i < queries; i++)
        {
            p[i] = valid ? naive_probability(q + q_offset + batch * q_batch + head * q_head + i * q_row, k,
                               lse[lse_offset + flat * queries + i], head_dim, scale, softcap)
                         : 0.0f;
            average += p[i];
            entropy -= p[i] * log(p[i] + ENTROPY_EPSILON);
        }
        average /= rows;
        float m2 = 0.0f;
        float m4 = 0.0f;
        for (int i = 0; i < queries; i++)
        {
            float d = p[i] - average;
            m2 += d * d;
            m4 += d * d * (d * d);
        }
        float unbiased = queries > 1 ? m2 / (rows - 1.0f) : 0.0f;
        float floored = MAX_OF(m2 / rows, variance_floor);
        float kurtosis = 0.0f;
        for (int i = 0; i < queries && floored >= SMALLEST_VARIANCE; i++)
        {
            float d = p[i] - average;
            kurtosis += d * d / floored * (d * d / floored);
        }
        total += average + gamma * unbiased;
        if (mean) mean[mean_offset + flat * past + j] = average;
        if (variance) variance[variance_offset + flat * past + j] = unbiased;
        if (fourth) fourth[fourth_offset + flat * past + j] = m4 / rows;
        if (partials)
        {
            GLOBAL float* part = partials + (flat * past + j) * 3;
            part[0] = entropy;
            part[1] = unbiased;
            part[2] = kurtosis / rows;
        }
    }
    group[(long)kv_row * past + j] = total / (float)heads_per_kv;
}
