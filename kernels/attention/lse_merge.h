// Partial softmaxes and how they become one. A part of a row's keys is (max, sum, output): the largest logit m, t = sum exp(logit - m), and
// the unnormalised output sum exp(logit - m) v. Whatever splits rows of attention over groups ends with these formulas, and so does what
// does not split: one part, and several of which one is not empty, then give the same bits.
#ifndef KERNEL_LSE_MERGE_H
#define KERNEL_LSE_MERGE_H

#include "../dialect.h"
#include "../exponentials.h"

// Floats of a part's state: max, sum.
#define LSE_STATE 2

// What logits are compared with: while no key is visible it is 0, so that -inf - reference is -inf and not NaN.
DEVICE_FN float lse_reference(float max) { return max == -INFINITY ? 0.0f : max; }

// exp(logit - reference).
DEVICE_FN vecf lse_weight(vecf logit, vecf reference) { return vec_exp2(LOG2_E * (logit - reference)); }

// Factor on the output; a row that saw no key has outputs 0.
DEVICE_FN float lse_factor(float sum) { return sum == 0.0f ? 0.0f : 1.0f / sum; }

// Natural logarithm of the sum of exponentials.
DEVICE_FN float lse_of(float max, float sum) { return sum == 0.0f ? -INFINITY : max + log(sum); }

// Largest logit of all parts of a row.
DEVICE_FN float lse_merged_max(GLOBAL const float* state, int parts)
{
    float max = -INFINITY;
    for (int p = 0; p < parts; p++) max = MAX_OF(max, state[LSE_STATE * p]);
    return max;
}

// Sum of all parts of a row. An empty part has sum 0 and is passed over; a NaN is not.
DEVICE_FN float lse_merged_sum(GLOBAL const float* state, int parts, float reference)
{
    vecf sum = (vecf)(0.0f);
    for (int p = 0; p < parts; p++)
        if (state[LSE_STATE * p + 1] != 0.0f) sum += lse_weight((vecf)(state[LSE_STATE * p]), (vecf)(reference)) * state[LSE_STATE * p + 1];
    float lanes[VEC];
    VEC_STORE(lanes, sum);
    return lanes[0];
}

// VEC columns of the output of all parts of a row; an empty part's are not read.
DEVICE_FN vecf lse_merged_output(GLOBAL const float* outputs, GLOBAL const float* state, int parts, int columns, int column,
    float reference)
{
    vecf sum = (vecf)(0.0f);
    for (int p = 0; p < parts; p++)
    {
        if (state[LSE_STATE * p + 1] == 0.0f) continue;
        vecf weight = lse_weight((vecf)(state[LSE_STATE * p]), (vecf)(reference));
        sum += weight * VEC_LOAD(outputs + (long)p * columns + column);
    }
    return sum;
}

#endif
