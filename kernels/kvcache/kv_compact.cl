// Compaction of cached rows: row i becomes row keep[i], in place or elsewhere. One launch a tensor. A group owns a column slice of a
// (sequence, head) and walks its rows in chunks: it reads a chunk into registers, waits, and writes it. Kept slots ascend, so what a chunk
// overwrites lies before everything that later chunks read. Where source and target are different memory, several groups share the chunks.
//
// Build-time parameters: UNIT, bytes of a word (1, 2, 4 or 16); ITEMS, work-items of a group. Offsets, strides and widths are in words.

#include "../dialect.h"
#include "kv_rows.h"

#ifndef UNIT
#define UNIT 4
#define ITEMS 256
#endif

#if UNIT == 16
typedef uint4 word;
#elif UNIT == 4
typedef uint word;
#elif UNIT == 2
typedef ushort word;
#else
typedef uchar word;
#endif

// Words that a work-item holds between reading and writing; KvCompactShapes.HeldWords is its twin.
#define HELD 8

KERNEL GROUP_SHAPE(ITEMS, 1) void kv_compact(
    GLOBAL const int* keep, GLOBAL const int* counts, GLOBAL const int* table, GLOBAL const word* source, GLOBAL word* target,
    long keep_offset, long counts_offset, long table_offset,
    long source_offset, long source_batch, long source_head, long source_row,
    long target_offset, long target_batch, long target_head, long target_row,
    int heads, int slots, int kept, int words, int page_size, int pages_per_sequence, int pages, int slices, int row_groups)
{
    int row_group = GROUP_X % row_groups;
    int slice = GROUP_X / row_groups % slices;
    int pair = GROUP_X / row_groups / slices;
    int batch = pair / heads;
    int head = pair % heads;
    keep += keep_offset + (long)pair * kept;
    table += table_offset;
    int count = counts ? kv_clamped(counts[counts_offset + pair], kept) : kept;

    int width = CEIL_DIV(words, slices);
    int first = slice * width;
    width = MIN_OF(width, words - first);
    if (width <= 0) return;
    int chunk = ITEMS * HELD / width;

    for (int base = row_group * chunk; base < count; base += row_groups * chunk)
    {
        word held[HELD];
        long place[HELD];
        UNROLL for (int n = 0; n < HELD; n++)
        {
            int flat = ITEM_X + n * ITEMS;
            int i = base + flat / width;
            int column = first + flat % width;
            place[n] = -1;
            if (flat >= chunk * width || i >= count) continue;
            int slot = keep[i];
            if (slot < 0 || slot >= slots) continue;
            long from = kv_row(
                table, page_size, pages_per_sequence, pages, source_offset, source_batch, source_head, source_row, batch, head, slot);
            long to =
                kv_row(table, page_size, pages_per_sequence, pages, target_offset, target_batch, target_head, target_row, batch, head, i);
            if (from < 0 || to < 0) continue;
            held[n] = source[from + column];
            place[n] = to + column;
        }
        GLOBAL_BARRIER();
        UNROLL for (int n = 0; n < HELD; n++) if (place[n] >= 0) target[place[n]] = held[n];
    }
}

// The baseline: a work-item owns a word of a head's rows and moves it row by row.
KERNEL void kv_compact_naive(
    GLOBAL const int* keep, GLOBAL const int* counts, GLOBAL const int* table, GLOBAL const word* source, GLOBAL word* target,
    long keep_offset, long counts_offset, long table_offset,
    long source_offset, long source_batch, long source_head, long source_row,
    long target_offset, long target_batch, long target_head, long target_row,
    int heads, int slots, int kept, int words, int page_size, int pages_per_sequence, int pages, int slices, int row_groups)
{
    int column = (int)GLOBAL_X;
    int pair = (int)GLOBAL_Y;
    if (column >= words) return;
    int count = counts ? kv_clamped(counts[counts_offset + pair], kept) : kept;
    for (int i = 0; i < count; i++)
    {
        int slot = keep[keep_offset + (long)pair * kept + i];
        if (slot < 0 || slot >= slots) continue;
        long from = kv_row(
            table + table_offset, page_size, pages_per_sequence, pages, source_offset, source_batch, source_head, source_row, pair / heads,
            pair % heads, slot);
        long to = kv_row(
            table + table_offset, page_size, pages_per_sequence, pages, target_offset, target_batch, target_head, target_row, pair / heads,
            pair % heads, i);
        if (from >= 0 && to >= 0) target[to + column] = source[from + column];
    }
}
