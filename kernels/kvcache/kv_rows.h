// Where the rows of a cached tensor lie: [batch, heads, slots, width], or in pages of [pages, heads, page_size, width] with a table [batch,
// pages_per_sequence]. A slot is below the tensor's slots: the caller has looked. Table entries can hold anything.
#ifndef KERNEL_KV_ROWS_H
#define KERNEL_KV_ROWS_H

#include "../dialect.h"

// First element of a row, or -1 where its page is not in the pool. page_size is 0 where the tensor is not paged.
DEVICE_FN long kv_row(
    GLOBAL const int* table, int page_size, int pages_per_sequence, int pages,
    long offset, long batch_stride, long head_stride, long row_stride, int batch, int head, int slot)
{
    long page = batch;
    if (page_size > 0)
    {
        page = table[(long)batch * pages_per_sequence + slot / page_size];
        slot %= page_size;
        if (page < 0 || page >= pages) return -1;
    }
    return offset + page * batch_stride + head * head_stride + slot * row_stride;
}

// A count that data give, made safe.
DEVICE_FN int kv_clamped(int count, int most) { return MIN_OF(MAX_OF(count, 0), most); }

#endif
