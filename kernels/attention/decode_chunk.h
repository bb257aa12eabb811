// What one work-item of a group holds of a row of keys or values: CHUNK columns, as stored until they are used, so that loads of several
// slots are under way in few registers. Where rows are aligned one or two vector loads take a chunk, and neighbouring work-items take
// neighbouring ones; elsewhere, and at the end of a row, elements are loaded one by one.
#ifndef KERNEL_DECODE_CHUNK_H
#define KERNEL_DECODE_CHUNK_H

#include "decode_operands.h"

#define CHUNK 8

#if STORAGE == STORAGE_FLOAT32
#define CHUNK_WORDS 8
#else
#define CHUNK_WORDS 4
#endif

typedef struct
{
    uint word[CHUNK_WORDS];
    uint group; // factor of an int4 chunk
} kv_chunk;

// First columns of the two halves of this work-item's chunk. An int4 word holds elements 4i .. 4i+3 of a group and those 16 further on.
DEVICE_FN int chunk_column(const bool quantised, int half_of_chunk)
{
    if (quantised && QUANT == KV_FORMAT_INT4) return ITEM_X / 4 * KV_GROUP + ITEM_X % 4 * 4 + half_of_chunk * (KV_GROUP / 2);
    return ITEM_X * CHUNK + half_of_chunk * (CHUNK / 2);
}

#if STORAGE != STORAGE_FLOAT32
// A 16-bit element's bits, and the float they stand for.
#if STORAGE == STORAGE_FLOAT16 && !defined(KERNEL_IS_OPENCL)
#define ELEMENT_BITS(p, i) ((uint)(p)[i].bits)
#else
#define ELEMENT_BITS(p, i) ((uint)((GLOBAL const ushort*)(p))[i])
#endif

DEVICE_FN float float_of_element_bits(uint bits)
{
#if STORAGE == STORAGE_BFLOAT16
    return FLOAT_OF_BITS(bits << 16);
#elif defined(KERNEL_IS_OPENCL)
    ushort stored = (ushort)bits;
    return vload_half(0, (const half*)&stored);
#else
    ptx::half_t stored;
    stored.bits = (ushort)bits;
    return ptx::to_float(stored);
#endif
}
#endif

DEVICE_FN void load_original(kv_chunk* chunk, kv_tensor t, GLOBAL const element* row)
{
    int column = ITEM_X * CHUNK;
    row += column;
    if (t.aligned && column + CHUNK <= t.dim)
    {
        UNROLL for (int i = 0; i < CHUNK_WORDS; i += 4)
        {
            uint4 four = ((GLOBAL const uint4*)row)[i / 4];
            chunk->word[i] = four.x;
            chunk->word[i + 1] = four.y;
            chunk->word[i + 2] = four.z;
            chunk->word[i + 3] = four.w;
        }
        return;
    }
    UNROLL for (int i = 0; i < CHUNK; i++)
    {
        if (column + i >= t.dim) continue;
#if STORAGE == STORAGE_FLOAT32
        chunk->word[i] = BITS_OF_FLOAT(row[i]);
#else
        chunk->word[i / 2] |= ELEMENT_BITS(row, i) << (i % 2 * 16);
#endif
    }
}

DEVICE_FN void load_e4m3(kv_chunk* chunk, kv_tensor t, GLOBAL const unsigned char* row)
{
    int column = ITEM_X * CHUNK;
    row += column;
    if (t.aligned && column + CHUNK <= t.dim)
    {
        uint2 two = *(GLOBAL const uint2*)row;
        chunk->word[0] = two.x;
        chunk->word[1] = two.y;
        return;
    }
    UNROLL for (int i = 0; i < CHUNK; i++) if (column + i < t.dim) chunk->word[i / 4] |= (uint)row[i] << (i % 4 * 8);
}

// Rows of int4 are whole groups, so a chunk is in a row or behind its end.
DEVICE_FN void load_int4(kv_chunk* chunk, kv_tensor t, GLOBAL const unsigned char* row, GLOBAL const unsigned char* groups)
{
    if (ITEM_X * CHUNK >= t.dim) return;
    row += ITEM_X * 4;
    chunk->group = groups[ITEM_X / 4];
    if (t.aligned)
        chunk->word[0] = *(GLOBAL const uint*)row;
    else
        UNROLL for (int i = 0; i < 4; i++) chunk->word[0] |= (uint)row[i] << (8 * i);
}

// This work-item's columns of a slot's row; zeros behind the row's end, and where the slot is none of the part's.
DEVICE_FN void load_chunk(kv_chunk* chunk, const bool quantised, kv_tensor t, slot_place place, bool present)
{
    UNROLL for (int i = 0; i < CHUNK_WORDS; i++) chunk->word[i] = 0;
    chunk->group = 0;
    if (!present) return;
    GLOBAL const unsigned char* row = row_of(quantised, t, place);
    if (!quantised)
        load_original(chunk, t, (GLOBAL const element*)row);
    else if (QUANT == KV_FORMAT_E4M3)
        load_e4m3(chunk, t, row);
    else
        load_int4(chunk, t, row, groups_of(t, place));
}

// The chunk's floats, less a quantised row's scale: first half, second half.
DEVICE_FN void widen_chunk(float x[CHUNK], const bool quantised, const kv_chunk* chunk)
{
    if (quantised && QUANT == KV_FORMAT_E4M3)
    {
        e4m3x4_to_float(chunk->word[0], x);
        e4m3x4_to_float(chunk->word[1], x + 4);
        return;
    }
    if (quantised)
    {
        float group = e4m3_to_float(chunk->group);
        UNROLL for (int i = 0; i < 4; i++)
        {
            x[i] = int4_to_float(chunk->word[0] >> (8 * i) & 0xfu, group);
            x[i + 4] = int4_to_float(chunk->word[0] >> (8 * i + 4) & 0xfu, group);
        }
        return;
    }
    UNROLL for (int i = 0; i < CHUNK; i++)
    {
#if STORAGE == STORAGE_FLOAT32
        x[i] = FLOAT_OF_BITS(chunk->word[i]);
#else
        x[i] = float_of_element_bits(chunk->word[i / 2] >> (i % 2 * 16) & 0xffffu);
#endif
    }
}

#endif
