// Codes of a quantised cache back to rows, paged or not: x = scale * code for e4m3, (scale * group) * (code - 8) for int4, in float32,
// rounded to storage once. LANES work-items share a row and ROWS rows a group; with one lane a row is a plain loop, which a CPU compiler
// vectorises.
//
// Build-time parameters: STORAGE, FORMAT (8: e4m3, 4: int4), LANES, ROWS.

#include "../dialect.h"
#include "../storage.h"
#include "kv_format_decode.h"
#include "kv_rows.h"

#ifndef FORMAT
#define FORMAT KV_FORMAT_E4M3
#define LANES 32
#define ROWS 4
#endif

KERNEL GROUP_SHAPE(LANES, ROWS) void kv_dequantize(
    GLOBAL const uchar* codes, GLOBAL const uchar* groups, GLOBAL const float* scales, GLOBAL const int* table, GLOBAL const int* lengths,
    GLOBAL element* x,
    long codes_offset, long codes_batch, long codes_head, long codes_row, long groups_offset, long groups_batch, long groups_head,
    long groups_row,
    long scales_offset, long scales_batch, long scales_head, long scales_row, long table_offset, long lengths_offset,
    long x_offset, long x_batch, long x_head, long x_row,
    int heads, int slots, int dim, int page_size, int pages_per_sequence, int pages)
{
    int blocks = CEIL_DIV(slots, ROWS);
    int slot = GROUP_X % blocks * ROWS + ITEM_Y;
    int pair = GROUP_X / blocks;
    int batch = pair / heads;
    int head = pair % heads;
    int length = lengths ? MIN_OF(lengths[lengths_offset + pair], slots) : slots;
    if (slot >= length) return;
    table += table_offset;
    long at = kv_row(table, page_size, pages_per_sequence, pages, codes_offset, codes_batch, codes_head, codes_row, batch, head, slot);
    if (at < 0) return;
    float scale =
        scales[kv_row(table, page_size, pages_per_sequence, pages, scales_offset, scales_batch, scales_head, scales_row, batch, head,
            slot)];
    x += x_offset + batch * x_batch + head * x_head + slot * x_row;
    codes += at;
#if FORMAT == KV_FORMAT_E4M3
    for (int d = ITEM_X; d < dim; d += LANES) ELEMENT_STORE(x, d, e4m3_to_float(codes[d]) * scale);
#else
    groups += kv_row(table, page_size, pages_per_sequence, pages, groups_offset, groups_batch, groups_head, groups_row, batch, head, slot);
    for (int i = ITEM_X; i < dim / 2; i += LANES)
    {
        int group = i / (KV_GROUP / 2);
        int d = group * KV_GROUP + i % (KV_GROUP / 2);
        float factor = scale * e4m3_to_float(groups[group]);
        uint pair_of_codes = codes[i];
        ELEMENT_STORE(x, d, int4_to_float(pair_of_codes & 15u, factor));
        ELEMENT_STORE(x, d + KV_GROUP / 2, int4_to_float(pair_of_codes >> 4, factor));
    }
#endif
}
