// min |A f - b| over f >= 0 by the active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23), a group a
// problem. The passive columns are kept as Q R: a column is appended by Gram-Schmidt, twice where much cancelled, and taken out by Givens
// rotations. QR rather than a Gram matrix, which squares the condition. All control flow is the same for every work-item of the group:
// what it turns on is in local memory and read after a barrier.
//
// Build-time parameters: ROWS, the most counters (Q's stride follows), REAL, VEC, ITEMS as in real.h.
#ifndef KERNEL_COUNTERS_ACTIVE_SET_H
#define KERNEL_COUNTERS_ACTIVE_SET_H

#include "real.h"

#ifndef ROWS
#define ROWS 32
#endif

#define COLUMNS 256

// A row more than there are rows keeps neighbouring work-items in different banks.
#define Q_STRIDE (ROWS + (VEC == 1 ? 1 : 0))

// Below this share of |b| a gradient is rounding; below this length what a unit column adds to the passive ones counts as dependent on
// them.
#if REAL == 64
#define GRADIENT_TOLERANCE 1e-12
#define DEPENDENT 1e-11
#else
#define GRADIENT_TOLERANCE 1e-6f
#define DEPENDENT 1e-5f
#endif

// Bits of a column's state; a column without any may enter.
#define PASSIVE 1
#define BARRED 2

typedef struct
{
    // columns [rows rounded up to 4][stride], unit length, padded with zeros; triangle: column k of R at k * ROWS.
    GLOBAL real* columns;
    GLOBAL real* triangle;
    LOCAL real* q;        // [ROWS][Q_STRIDE]: column k of Q
    LOCAL real* residual; // b - A f
    LOCAL real* next;
    LOCAL real* projected; // transposed Q times b
    LOCAL real* inverses;  // of the diagonal of R
    LOCAL real* weights;   // of the passive columns, in their order
    LOCAL real* trial;
    LOCAL real* solution;
    LOCAL real* spare;
    LOCAL real* gradient; // [COLUMNS]
    LOCAL real* best;     // [ITEMS]
    LOCAL int* best_at;   // [ITEMS]
    LOCAL int* state;     // [COLUMNS]: PASSIVE, BARRED
    LOCAL int* passive;   // [ROWS]
    int rows, count, stride, padded, rank;
} Solver;

// The product of two rows of local memory, by every work-item for itself.
DEVICE_FN real dot_of(LOCAL const real* x, LOCAL const real* y, int padded)
{
    reals sum = (reals)(0);
    for (int i = 0; i < padded; i += VEC) sum += REALS_LOAD(x + i) * REALS_LOAD(y + i);
    return sum_of(sum);
}

DEVICE_FN void add_scaled(LOCAL real* target, real factor, LOCAL const real* x, int padded)
{
    for (int i = ITEM_X * VEC; i < padded; i += ITEMS * VEC) REALS_STORE(target + i, REALS_LOAD(target + i) + factor * REALS_LOAD(x + i));
}

// The free column whose gradient is largest and above the threshold, the first of equals; -1 where there is none.
DEVICE_FN int steepest(const Solver* s, real threshold)
{
    for (int j = ITEM_X * VEC; j < s->stride; j += ITEMS * VEC)
    {
        reals a = (reals)(0), b = (reals)(0), c = (reals)(0), d = (reals)(0);
        GLOBAL const real* column = s->columns + j;
        for (int i = 0; i < s->rows; i += 4, column += 4 * s->stride)
        {
            a += s->residual[i] * REALS_LOAD(column);
            b += s->residual[i + 1] * REALS_LOAD(column + s->stride);
            c += s->residual[i + 2] * REALS_LOAD(column + 2 * s->stride);
            d += s->residual[i + 3] * REALS_LOAD(column + 3 * s->stride);
        }
        REALS_STORE(s->gradient + j, (a + b) + (c + d));
    }
    int at = -1;
    for (int j = ITEM_X; j < s->count; j += ITEMS)
    {
        if (s->state[j] != 0 || !(s->gradient[j] > threshold)) continue;
        threshold = s->gradient[j];
        at = j;
    }
#if ITEMS > 1
    s->best[ITEM_X] = threshold;
    s->best_at[ITEM_X] = at;
    SYNC_LOCAL();
    at = -1;
    for (int n = 0; n < ITEMS; n++)
    {
        int other = s->best_at[n];
        if (other < 0 || (at >= 0 && (s->best[n] < threshold || (s->best[n] == threshold && other > at)))) continue;
        threshold = s->best[n];
        at = other;
    }
    SYNC_LOCAL();
#endif
    return at;
}

