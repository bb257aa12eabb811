// Squared distance of whitened means from cones of whitened signatures: for each observation b and model m the least |W S f - W mean|^2
// over f >= 0, where S's columns are the model's signatures. A group takes one pair after the other: it whitens the signatures into a
// workspace of its own, scales them to unit length and solves.
//
// factors [B][P][P], means [B][P], signatures [M][N][P], counts [M]; distances, status, ranks [B][M], weights [B][M][N], directions
// [B][M][P]. Status 1: optimum reached, 0: the bound of rounds was hit, -1: a whitened number is not finite. packed [M][P][stride]:
// signatures, a counter's row over all signatures, padded with zeros. workspace: a slot for each group.

#include "active_set.h"

DEVICE_FN int model_count(GLOBAL const int* counts, long offset, int model, int signatures)
{
    return counts ? MIN_OF(MAX_OF(counts[offset + model], 0), signatures) : signatures;
}

// Signatures as rows of counters. What lies past a model's count is not looked at. Grid: M * P * stride work-items at least.
KERNEL void cone_pack(
    GLOBAL const real* signatures, GLOBAL const int* counts, GLOBAL real* packed, long signatures_offset, long counts_offset, int models,
    int rows, int columns, int stride)
{
    for (long at = GLOBAL_X; at < (long)models * rows * stride; at += GLOBAL_SIZE_X)
    {
        int j = (int)(at % stride);
        int i = (int)(at / stride % rows);
        int model = (int)(at / stride / rows);
        int count = model_count(counts, counts_offset, model, columns);
        packed[at] = j < count ? signatures[signatures_offset + ((long)model * columns + j) * rows + i] : (real)0;
    }
}

// Rows of W S, four at a time, then their columns' lengths, which the columns are divided by; a column of zeros keeps its zeros.
DEVICE_FN void whiten(const Solver* s, GLOBAL const real* factor, GLOBAL const real* packed, GLOBAL real* lengths)
{
    int stride = s->stride;
    int rows = s->rows;
    for (int j = ITEM_X * VEC; j < stride; j += ITEMS * VEC)
    {
        reals squares = (reals)(0);
        for (int i = 0; i < rows; i += 4)
        {
            reals a = (reals)(0), b = (reals)(0), c = (reals)(0), d = (reals)(0);
            GLOBAL const real* row = factor + i * rows;
            int second = i + 1 < rows ? rows : 0;
            int third = i + 2 < rows ? 2 * rows : 0;
            int fourth = i + 3 < rows ? 3 * rows : 0;
            for (int k = 0; k < rows; k++)
            {
                reals x = REALS_LOAD(packed + k * stride + j);
                a += row[k] * x;
                b += row[second + k] * x;
                c += row[third + k] * x;
                d += row[fourth + k] * x;
            }
            if (!second) b = (reals)(0);
            if (!third) c = (reals)(0);
            if (!fourth) d = (reals)(0);
            squares += (a * a + b * b) + (c * c + d * d);
            GLOBAL real* target = s->columns + i * stride + j;
            REALS_STORE(target, a);
            REALS_STORE(target + stride, b);
            REALS_STORE(target + 2 * stride, c);
            REALS_STORE(target + 3 * stride, d);
        }
        reals length = sqrt(squares);
        reals inverse = (reals)(1) / length;
#if VEC == 1
        inverse = length > (real)0 ? inverse : (real)1;
#else
        inverse = length > (reals)(0) ? inverse : (reals)(1);
#endif
        REALS_STORE(lengths + j, length);
        for (int i = 0; i < CEIL_DIV(rows, 4) * 4; i++)
            REALS_STORE(s->columns + i * stride + j, REALS_LOAD(s->columns + i * stride + j) * inverse);
    }
}

