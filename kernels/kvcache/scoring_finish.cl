// What follows the scoring kernels: pooling over neighbouring keys, accumulation over steps, sums of partial statistics; and scores from
// logits that an attention kernel has written already.

#include "../dialect.h"
#include "../exponentials.h"

#define STATS 3
#define SUM_ITEMS 64

// Slots of a batch entry that have a meaning: kv_lengths[b] - dropped, clamped to 0 .. extent; extent where kv_lengths is null.
DEVICE_FN int valid_slots(GLOBAL const int* kv_lengths, long offset, int batch, int dropped, int extent)
{
    if (!kv_lengths) return extent;
    int length = kv_lengths[offset + batch];
    return length < dropped ? 0 : MIN_OF(length - dropped, extent);
}

// group [B, Hk, extent], 0 from an entry's valid slots on -> score: taps neighbours averaged (zeros beyond the ends, always divided by
// taps), plus decay * previous where previous is not null. previous may be score. Slots that are not valid get 0. Rows of score and
// previous are score_row and previous_row apart. Grid: at least (extent, B * Hk).
KERNEL void scores_finish(
    GLOBAL const float* group, GLOBAL const int* kv_lengths, GLOBAL const float* previous, GLOBAL float* score,
    long kv_lengths_offset, long previous_offset, long previous_row, long score_offset, long score_row,
    int rows, int kv_heads, int extent, int dropped, int taps, float decay)
{
    int j = (int)GLOBAL_X;
    int row = (int)GLOBAL_Y;
    if (j >= extent || row >= rows) return;
    int valid = valid_slots(kv_lengths, kv_lengths_offset, row / kv_heads, dropped, extent);
    float result = 0.0f;
    if (j < valid)
    {
        GLOBAL const float* at = group + (long)row * extent;
        int last = MIN_OF(j + taps / 2, extent - 1);
        for (int n = MAX_OF(j - taps / 2, 0); n <= last; n++) result += at[n];
        result /= (float)taps;
        if (previous) result += decay * previous[previous_offset + row * previous_row + j];
    }
    score[score_offset + row * score_row + j] = result;
}

// partials [heads, parts, 3] -> stats [heads, 3], always added in the same order. Grid: one group of SUM_ITEMS a head.
KERNEL GROUP_SHAPE(SUM_ITEMS, 1) void moments_stats(GLOBAL const float* partials, GLOBAL float* stats, long stats_offset, int parts)
{
    LOCAL_ARRAY(float, sums, STATS* SUM_ITEMS);
    int head = GROUP_X;
    int item = ITEM_X;
    partials += (long)head * parts * STATS;
    float entropy = 0.0f;
    float variance = 0.0f;
    float kurtosis = 0.0f;
    for (int i = item; i < parts; i += SUM_ITEMS)
    {
        entropy += partials[i * STATS];
        variance += partials[i * STATS + 1];
        kurtosis += partials[i * STATS + 2];
    }
    sums[item] = entropy;
    sums[SUM_ITEMS + item] = variance;
    sums[2 * SUM_ITEMS + item] = kurtosis;
    LOCAL_BARRIER();
    if (item < STATS)
    {
        float total = 0.0f;
        for (int i = 0; i < SUM_ITEMS; i++) total += sums[item * SUM_ITEMS + i];
        stats[stats_offset + (long)head * STATS + item] = total;
    }
}

// Scaled logits [B, Hq, Nq, N] and lse [B, Hq, Nq] -> group, col_sum, col_sumsq as attention_scores gives them. A logit of -inf and a row
// with lse = -inf count 0; slots from kv_lengths[b] on are not read. Grid: at least (N, B * Hk).
KERNEL void scores_from_logits(
    GLOBAL const float* logits, GLOBAL const float* lse, GLOBAL const int* kv_lengths,
    GLOBAL float* group, GLOBAL float* col_sum, GLOBAL float* col_sumsq,
    long logits_offset, long logits_batch, long logits_head, long logits_row,
    long lse_offset, long kv_lengths_offset, long col_sum_offset, long col_sumsq_offset,
    int rows, int heads, int heads_per_kv, int queries, int keys)
{
    int j = (int)GLOBAL_X;
    int row = (int)GLOBAL_Y;
    if (j >= keys || row >= rows) return;
    int kv_heads = heads / heads_per_kv;
    int batch = row / kv_heads;
    bool valid = j < valid_slots(kv_lengths, kv_lengths_offset, batch, 0, keys);
    float total = 0.0f;
    for (int g = 0; g < heads_per_kv; g++)
    {
        int head = row % kv_heads * heads_per_kv + g;
        long flat = (long)batch * heads + head;
        float sum = 0.0f;
        float sumsq = 0.0f;
        for (int i = 0; i < queries && valid; i++)
        {
            float shift = lse[lse_offset + flat * queries + i];
            float logit = logits[logits_offset + batch * logits_batch + head * logits_head + i * logits_row + j];
            float p = shift == -INFINITY ? 0.0f : vec_exp2(LOG2_E * (logit - shift));
            sum += p;
            sumsq += p * p;
        }
        total += sum;
        if (col_sum) col_sum[col_sum_offset + flat * keys + j] = sum;
        if (col_sumsq) col_sumsq[col_sumsq_offset + flat * keys + j] = sumsq;
    }
    group[(long)row * keys + j] = total / (float)heads_per_kv;
}