// Takes a column into the passive set with weight zero, and its part of b out of the residual. False where it depends on the passive
// ones, or does not point towards the residual once they are taken out of it.
DEVICE_FN int append(Solver* s, int entering)
{
    int rank = s->rank;
    if (rank == s->rows) return 0;
    LOCAL real* own = s->q + rank * Q_STRIDE;
    GLOBAL real* column = s->triangle + rank * ROWS;
    for (int i = ITEM_X; i < s->padded; i += ITEMS) s->next[i] = i < s->rows ? s->columns[(long)i * s->stride + entering] : (real)0;
    for (int k = ITEM_X; k < rank; k += ITEMS) column[k] = (real)0;
    SYNC_LOCAL();
    real before = (real)1;
    real length = (real)1;
    for (int pass = 0; pass < 3 && rank > 0; pass++)
    {
        for (int k = ITEM_X; k < rank; k += ITEMS)
        {
            real along = dot_of(s->q + k * Q_STRIDE, s->next, s->padded);
            s->spare[k] = along;
            column[k] += along;
        }
        SYNC_LOCAL();
        for (int i = ITEM_X * VEC; i < s->padded; i += ITEMS * VEC)
        {
            reals value = REALS_LOAD(s->next + i);
            for (int k = 0; k < rank; k++) value -= s->spare[k] * REALS_LOAD(s->q + k * Q_STRIDE + i);
            REALS_STORE(s->next + i, value);
        }
        SYNC_LOCAL();
        length = sqrt(dot_of(s->next, s->next, s->padded));
        if (length < DEPENDENT) return 0;

        // Where little cancelled the first pass was accurate (Kahan and Parlett's "twice is enough").
        if (length > (real)0.5 * before) break;
        before = length;
    }
    real inverse = (real)1 / length;
    for (int i = ITEM_X; i < s->padded; i += ITEMS) own[i] = s->next[i] * inverse;
    SYNC_LOCAL();
    real along = dot_of(own, s->residual, s->padded);
    SYNC_LOCAL();
    if (!(along > (real)0)) return 0;
    add_scaled(s->residual, -along, own, s->padded);
    if (ITEM_X == 0)
    {
        column[rank] = length;
        s->inverses[rank] = inverse;
        s->projected[rank] = along;
        s->weights[rank] = (real)0;
        s->passive[rank] = entering;
        s->state[entering] |= PASSIVE;
    }
    s->rank = rank + 1;
    SYNC_GLOBAL();
    SYNC_LOCAL();
    return 1;
}

// Takes a column out of the passive set: R loses it, rotations make it triangular again, and the last direction goes back into the
// residual.
DEVICE_FN void take_out(Solver* s, int place)
{
    int last = s->rank - 1;
    SYNC_LOCAL();
    if (ITEM_X == 0)
    {
        s->state[s->passive[place]] &= ~PASSIVE;
        for (int k = place; k < last; k++)
        {
            s->passive[k] = s->passive[k + 1];
            s->weights[k] = s->weights[k + 1];
            s->solution[k] = s->solution[k + 1];
        }
    }
    for (int i = ITEM_X; i <= last; i += ITEMS)
        for (int k = MAX_OF(place, i - 1); k < last; k++) s->triangle[k * ROWS + i] = s->triangle[(k + 1) * ROWS + i];
    SYNC_GLOBAL();
    SYNC_LOCAL();
    for (int i = place; i < last; i++)
    {
        real over = s->triangle[i * ROWS + i];
        real under = s->triangle[i * ROWS + i + 1];
        real length = sqrt(over * over + under * under);
        real c = over / length;
        real t = under / length;
        SYNC_GLOBAL();
        for (int k = i + 1 + ITEM_X; k < last; k += ITEMS)
        {
            GLOBAL real* pair = s->triangle + k * ROWS + i;
            real x = pair[0];
            real y = pair[1];
            pair[0] = c * x + t * y;
            pair[1] = c * y - t * x;
        }
        for (int n = ITEM_X * VEC; n < s->padded; n += ITEMS * VEC)
        {
            LOCAL real* pair = s->q + i * Q_STRIDE + n;
            reals x = REALS_LOAD(pair);
            reals y = REALS_LOAD(pair + Q_STRIDE);
            REALS_STORE(pair, c * x + t * y);
            REALS_STORE(pair + Q_STRIDE, c * y - t * x);
        }
        if (ITEM_X == 0)
        {
            real x = s->projected[i];
            real y = s->projected[i + 1];
            s->triangle[i * ROWS + i] = length;
            s->inverses[i] = (real)1 / length;
            s->projected[i] = c * x + t * y;
            s->projected[i + 1] = c * y - t * x;
        }
        SYNC_GLOBAL();
        SYNC_LOCAL();
    }
    s->rank = last;
    add_scaled(s->residual, s->projected[last], s->q + last * Q_STRIDE, s->padded);
    SYNC_LOCAL();
}

