// Keys or values to codes of a few bits, with a minimum and a scale for each group of some tokens of a channel or some channels of a token
// (KvStorage/KvQuantizeGroupsProblem.cs defines the format). Two passes over a group: its limits, then its codes. A code is a byte: this is
// there to compare formats.
//
// A work-item reads along channels whatever the groups lie along, so that neighbours read neighbours: LANES channels wide and ROWS tokens
// high. What shares a group is a column of this tile or a row of it. The least range (2^-90) leaves no difference that counts near the
// subnormal numbers, and the limit (2^126) no difference above the largest float.
//
// Build-time parameter: STORAGE.

#include "../dialect.h"
#include "../storage.h"
#include "kv_format.h"

#define LANES 32
#define ROWS 8

#define LEAST_RANGE 8.077935669463161e-28f
#define LIMIT 8.507059173023462e+37f

// A group in memory, and where its minimum and scale go. Length 0 for what is past the end.
typedef struct
{
    long source, source_step, target, target_step, scale;
    int length;
} group_place;

typedef struct
{
    float minimum, range, scale;
} group_range;

typedef struct
{
    float low, high;
} group_limits;

DEVICE_FN group_place place_group(
    int pair, int row, int column, long x_offset, long x_batch, long x_head, long x_row, int pairs, int heads, int slots, int dim,
    int rows, int columns,
    int group, int dims)
{
    group_place place;
    place.length = 0;
    if (pair >= pairs || row >= rows || column >= columns) return place;
    long slot = dims ? row : (long)row * group;
    long d = dims ? (long)column * group : column;
    long left = dims ? dim - d : slots - slot;
    place.length = (int)MIN_OF((long)group, left);
    place.source = x_offset + pair / heads * x_batch + pair % heads * x_head + slot * x_row + d;
    place.source_step = dims ? 1 : x_row;
    place.target = ((long)pair * slots + slot) * dim + d;
    place.target_step = dims ? 1 : dim;
    place.scale = ((long)pair * rows + row) * columns + column;
    return place;
}

// Limits of elements lane, lane + lanes, ..; low is above high where none is below LIMIT in magnitude.
DEVICE_FN group_limits limits_of(GLOBAL const element* x, group_place place, int lane, int lanes)
{
    group_limits limits;
    limits.low = LIMIT;
    limits.high = -LIMIT;
    for (int i = lane; i < place.length; i += lanes)
    {
        float value = ELEMENT_LOAD(x + place.source, i * place.source_step);
        if (!(kv_magnitude(value) < LIMIT)) continue;
        limits.low = MIN_OF(limits.low, value);
        limits.high = MAX_OF(limits.high, value);
    }
    return limits;
}

DEVICE_FN group_range range_of(group_limits limits, int levels)
{
    group_range range;
    int none = limits.low > limits.high;
    range.minimum = none || kv_magnitude(limits.low) < LEAST_RANGE ? 0.0f : limits.low;
    range.range = none ? 0.0f : limits.high - range.minimum;
    if (range.range < LEAST_RANGE) range.range = 0.0f;
    range.scale = range.range == 0.0f ? 1.0f : kv_quotient(range.range, (float)levels);
    return range;
}

DEVICE_FN void encode_group(
    GLOBAL const element* x, GLOBAL uchar* codes, group_place place, group_range range, int lane, int lanes)
{
    for (int i = lane; i < place.length; i += lanes)
    {
        float above = ELEMENT_LOAD(x + place.source, i * place.source_step) - range.minimum;

        // A NaN is not above 0.
        above = above > 0.0f ? MIN_OF(above, range.range) : 0.0f;

        // Adding 2^23 leaves the nearest integer, ties to even, in the low bits.
        codes[place.target + i * place.target_step] = (uchar)(BITS_OF_FLOAT(kv_quotient(above, range.scale) + 8388608.0f) & 0xffu);
    }
}

KERNEL GROUP_SHAPE(LANES, ROWS) void kv_quantize_groups(
    GLOBAL const element* x, GLOBAL uchar* codes, GLOBAL float* minimum, GLOBAL float* scale,
    long x_offset, long x_batch, long x_head, long x_row, long codes_offset, long minimum_offset, long scale_offset,
    int pairs, int heads, int slots, int dim, int rows, int columns, int group, int levels, int dims)
{
    LOCAL_ARRAY(float, lows, LANES* ROWS);
    LOCAL_ARRAY(float, highs, LANES* ROWS);
    int blocks = dims ? columns : CEIL_DIV(columns, LANES);
    int row_blocks = dims ? CEIL_DIV(rows, ROWS) : rows;
    int column = dims ? GROUP_X % blocks : GROUP_X % blocks * LANES + ITEM_X;
    int row = dims ? GROUP_X / blocks % row_blocks * ROWS + ITEM_Y : GROUP_X / blocks % row_blocks;
    int pair = GROUP_X / blocks / row_blocks;
    int lane = dims ? ITEM_X : ITEM_Y;
    int lanes = dims ? LANES : ROWS;
    group_place place =
        place_group(pair, row, column, x_offset, x_batch, x_head, x_row, pairs, heads, slots, dim, rows, columns, group, dims);

    group_limits limits = limits_of(x, place, lane, lanes);
    lows[ITEM_Y * LANES + ITEM_X] = limits.low;
    highs[ITEM_Y * LANES + ITEM_X] = limits.high;
    LOCAL_BARRIER();
    int first = dims ? ITEM_Y * LANES : ITEM_X;
    int step = dims ? 1 : LANES;
    for (int i = 0; i < lanes; i++)
    {
        limits.low = MIN_OF(limits.low, lows[first + i * step]);
        limits.high = MAX_OF(limits.high, highs[first + i * step]);
    }
    if (place.length == 0) return;

    group_range range = range_of(limits, levels);
    encode_group(x, codes + codes_offset, place, range, lane, lanes);
    if (lane != 0) return;
    minimum[minimum_offset + place.scale] = range.minimum;
    scale[scale_offset + place.scale] = range.scale;
}

// The baseline: a work-item a group.
KERNEL void kv_quantize_groups_naive(
    GLOBAL const element* x, GLOBAL uchar* codes, GLOBAL float* minimum, GLOBAL float* scale,
    long x_offset, long x_batch, long x_head, long x_row, long codes_offset, long minimum_offset, long scale_offset,
    int pairs, int heads, int slots, int dim, int rows, int columns, int group, int levels, int dims)
{
    long index = GLOBAL_X;
    int column = (int)(index % columns);
    int row = (int)(index / columns % rows);
    long pair = index / columns / rows;
    if (pair >= pairs) return;
    group_place place =
        place_group((int)pair, row, column, x_offset, x_batch, x_head, x_row, pairs, heads, slots, dim, rows, columns, group, dims);
    group_range range = range_of(limits_of(x, place, 0, 1), levels);
    encode_group(x, codes + codes_offset, place, range, 0, 1);
    minimum[minimum_offset + place.scale] = range.minimum;
    scale[scale_offset + place.scale] = range.scale;
}
