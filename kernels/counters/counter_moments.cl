// Mean and covariance of the samples of many observations. Deviations from an observation's first sample are summed and multiplied, with
// a column of ones beside them, so that one square holds products and sums. Several groups may share an observation; their squares are
// added up in order.
//
// samples [R] rows, offsets [B + 1], means [B][P], covariances [B][P][P]. squares: [observation of the launch][split][P][columns],
// columns at least P + 1. An observation without samples has NaN for a mean, one with fewer than two NaN for a covariance. Build-time
// parameters: VEC, ITEMS as in real.h; REAL is 64.

#include "real.h"

// Samples that a group holds at a time, and the most columns: 64 counters, the ones, padding.
#define TILE 16
#define MOST_COLUMNS 72

// The samples of an observation, [from, to): offsets are clamped to the samples there are and never run backwards.
DEVICE_FN void segment(GLOBAL const int* offsets, int observation, int samples, int* from, int* to)
{
    *from = MIN_OF(MAX_OF(offsets[observation], 0), samples);
    *to = MIN_OF(MAX_OF(offsets[observation + 1], *from), samples);
}

// Grid: observations of the launch * splits.
KERNEL GROUP_SHAPE(ITEMS, 1) void moments_squares(
    GLOBAL const double* samples, GLOBAL const int* offsets, GLOBAL double* squares, long samples_offset, long offsets_offset,
    long sample_stride, int sample_count, int counters, int columns, int observation_base, int splits)
{
    LOCAL_ARRAY(double, tile, TILE* MOST_COLUMNS);
    int from;
    int to;
    segment(offsets + offsets_offset, observation_base + GROUP_X / splits, sample_count, &from, &to);
    long length = (long)to - from;
    int split = GROUP_X % splits;
    int start = (int)(from + length * split / splits);
    int end = (int)(from + length * (split + 1) / splits);
    samples += samples_offset;
    squares += (long)GROUP_X * counters * columns;
    GLOBAL const double* shift = samples + from * sample_stride;
    int vectors = columns / VEC;
    for (int e = ITEM_X; e < counters * vectors; e += ITEMS) REALS_STORE(squares + (long)e * VEC, (reals)(0));
    for (int base = start; base < end; base += TILE)
    {
        int rows = MIN_OF(TILE, end - base);
        SYNC_LOCAL();
        for (int e = ITEM_X; e < rows * columns; e += ITEMS)
        {
            int i = e % columns;
            tile[e] = i < counters ? samples[(base + e / columns) * sample_stride + i] - shift[i] : i == counters ? 1.0
                                                                                                                  : 0.0;
        }
        SYNC_LOCAL();
        for (int e = ITEM_X; e < counters * vectors; e += ITEMS)
        {
            int i = e / vectors;
            int j = e % vectors * VEC;
            if (j + VEC <= i) continue;
            reals sum = REALS_LOAD(squares + (long)i * columns + j);
            for (int t = 0; t < rows; t++) sum += tile[t * columns + i] * REALS_LOAD(tile + t * columns + j);
            REALS_STORE(squares + (long)i * columns + j, sum);
        }
    }
}

DEVICE_FN double total(GLOBAL const double* squares, int at, long size, int splits)
{
    double sum = squares[at];
    for (int split = 1; split < splits; split++) sum += squares[split * size + at];
    return sum;
}

// Grid: observations of the launch.
KERNEL GROUP_SHAPE(ITEMS, 1) void moments_finish(
    GLOBAL const double* samples, GLOBAL const int* offsets, GLOBAL const double* squares, GLOBAL double* means, GLOBAL double* covariances,
    long samples_offset, long offsets_offset, long means_offset, long covariances_offset, long sample_stride, int sample_count,
    int counters, int columns, int observation_base, int splits)
{
    int observation = observation_base + GROUP_X;
    int from;
    int to;
    segment(offsets + offsets_offset, observation, sample_count, &from, &to);
    int count = to - from;
    long size = (long)counters * columns;
    double none = (double)(INFINITY - INFINITY);
    GLOBAL const double* shift = samples + samples_offset + from * sample_stride;
    squares += (long)GROUP_X * splits * size;
    means += means_offset + (long)observation * counters;
    covariances += covariances_offset + (long)observation * counters * counters;
    for (int e = ITEM_X; e < counters * counters; e += ITEMS)
    {
        int i = MIN_OF(e / counters, e % counters);
        int j = MAX_OF(e / counters, e % counters);
        double first = total(squares, i * columns + counters, size, splits);
        double second = total(squares, j * columns + counters, size, splits);

        // What is not finite stays so in every product it is part of, whatever sums do to signs of infinity.
        double stain = (first - first) + (second - second);
        double products = total(squares, i * columns + j, size, splits) - first * (second / count);
        covariances[e] = count < 2 ? none : products / (count - 1) + stain;
        if (i == j) means[i] = count == 0 ? none : shift[i] + first / count + stain;
    }
}

// The baseline: a work-item for an entry of the covariance, in two passes over the samples. Grid: B * P * P work-items at least.
KERNEL void moments_naive(
    GLOBAL const double* samples, GLOBAL const int* offsets, GLOBAL double* means, GLOBAL double* covariances, long samples_offset,
    long offsets_offset, long means_offset, long covariances_offset, long sample_stride, int sample_count, int counters, int observations)
{
    for (long e = GLOBAL_X; e < (long)observations * counters * counters; e += GLOBAL_SIZE_X)
    {
        int observation = (int)(e / (counters * counters));
        int i = (int)(e / counters % counters);
        int j = (int)(e % counters);
        int from;
        int to;
        segment(offsets + offsets_offset, observation, sample_count, &from, &to);
        int count = to - from;
        GLOBAL const double* rows = samples + samples_offset + from * sample_stride;
        double none = (double)(INFINITY - INFINITY);
        double x = 0.0;
        double y = 0.0;
        for (int t = 0; t < count; t++)
        {
            x += rows[t * sample_stride + i] - rows[i];
            y += rows[t * sample_stride + j] - rows[j];
        }
        x /= count;
        y /= count;
        double sum = 0.0;
        for (int t = 0; t < count; t++) sum += (rows[t * sample_stride + i] - rows[i] - x) * (rows[t * sample_stride + j] - rows[j] - y);
        double stain = (x - x) + (y - y);
        covariances[covariances_offset + e] = count < 2 ? none : sum / (count - 1) + stain;
        if (i == j) means[means_offset + (long)observation * counters + i] = count == 0 ? none : rows[i] + x + stain;
    }
}