// solution = inverse of R times projected
DEVICE_FN void back_substitute(const Solver* s)
{
    for (int k = ITEM_X; k < s->rank; k += ITEMS) s->trial[k] = s->projected[k];
    SYNC_LOCAL();
    for (int k = s->rank - 1; k >= 0; k--)
    {
        GLOBAL const real* column = s->triangle + k * ROWS;
        real value = s->trial[k] * s->inverses[k];
        if (ITEM_X == 0) s->solution[k] = value;

        // Places from k on are not read again, so whole vectors may be taken.
        for (int i = ITEM_X * VEC; i < k; i += ITEMS * VEC)
            REALS_STORE(s->trial + i, REALS_LOAD(s->trial + i) - value * REALS_LOAD(column + i));
        SYNC_LOCAL();
    }
}

// Moves from the last feasible weights to the least-squares ones of the passive columns; columns that would turn negative leave on the way.
DEVICE_FN int settle(Solver* s, int bound)
{
    for (int step = 0; step <= bound; step++)
    {
        back_substitute(s);
        real share = (real)1;
        int blocking = -1;
        for (int k = 0; k < s->rank; k++)
        {
            if (s->solution[k] > (real)0) continue;
            real below = s->weights[k] - s->solution[k];
            real limit = below > (real)0 ? s->weights[k] / below : (real)0;
            if (!(limit < share || blocking < 0)) continue;
            share = limit;
            blocking = k;
        }
        SYNC_LOCAL();
        for (int k = ITEM_X; k < s->rank; k += ITEMS)
        {
            real moved = s->weights[k] + share * (s->solution[k] - s->weights[k]);
            s->weights[k] = blocking < 0 ? s->solution[k] : k == blocking || !(moved > (real)0) ? (real)0
                                                                                                : moved;
        }
        SYNC_LOCAL();
        if (blocking < 0) return 1;
        for (int k = s->rank - 1; k >= 0; k--)
            if (s->weights[k] == (real)0 && !(s->solution[k] > (real)0)) take_out(s, k);
    }
    return 0;
}

DEVICE_FN void free_barred(const Solver* s)
{
    for (int j = ITEM_X; j < s->count; j += ITEMS) s->state[j] &= ~BARRED;
    SYNC_LOCAL();
}

// Solves for b, which is in the residual. Returns whether the optimum was reached within the bound of rounds; if not, the weights are
// feasible but a nearer point may exist. A column that brings nothing but rounding is barred until another one has brought something.
DEVICE_FN int solve(Solver* s)
{
    s->rank = 0;
    for (int j = ITEM_X; j < s->count; j += ITEMS) s->state[j] = 0;
    SYNC_LOCAL();
    real best = dot_of(s->residual, s->residual, s->padded);
    real threshold = (real)GRADIENT_TOLERANCE * sqrt(best);
    int bound = 10 * (s->rows + s->count) + 50;
    int barred = 0;
    for (int round = 0; round < bound; round++)
    {
        int entering = steepest(s, threshold);
        if (entering < 0) return 1;
        int appended = append(s, entering);
        int settled = appended ? settle(s, bound) : 0;
        real now = dot_of(s->residual, s->residual, s->padded);
        SYNC_LOCAL();
        if (settled && now < best)
        {
            best = now;
            if (barred) free_barred(s);
            barred = 0;
            continue;
        }
        barred = 1;
        if (ITEM_X == 0) s->state[entering] |= BARRED;
        SYNC_LOCAL();
    }
    return 0;
}

#endif
