// Operands of decode attention: where rows lie, which slots a group of work-items walks, which of them a query row sees.
#ifndef KERNEL_DECODE_OPERANDS_H
#define KERNEL_DECODE_OPERANDS_H

#include "../dialect.h"
#include "../storage.h"
#include "../kvcache/kv_format_decode.h"

// QUANT  0: original slots only; 8 or 4: the format of a second, quantised segment (KV_FORMAT_E4M3, KV_FORMAT_INT4)
#ifndef QUANT
#define QUANT 0
#endif

// A tensor [pages, heads, rows, ..] in a buffer, in elements: its first element, and from one page (without paging: sequence), head, row to
// the next.
typedef struct
{
    long offset;
    long page;
    long head;
    long row;
} kv_layout;

// Extents that all slots share. Row r of a KV head is query head kv_head * heads_per_kv + r / queries, query r % queries.
typedef struct
{
    int kv_heads;
    int heads_per_kv;
    int queries;
    int row_blocks; // blocks of ROWS rows to a KV head
    int head_dim;
    int value_dim;
    int parts; // of both segments
    int causal;
    int logit_columns; // slots of both segments
    float scale;
    float softcap; // 0: none
} decode_shape;

// One kind of slots. Slot j of sequence b is row j % page_size of page table[b, j / page_size]; without a table, row j of page b.
typedef struct
{
    int slots; // at most
    int pages; // 1 or more where there is a table
    int page_size;
    int table_columns;
    int first_logit;  // column of slot 0 in the logits
    int parts;        // launched for each sequence
    int part_target;  // parts aimed at, 1 or more
    int part_least;   // least slots of a part
    int part_granule; // slots of a part are a multiple of it
} segment_shape;

// Keys or values of one kind and one KV head. Strides count elements: of the original rows, or codes, group factors, scales.
typedef struct
{
    GLOBAL const unsigned char* rows;
    GLOBAL const unsigned char* groups;
    GLOBAL const float* scales;
    long page, row;
    long group_page, group_row;
    long scale_page, scale_row;
    int dim;
    bool aligned; // every row begins at a multiple of what an aligned load takes
} kv_tensor;

typedef struct
{
    GLOBAL const int* table; // this sequence's; null without paging
    int batch;
    int pages, page_size;
    int begin, end; // slots of this part
    int length;     // slots of the sequence
    int first_logit;
    bool causal;
    kv_tensor k, v;
} kv_part;

typedef struct
{
    int page;
    int row;
} slot_place;

// Where a slot lies. An id that names no page is an error that only the host's device reports; here it must not lead out of the pool.
DEVICE_FN slot_place place_of(const kv_part* part, int slot)
{
    slot_place place = {part->batch, slot};
    if (part->table)
    {
        uint index = (uint)slot / (uint)part->page_size;
        place.page = (int)MIN_OF((uint)part->table[index], (uint)part->pages - 1);
        place.row = slot - (int)index * part->page_size;
    }
    return place;
}

DEVICE_FN int length_of(GLOBAL const int* lengths, long offset, int batch, int slots)
{
    if (!lengths) return slots;
    int length = lengths[offset + batch];
    return length < 0 ? 0 : MIN_OF(length, slots);
}

// Slots of each part but the last. A function of the sequence's length and the settings only: DecodeSplits.SlotsPerPart.
DEVICE_FN int slots_per_part(int length, segment_shape shape)
{
    int even = (int)(CEIL_DIV(CEIL_DIV((long)length, shape.part_target), shape.part_granule) * shape.part_granule);
    return MAX_OF(even, shape.part_least);
}

// The slots of one kind that part `index` of a sequence takes; keys and values are the caller's to set.
DEVICE_FN kv_part part_of(segment_shape shape, GLOBAL const int* table, long table_offset, GLOBAL const int* lengths, long lengths_offset,
    int batch, int index)
{
    kv_part part;
    part.table = table ? table + table_offset + (long)batch * shape.table_columns : table;
    part.batch = batch;
    part.pages = shape.pages;
    part.page_size = shape.page_size;
    part.length = length_of(lengths, lengths_offset, batch, shape.slots);
    long each = slots_per_part(part.length, shape);
    part.begin = (int)MIN_OF(index * each, (long)part.length);
    part.end = (int)MIN_OF(part.begin + each, (long)part.length);
    part.first_logit = shape.first_logit;
    part.causal = false;
    return part;
}

// size_t, because it holds an address in every language.
#define IS_ALIGNED(bytes, width) ((((size_t)(bytes)) & ((width)-1)) == 0)

// Bytes that one aligned load of a row takes (decode_chunk.h).
#define ORIGINAL_LOAD 16
#define QUANT_LOAD (QUANT == KV_FORMAT_E4M3 ? 8 : 4)

DEVICE_FN kv_tensor original_rows(GLOBAL const element* base, kv_layout at, int head, int dim)
{
    kv_tensor t;
    t.rows = (GLOBAL const unsigned char*)(base + at.offset + head * at.head);
    t.page = at.page;
    t.row = at.row;
    t.dim = dim;
    t.aligned = IS_ALIGNED(t.rows, ORIGINAL_LOAD) && IS_ALIGNED((t.page | t.row) * (long)sizeof(element), ORIGINAL_LOAD);
    t.groups = 0;
    t.scales = 0;
    t.group_page = t.group_row = t.scale_page = t.scale_row = 0;
    return t;
}

DEVICE_FN kv_tensor quantised_rows(GLOBAL const unsigned char* codes, kv_layout at, GLOBAL const unsigned char* groups, kv_layout groups_at,
    GLOBAL const float* scales, kv_layout scales_at, int head, int dim)
{
    kv_tensor t;
    t.rows = codes + at.offset + head * at.head;
    t.page = at.page;
    t.row = at.row;
    t.dim = dim;
    t.aligned = IS_ALIGNED(t.rows, QUANT_LOAD) && IS_ALIGNED(t.page | t.row, QUANT_LOAD);
    t.groups = groups ? groups + groups_at.offset + head * groups_at.head : groups;
    t.group_page = groups_at.page;
    t.group_row = groups_at.row;
    t.scales = scales + scales_at.offset + head * scales_at.head;
    t.scale_page = scales_at.page;
    t.scale_row = scales_at.row;
    return t;
}

// First byte of a slot's row.
DEVICE_FN GLOBAL const unsigned char* row_of(const bool quantised, kv_tensor t, slot_place at)
{
    return t.rows + (at.page * t.page + at.row * t.row) * (quantised ? 1 : (long)sizeof(element));
}

DEVICE_FN GLOBAL const unsigned char* groups_of(kv_tensor t, slot_place at)
{
    return t.groups + (at.page * t.group_page + at.row * t.group_row);
}
DEVICE_FN float scale_of(kv_tensor t, slot_place at) { return t.scales[at.page * t.scale_page + at.row * t.scale_row]; }

// One past the last slot of a part's kind that a query sees.
DEVICE_FN int visible_end(const kv_part* part, int query, int queries)
{
    return part->causal ? part->length - queries + query + 1 : part->length;
}

#endif
