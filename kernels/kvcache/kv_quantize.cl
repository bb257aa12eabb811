// Rows of keys or values to codes, scales and group factors: gathered from slots, to slots from `start` on, both paged or not. LANES
// work-items share a row and ROWS rows a group; with one lane a row is a plain loop, which a CPU compiler vectorises. Two passes over a
// row: its largest magnitude, then its codes. With `shared`, row i of every (sequence, head) has one scale, and a group goes through all of
// them.
//
// Build-time parameters: STORAGE, FORMAT (8: e4m3, 4: int4), LANES (1 or 32), ROWS.

#include "../dialect.h"
#include "../storage.h"
#include "kv_format.h"
#include "kv_rows.h"

#ifndef FORMAT
#define FORMAT KV_FORMAT_E4M3
#define LANES 32
#define ROWS 4
#endif

// Groups of a row that are worked on at a time; a barrier serves all of them.
#define TILE_GROUPS 8

#define CELLS (TILE_GROUPS * LANES)

// Where a row comes from and goes to; source is -1 for a row that is left out.
typedef struct
{
    long source, codes, groups, scale;
} row_place;

#if LANES > 1

// The largest of each row's lanes, known to all of them. Nobody has used cells before.
DEVICE_FN float largest_of_row(LOCAL float* cells, float mine)
{
    int lane = ITEM_X;
    cells[lane] = mine;
    LOCAL_BARRIER();
    for (int step = LANES / 2; step > 0; step /= 2)
    {
        if (lane < step) cells[lane] = MAX_OF(cells[lane], cells[lane + step]);
        LOCAL_BARRIER();
    }
    return cells[0];
}

#endif

DEVICE_FN float largest_magnitude(GLOBAL const element* x, long source, int dim)
{
    float largest = 0.0f;
    if (source < 0) return largest;
    for (int d = ITEM_X; d < dim; d += LANES)
    {
        float magnitude = kv_finite_magnitude(ELEMENT_LOAD(x + source, d));
        largest = MAX_OF(largest, magnitude);
    }
    return largest;
}

#if FORMAT == KV_FORMAT_INT4 && LANES > 1

// Lane l looks at elements l of TILE_GROUPS groups. The tree joins neighbours first, so that the first of equal magnitudes wins.
DEVICE_FN void encode_int4(
    GLOBAL const element* x, GLOBAL uchar* codes, GLOBAL uchar* groups, row_place place, float scale, int dim, LOCAL float* cells,
    LOCAL uint* nibbles)
{
    int lane = ITEM_X;
    int count = dim / KV_GROUP;
    for (int base = 0; base < count; base += TILE_GROUPS)
    {
        float mine[TILE_GROUPS];
        LOCAL_BARRIER();
        UNROLL for (int j = 0; j < TILE_GROUPS; j++)
        {
            mine[j] = place.source >= 0 && base + j < count ? ELEMENT_LOAD(x + place.source, (base + j) * KV_GROUP + lane) : 0.0f;
            cells[j * LANES + lane] = kv_finite_magnitude(mine[j]) == 0.0f ? 0.0f : mine[j];
        }
        LOCAL_BARRIER();
        for (int step = 1; step < LANES; step *= 2)
        {
            if (lane % (2 * step) == 0)
            {
                UNROLL for (int j = 0; j < TILE_GROUPS; j++)
                {
                    float later = cells[j * LANES + lane + step];
                    if (kv_magnitude(later) > kv_magnitude(cells[j * LANES + lane])) cells[j * LANES + lane] = later;
                }
            }
            LOCAL_BARRIER();
        }
        uint factors[TILE_GROUPS];
        UNROLL for (int j = 0; j < TILE_GROUPS; j++)
        {
            factors[j] = int4_group(cells[j * LANES], scale);
            nibbles[j * LANES + lane] = int4_encode(mine[j], scale * e4m3_to_float(factors[j]));
        }
        LOCAL_BARRIER();
        if (place.source < 0 || lane >= KV_GROUP / 2) continue;
        UNROLL for (int j = 0; j < TILE_GROUPS; j++)
        {
            if (base + j >= count) break;
            codes[place.codes + (base + j) * (KV_GROUP / 2) + lane] =
                (uchar)(nibbles[j * LANES + lane] | nibbles[j * LANES + lane + KV_GROUP / 2] << 4);
            if (lane == 0) groups[place.groups + base + j] = (uchar)factors[j];
        }
    }
}

#elif FORMAT == KV_FORMAT_INT4

