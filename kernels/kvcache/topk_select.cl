// The positions of each row's k largest scores, in ascending order. Scores are looked at as unsigned integers that order as they do, from
// the top, 8 bits at a time. Several groups share a row: each counts its piece's digits in local memory and writes them to a histogram of
// its own. The next launch's groups add them up, each for itself, and find the digit that holds the k-th largest. After four digits each
// group knows what it has above and at that key; it writes behind what the groups before it write. All sums are of integers, so the result
// does not depend on order.
//
// histograms [digit][row][group][256], tallies [row][group][2], states [digit + 1][row][2] (prefix, remaining).
// Build-time parameter: ITEMS, work-items of a group, 64 to 256.

#include "../dialect.h"

#ifndef ITEMS
#define ITEMS 256
#endif

#define BINS 256
#define DIGITS 4

// Larger scores have larger keys, NaN is 0, -0 is +0.
DEVICE_FN uint key_of(float score)
{
    uint bits = BITS_OF_FLOAT(score);
    uint magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return 0u;
    if (magnitude == 0u) return 0x80000000u;
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

DEVICE_FN int row_length(GLOBAL const int* lengths, long offset, int row, int columns)
{
    return lengths ? MIN_OF(MAX_OF(lengths[offset + row], 0), columns) : columns;
}

DEVICE_FN int row_count(GLOBAL const int* counts, long offset, int row, int selected, int length)
{
    int count = counts ? MIN_OF(MAX_OF(counts[offset + row], 0), selected) : selected;
    return MIN_OF(count, length);
}

// Adds the histograms of a row's groups up in `bins` and finds the digit: the highest whose keys, with all above it, reach `remaining`.
// chosen: the digit, and how many keys are above it. Every work-item of the group calls this.
DEVICE_FN void choose_digit(GLOBAL const int* histograms, int groups, int remaining, LOCAL int* bins, LOCAL int* chosen)
{
    for (int bin = ITEM_X; bin < BINS; bin += ITEMS)
    {
        int sum = 0;
        for (int g = 0; g < groups; g++) sum += histograms[(long)g * BINS + bin];
        bins[bin] = sum;
    }
    LOCAL_BARRIER();
    if (ITEM_X == 0)
    {
        int above = 0;
        int bin = BINS - 1;
        while (bin > 0 && above + bins[bin] < remaining) above += bins[bin--];
        chosen[0] = bin;
        chosen[1] = above;
    }
    LOCAL_BARRIER();
}

// The state before digit `digit`, from the state before the digit ahead of it and the histograms of that. The row's first group writes it
// down.
DEVICE_FN void find_state(
    GLOBAL const int* histograms, GLOBAL uint* states, int digit, int rows, int groups, int row, int group, int count, LOCAL int* bins,
    LOCAL int* chosen, uint* prefix, int* remaining)
{
    *prefix = 0u;
    *remaining = count;
    if (digit == 0) return;
    if (digit > 1)
    {
        *prefix = states[((long)(digit - 1) * rows + row) * 2];
        *remaining = (int)states[((long)(digit - 1) * rows + row) * 2 + 1];
    }
    choose_digit(histograms + ((long)(digit - 1) * rows + row) * groups * BINS, groups, *remaining, bins, chosen);
    *prefix |= (uint)chosen[0] << (32 - 8 * digit);
    *remaining -= chosen[1];
    if (group == 0 && ITEM_X == 0)
    {
        states[((long)digit * rows + row) * 2] = *prefix;
        states[((long)digit * rows + row) * 2 + 1] = (uint)*remaining;
    }
}

// Counts one digit of the keys that start with what is known. Grid: rows * groups.
KERNEL GROUP_SHAPE(ITEMS, 1) void topk_count(
    GLOBAL const float* scores, GLOBAL const int* lengths, GLOBAL const int* counts, GLOBAL int* histograms, GLOBAL uint* states,
    long scores_offset, long lengths_offset, long counts_offset, long score_stride, int rows, int columns, int selected, int groups,
    int piece,
    int digit)
{
    LOCAL_ARRAY(int, bins, BINS);
    LOCAL_ARRAY(int, chosen, 2);
    int row = GROUP_X / groups;
    int group = GROUP_X % groups;
    int length = row_length(lengths, lengths_offset, row, columns);
    int count = row_count(counts, counts_offset, row, selected, length);
    uint prefix;
    int remaining;
    find_state(histograms, states, digit, rows, groups, row, group, count, bins, chosen, &prefix, &remaining);

    // find_state has left bins alone since its last barrier, so there is no race here; but without this barrier pocl 3.1 selects wrongly.
    LOCAL_BARRIER();
    for (int bin = ITEM_X; bin < BINS; bin += ITEMS) bins[bin] = 0;
    LOCAL_BARRIER();
    scores += scores_offset + row * score_stride;
    int from = MIN_OF((long)group * piece, (long)length);
    int to = MIN_OF((long)from + piece, (long)length);
    int shift = 24 - 8 * digit;
    for (int i = from + ITEM_X; i < to; i += ITEMS)
    {
        uint key = key_of(scores[i]);
        if (digit > 0 && key >> (shift + 8) != prefix >> (shift + 8)) continue;
        LOCAL_INCREMENT(bins + ((key >> shift) & 255u));
    }
    LOCAL_BARRIER();
    histograms += (((long)digit * rows + row) * groups + group) * BINS;
    for (int bin = ITEM_X; bin < BINS; bin += ITEMS) histograms[bin] = bins[bin];
}

// What each group has above and at the k-th largest key, from its own histograms. Grid: rows * groups.
KERNEL GROUP_SHAPE(ITEMS, 1) void topk_tally(
    GLOBAL const int* lengths, GLOBAL const int* counts, GLOBAL const int* histograms, GLOBAL uint* states, GLOBAL int* tallies,
    long lengths_offset, long counts_offset, int rows, int columns, int selected, int groups)
{
    LOCAL_ARRAY(int, bins, BINS);
    LOCAL_ARRAY(int, chosen, 2);
    LOCAL_ARRAY(int, sums, ITEMS);
    int row = GROUP_X / groups;
    int group = GROUP_X % groups;
    int length = row_length(lengths, lengths_offset, row, columns);
    int count = row_count(counts, counts_offset, row, selected, length);
    uint threshold;
    int ties;
    find_state(histograms, states, DIGITS, rows, groups, row, group, count, bins, chosen, &threshold, &ties);
    int above = 0;
    for (int digit = 0; digit < DIGITS; digit++)
    {
        GLOBAL const int* own = histograms + (((long)digit * rows + row) * groups + group) * BINS;
        int limit = (int)((threshold >> (24 - 8 * digit)) & 255u);
        for (int bin = ITEM_X; bin < BINS; bin += ITEMS) above += bin > limit ? own[bin] : 0;
    }
    sums[ITEM_X] = above;
    LOCAL_BARRIER();
    for (int step = ITEMS / 2; step > 0; step /= 2)
    {
        if (ITEM_X < step) sums[ITEM_X] += sums[ITEM_X + step];
        LOCAL_BARRIER();
    }
    if (ITEM_X > 0) return;
    long last = (((long)(DIGITS - 1) * rows + row) * groups + group) * BINS;
    tallies[((long)row * groups + group) * 2] = sums[0];
    tallies[((long)row * groups + group) * 2 + 1] = histograms[last + (int)(threshold & 255u)];
}

// Writes the positions, tile by tile: a scan over the work-items gives each its place. Grid: rows * groups.
KERNEL GROUP_SHAPE(ITEMS, 1) void topk_emit(
    GLOBAL const float* scores, GLOBAL const int* lengths, GLOBAL const int* counts, GLOBAL const uint* states, GLOBAL const int* tallies,
    GLOBAL int* indices,
    long scores_offset, long lengths_offset, long counts_offset, long indices_offset, long score_stride, long index_stride,
    int rows, int columns, int selected, int groups, int piece)
{
    LOCAL_ARRAY(int, taken, ITEMS);
    int row = GROUP_X / groups;
    int group = GROUP_X % groups;
    int length = row_length(lengths, lengths_offset, row, columns);
    int count = row_count(counts, counts_offset, row, selected, length);
    indices += indices_offset + row * index_stride;
    for (long i = count + (long)group * ITEMS + ITEM_X; i < selected; i += (long)groups * ITEMS) indices[i] = -1;
    if (count == 0) return;

    uint threshold = states[((long)DIGITS * rows + row) * 2];
    int ties = (int)states[((long)DIGITS * rows + row) * 2 + 1];
    int above = 0;
    int equal = 0;
    for (int g = 0; g < group; g++)
    {
        above += tallies[((long)row * groups + g) * 2];
        equal += tallies[((long)row * groups + g) * 2 + 1];
    }
    scores += scores_offset + row * score_stride;
    int from = MIN_OF((long)group * piece, (long)length);
    int to = MIN_OF((long)from + piece, (long)length);
    for (int base = from; base < to; base += ITEMS)
    {
        // Above in the low half, equal in the high half: both stay below 2^16.
        int i = base + ITEM_X;
        uint key = i < to ? key_of(scores[i]) : 0u;
        int mine = i >= to ? 0 : key > threshold ? 1
                             : key == threshold  ? 0x10000
                                                 : 0;
        int running = mine;
        taken[ITEM_X] = running;
        LOCAL_BARRIER();
        for (int step = 1; step < ITEMS; step *= 2)
        {
            int before = ITEM_X >= step ? taken[ITEM_X - step] : 0;
            LOCAL_BARRIER();
            running += before;
            taken[ITEM_X] = running;
            LOCAL_BARRIER();
        }
        int all = taken[ITEMS - 1];
        int before_above = above + (running & 0xffff) - (mine & 0xffff);
        int before_equal = equal + (running >> 16) - (mine >> 16);
        if (mine == 1 || (mine == 0x10000 && before_equal < ties)) indices[before_above + MIN_OF(before_equal, ties)] = i;
        above += all & 0xffff;
        equal += all >> 16;
        LOCAL_BARRIER();
    }
}

// The baseline: a work-item a row, which finds the k-th largest key bit by bit and then goes through the row once more. Grid: at least
// rows.
KERNEL void topk_naive(
    GLOBAL const float* scores, GLOBAL const int* lengths, GLOBAL const int* counts, GLOBAL int* indices,
    long scores_offset, long lengths_offset, long counts_offset, long indices_offset, long score_stride, long index_stride,
    int rows, int columns, int selected)
{
    int row = (int)GLOBAL_X;
    if (row >= rows) return;
    int length = row_length(lengths, lengths_offset, row, columns);
    int count = row_count(counts, counts_offset, row, selected, length);
    scores += scores_offset + row * score_stride;
    indices += indices_offset + row * index_stride;
    uint threshold = 0u;
    int above = 0;
    for (int bit = 31; bit >= 0; bit--)
    {
        uint candidate = threshold | 1u << bit;
        int reach = 0;
        for (int i = 0; i < length; i++) reach += key_of(scores[i]) >= candidate ? 1 : 0;
        if (reach >= count) threshold = candidate;
    }
    for (int i = 0; i < length; i++) above += key_of(scores[i]) > threshold ? 1 : 0;
    int ties = count - above;
    int next = 0;
    for (int i = 0; i < length && next < count; i++)
    {
        uint key = key_of(scores[i]);
        if (key > threshold || (key == threshold && ties-- > 0)) indices[next++] = i;
    }
    for (; next < selected; next++) indices[next] = -1;
}