// Grid: as many groups as the workspace has slots.
KERNEL GROUP_SHAPE(ITEMS, 1) void cone_solve(
    GLOBAL const real* factors, GLOBAL const real* means, GLOBAL const real* packed, GLOBAL const int* counts, GLOBAL real* distances,
    GLOBAL int* status, GLOBAL int* ranks, GLOBAL real* weights, GLOBAL real* directions, GLOBAL real* workspace, long factors_offset,
    long means_offset, long counts_offset, long distances_offset, long status_offset, long ranks_offset, long weights_offset,
    long directions_offset, int observations, int models, int rows, int columns, int stride, int groups)
{
    LOCAL_ARRAY(real, q, ROWS * Q_STRIDE);
    LOCAL_ARRAY(real, vectors, 8 * ROWS);
    LOCAL_ARRAY(real, gradient, COLUMNS);
    LOCAL_ARRAY(real, best, ITEMS);
    LOCAL_ARRAY(int, best_at, ITEMS);
    LOCAL_ARRAY(int, state, COLUMNS);
    LOCAL_ARRAY(int, passive, ROWS);
    Solver s;
    int whitened_rows = CEIL_DIV(rows, 4) * 4;
    s.columns = workspace + (long)GROUP_X * ((long)(whitened_rows + 1) * stride + ROWS * ROWS);
    s.triangle = s.columns + (long)whitened_rows * stride;
    GLOBAL real* lengths = s.triangle + ROWS * ROWS;
    s.q = q;
    s.residual = vectors;
    s.next = vectors + ROWS;
    s.projected = vectors + 2 * ROWS;
    s.inverses = vectors + 3 * ROWS;
    s.weights = vectors + 4 * ROWS;
    s.trial = vectors + 5 * ROWS;
    s.solution = vectors + 6 * ROWS;
    s.spare = vectors + 7 * ROWS;
    s.gradient = gradient;
    s.best = best;
    s.best_at = best_at;
    s.state = state;
    s.passive = passive;
    s.rows = rows;
    s.stride = stride;
    s.padded = CEIL_DIV(rows, VEC) * VEC;
    s.rank = 0;
    real not_a_number = (real)(INFINITY - INFINITY);

    for (long task = GROUP_X; task < (long)models * observations; task += groups)
    {
        int model = (int)(task / observations);
        int observation = (int)(task % observations);
        long pair = (long)observation * models + model;
        GLOBAL const real* factor = factors + factors_offset + (long)observation * rows * rows;
        s.count = model_count(counts, counts_offset, model, columns);
        SYNC_LOCAL();
        whiten(&s, factor, packed + (long)model * rows * stride, lengths);
        int bad = 0;
        for (int i = ITEM_X; i < ROWS; i += ITEMS)
        {
            real value = (real)0;
            if (i < rows)
                for (int k = 0; k < rows; k++) value += factor[i * rows + k] * means[means_offset + (long)observation * rows + k];
            s.residual[i] = value;
            bad |= !is_finite(value);
        }
        for (int j = ITEM_X * VEC; j < stride; j += ITEMS * VEC)
            for (int n = 0; n < VEC; n++) bad |= !is_finite(lengths[j + n]);
        best_at[ITEM_X] = bad;
        SYNC_GLOBAL();
        SYNC_LOCAL();
        for (int n = 0; n < ITEMS; n++) bad |= best_at[n];
        SYNC_LOCAL();

        int solved = bad ? 0 : solve(&s);
        if (bad) s.rank = 0;
        if (ITEM_X == 0)
        {
            distances[distances_offset + pair] = bad ? not_a_number : dot_of(s.residual, s.residual, s.padded);
            status[status_offset + pair] = bad ? -1 : solved;
            if (ranks) ranks[ranks_offset + pair] = s.rank;
        }
        if (weights)
        {
            for (int j = ITEM_X; j < columns; j += ITEMS) gradient[j] = bad ? not_a_number : (real)0;
            SYNC_LOCAL();
            for (int k = ITEM_X; k < s.rank; k += ITEMS) gradient[passive[k]] = s.weights[k] / lengths[passive[k]];
            SYNC_LOCAL();
            for (int j = ITEM_X; j < columns; j += ITEMS) weights[weights_offset + pair * columns + j] = gradient[j];
        }
        if (directions)
        {
            for (int i = ITEM_X; i < rows; i += ITEMS)
            {
                real value = (real)0;
                for (int k = 0; k < rows; k++) value += factor[k * rows + i] * s.residual[k];
                directions[directions_offset + pair * rows + i] = bad ? not_a_number : value;
            }
        }
        SYNC_LOCAL();
    }
}