DEVICE_FN void encode_int4(GLOBAL const element* x, GLOBAL uchar* codes, GLOBAL uchar* groups, row_place place, float scale, int dim)
{
    if (place.source < 0) return;
    for (int g = 0; g < dim / KV_GROUP; g++)
    {
        float values[KV_GROUP];
        float largest = 0.0f;
        for (int d = 0; d < KV_GROUP; d++)
        {
            values[d] = ELEMENT_LOAD(x + place.source, g * KV_GROUP + d);
            float magnitude = kv_finite_magnitude(values[d]);
            largest = MAX_OF(largest, magnitude);
        }
        float extreme = 0.0f;
        for (int d = KV_GROUP - 1; d >= 0; d--) extreme = kv_magnitude(values[d]) == largest ? values[d] : extreme;
        uint factor = int4_group(extreme, scale);
        float step = scale * e4m3_to_float(factor);
        groups[place.groups + g] = (uchar)factor;
        for (int d = 0; d < KV_GROUP / 2; d++)
            codes[place.codes + g * (KV_GROUP / 2) + d] =
                (uchar)(int4_encode(values[d], step) | int4_encode(values[d + KV_GROUP / 2], step) << 4);
    }
}

#endif

KERNEL GROUP_SHAPE(LANES, ROWS) void kv_quantize(
    GLOBAL const element* x, GLOBAL const int* table, GLOBAL const int* rows, GLOBAL const int* counts, GLOBAL const int* start,
    GLOBAL const int* target_table, GLOBAL uchar* codes, GLOBAL uchar* groups, GLOBAL float* scales,
    long x_offset, long x_batch, long x_head, long x_row, long table_offset, long rows_offset, long counts_offset, long start_offset,
    long target_table_offset, long codes_offset, long codes_batch, long codes_head, long codes_row,
    long groups_offset, long groups_batch, long groups_head, long groups_row,
    long scales_offset, long scales_batch, long scales_head, long scales_row,
    int pairs, int heads, int slots, int count, int target_slots, int dim, int page_size, int pages_per_sequence, int pages,
    int target_page_size, int target_pages_per_sequence, int target_pages, int shared)
{
#if LANES > 1
    LOCAL_ARRAY(float, all_cells, ROWS* CELLS);
    LOCAL float* cells = all_cells + ITEM_Y * CELLS;
#if FORMAT == KV_FORMAT_INT4
    LOCAL_ARRAY(uint, all_nibbles, ROWS * CELLS);
    LOCAL uint* nibbles = all_nibbles + ITEM_Y * CELLS;
#endif
#endif
    int blocks = CEIL_DIV(count, ROWS);
    int i = GROUP_X % blocks * ROWS + ITEM_Y;
    int from = shared ? 0 : GROUP_X / blocks;
    int to = shared ? pairs : from + 1;

    float largest = 0.0f;
    float scale = 0.0f;

    // The first round finds the scale, the second writes.
    for (int round = 0; round < 2; round++)
    {
        for (int pair = from; pair < to; pair++)
        {
            int batch = pair / heads;
            int head = pair % heads;
            row_place place;
            place.source = -1;
            int stored = counts ? kv_clamped(counts[counts_offset + pair], count) : count;
            if (i < stored)
            {
                int slot = rows ? rows[rows_offset + (long)pair * count + i] : i;
                long target = (long)i + (start ? start[start_offset + pair] : 0);
                if (slot >= 0 && slot < slots && target >= 0 && target < target_slots)
                {
                    place.codes = kv_row(
                        target_table + target_table_offset, target_page_size, target_pages_per_sequence, target_pages, codes_offset,
                        codes_batch,
                        codes_head, codes_row, batch, head, (int)target);
                    place.groups = kv_row(
                        target_table + target_table_offset, target_page_size, target_pages_per_sequence, target_pages, groups_offset,
                        groups_batch,
                        groups_head, groups_row, batch, head, (int)target);
                    place.scale = kv_row(
                        target_table + target_table_offset, target_page_size, target_pages_per_sequence, target_pages, scales_offset,
                        scales_batch,
                        scales_head, scales_row, batch, head, (int)target);
                    if (place.codes >= 0)
                        place.source = kv_row(
                            table + table_offset, page_size, pages_per_sequence, pages, x_offset, x_batch, x_head, x_row, batch, head,
                            slot);
                }
            }
            if (round == 0)
            {
                float mine = largest_magnitude(x, place.source, dim);
                largest = MAX_OF(largest, mine);
                continue;
            }
            if (place.source >= 0 && ITEM_X == 0) scales[place.scale] = scale;
#if FORMAT == KV_FORMAT_E4M3
            if (place.source < 0) continue;
            for (int d = ITEM_X; d < dim; d += LANES) codes[place.codes + d] = (uchar)e4m3_encode(ELEMENT_LOAD(x + place.source, d), scale);
#elif LANES > 1
            encode_int4(x, codes, groups, place, scale, dim, cells, nibbles);
#else
            encode_int4(x, codes, groups, place, scale, dim);
#endif
        }
        if (round == 0)
        {
#if LANES > 1
            largest = largest_of_row(cells, largest);
#endif
            scale = kv_scale(largest, FORMAT);
        }
    }
}
