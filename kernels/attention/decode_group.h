// The part of a sequence that a group of ITEMS_X x ITEMS_Y work-items walks, for GPUs. x goes along a row in chunks of CHUNK columns, y
// along the slots; keys and values go from memory to registers without a stop in local memory, each element once for all ROWS query rows.
//
// A tile is ITEMS_Y * SLOTS slots. Each work-item multiplies its chunks of keys by the queries' columns (in local memory) and leaves one
// partial dot product a (slot, row); PAIRS such pairs are then summed up by each work-item, which always meets the same row, so it keeps
// that row's maximum itself. Weights go back through local memory. Loads of values are issued before the barrier behind the dot products,
// and loads of the next tile's keys before the second product, so that memory is busy throughout. Three barriers a tile.
#ifndef KERNEL_DECODE_GROUP_H
#define KERNEL_DECODE_GROUP_H

#include "decode_chunk.h"
#include "lse_merge.h"

#if ITEMS_X * ITEMS_Y > 1

#define ITEM (ITEM_Y * ITEMS_X + ITEM_X)
#define ITEMS (ITEMS_X * ITEMS_Y)
#define TILE (ITEMS_Y * SLOTS)
#define PAIRS (TILE * ROWS / ITEMS)
#define CAPACITY (ITEMS_X * CHUNK)

// One float of padding: work-items that sum up neighbouring pairs then read different banks.
#define PARTIAL_STRIDE (ITEMS_X + 1)

// y's slots come in runs of this many, which puts what the work-items of a warp write into different banks.
#define SLOT_RUN (ITEMS_X / 8)

#if ITEMS % ROWS != 0 || TILE * ROWS % ITEMS != 0 || SLOTS % SLOT_RUN != 0 || ROWS % 4 != 0 || (ITEMS_Y & (ITEMS_Y - 1)) != 0
#error "A work-item's pairs are of one row, its slots whole runs, rows read by fours, ITEMS_Y a power of two."
#endif

// The sum over y at the end needs half a group's outputs: SLOTS >= CHUNK / 2 makes the partial products' array large enough.
#if 2 * SLOTS < CHUNK
#error "SLOTS is too small."
#endif

// Weight of a slot that a row does not see: no weight, which are 0 and more, has these bits.
#define MASKED_BITS 0x80000000u

// Local memory of a group.
typedef struct
{
    LOCAL float* q;       // [ROWS][CAPACITY]
    LOCAL float* partial; // [TILE * ROWS][PARTIAL_STRIDE]
    LOCAL float* weight;  // [TILE][ROWS]
    LOCAL float* item;    // [ITEMS]
    LOCAL float* row;     // [2][ROWS]
} group_memory;

// What a work-item keeps of row ITEM % ROWS (the maximum is the row's, the sum its own pairs') and of its chunk of all rows' outputs.
typedef struct
{
    float max;
    float sum;
    float out[ROWS][CHUNK];
} group_state;

DEVICE_FN int tile_slot(int u) { return u / SLOT_RUN * (SLOT_RUN * ITEMS_Y) + ITEM_Y * SLOT_RUN + u % SLOT_RUN; }

// Loads this work-item's chunks of the tile at slot n: keys, and where the slots lie for the values.
DEVICE_FN void load_keys(kv_chunk keys[SLOTS], slot_place places[SLOTS], const bool quantised, const kv_part* part, int n)
{
    UNROLL for (int u = 0; u < SLOTS; u++)
    {
        int slot = n + tile_slot(u);
        bool present = slot < part->end;
        if (present) places[u] = place_of(part, slot);
        load_chunk(&keys[u], quantised, part->k, places[u], present);
    }
}

DEVICE_FN void load_values(kv_chunk values[SLOTS], const slot_place places[SLOTS], const bool quantised, const kv_part* part, int n)
{
    UNROLL for (int u = 0; u < SLOTS; u++) load_chunk(&values[u], quantised, part->v, places[u], n + tile_slot(u) < part->end);
}

DEVICE_FN void multiply_keys(const group_memory* memory, const kv_chunk keys[SLOTS], const bool quantised, int rows)
{
    float x[SLOTS][CHUNK];
    UNROLL for (int u = 0; u < SLOTS; u++) widen_chunk(x[u], quantised, &keys[u]);
    UNROLL for (int r = 0; r < ROWS; r++)
    {
        if (r >= rows) continue;
        float4 a = *(LOCAL const float4*)(memory->q + r * CAPACITY + chunk_column(quantised, 0));
        float4 b = *(LOCAL const float4*)(memory->q + r * CAPACITY + chunk_column(quantised, 1));
        UNROLL for (int u = 0; u < SLOTS; u++)
        {
            float dot = x[u][0] * a.x;
            dot += x[u][1] * a.y;
            dot += x[u][2] * a.z;
            dot += x[u][3] * a.w;
            dot += x[u][4] * b.x;
            dot += x[u][5] * b.y;
            dot += x[u][6] * b.z;
            dot += x[u][7] * b.w;
            memory->partial[(tile_slot(u) * ROWS + r) * PARTIAL_STRIDE + ITEM_X] = dot;
        }
    }
}

// Logits of this work-item's pairs and their maximum.
DEVICE_FN float sum_pairs(float logits[PAIRS], const group_memory* memory, const bool quantised, const kv_part* part, int n, int row_end,
    const float key_scales[PAIRS], decode_shape shape, GLOBAL float* spill)
{
    float max = -INFINITY;
    UNROLL for (int k = 0; k < PAIRS; k++)
    {
        int pair = ITEM + k * ITEMS;
        int slot = n + pair / ROWS;
        logits[k] = -INFINITY;
        if (slot >= part->end) continue;
        if (slot < row_end)
        {
            float dot = 0.0f;
            for (int x = 0; x < ITEMS_X; x++) dot += memory->partial[pair * PARTIAL_STRIDE + x];
            float logit = quantised ? shape.scale * (key_scales[k] * dot) : shape.scale * dot;
            if (shape.softcap > 0.0f) logit = shape.softcap * vec_tanh(logit / shape.softcap);
            logits[k] = logit;
            max = vec_running_max(max, logit);
        }
        if (spill) spill[part->first_logit + slot] = logits[k];
    }
    return max;
}

DEVICE_FN void accumulate_slot(group_state* state, const float x[CHUNK], LOCAL const float* weights, int rows, const bool masked)
{
    UNROLL for (int r = 0; r < ROWS; r++)
    {
        if (r >= rows) continue;
        float weight = weights[r];
        if (masked && BITS_OF_FLOAT(weight) == MASKED_BITS) continue;
        UNROLL for (int i = 0; i < CHUNK; i++) state->out[r][i] += weight * x[i];
    }
}

// Takes one tile into the state. keys are the tile's and become the next one's.
DEVICE_FN void take_tile(const group_memory* memory, group_state* state, kv_chunk keys[SLOTS], slot_place places[SLOTS],
    const bool quantised,
    const kv_part* part, int n, int rows, int row_end, decode_shape shape, GLOBAL float* spill)
{
    int own_row = ITEM % ROWS;
    multiply_keys(memory, keys, quantised, rows);
    kv_chunk values[SLOTS];
    load_values(values, places, quantised, part, n);
    float key_scales[PAIRS];
    float value_scales[PAIRS];
    if (quantised)
    {
        UNROLL for (int k = 0; k < PAIRS; k++)
        {
            int slot = n + (ITEM + k * ITEMS) / ROWS;
            slot_place place = place_of(part, MIN_OF(slot, part->end - 1));
            key_scales[k] = scale_of(part->k, place);
            value_scales[k] = scale_of(part->v, place);
        }
    }
    LOCAL_BARRIER();

    float logits[PAIRS];
    memory->item[ITEM] = sum_pairs(logits, memory, quantised, part, n, row_end, key_scales, shape, spill);
    LOCAL_BARRIER();

    float max = state->max;
    for (int p = own_row; p < ITEMS; p += ROWS) max = vec_running_max(max, memory->item[p]);
    float reference = lse_reference(max);
    float correction = lse_weight(state->max, reference);
    float sum = state->sum * correction;
    UNROLL for (int k = 0; k < PAIRS; k++)
    {
        int pair = ITEM + k * ITEMS;
        float weight = lse_weight(logits[k], reference);
        sum += weight;
        if (quantised) weight *= value_scales[k];
        memory->weight[pair] = logits[k] == -INFINITY ? FLOAT_OF_BITS(MASKED_BITS) : weight;
    }
    state->max = max;
    state->sum = sum;
    if (ITEM < ROWS) memory->row[ITEM] = correction;
    LOCAL_BARRIER();

    load_keys(keys, places, quantised, part, n + TILE);
    UNROLL for (int r = 0; r < ROWS; r++)
    {
        if (r >= rows) continue;
        float factor = memory->row[r];
        UNROLL for (int i = 0; i < CHUNK; i++) state->out[r][i] *= factor;
    }

    // Only slots that some rows of the group do not see can reach a row as 0 * NaN.
    bool masked = part->causal && MIN_OF(n + TILE, part->end) > visible_end(part, 0, shape.queries);
    UNROLL for (int u = 0; u < SLOTS; u++)
    {
        float x[CHUNK];
        widen_chunk(x, quantised, &values[u]);
        LOCAL const float* weights = memory->weight + tile_slot(u) * ROWS;
        if (masked)
            accumulate_slot(state, x, weights, rows, true);
        else
            accumulate_slot(state, x, weights, rows, false);
    }
}

DEVICE_FN void clear_state(const group_memory* memory, group_state* state)
{
    state->max = -INFINITY;
    state->sum = 0.0f;
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int i = 0; i < CHUNK; i++) state->out[r][i] = 0.0f;
    LOCAL_BARRIER();
}

// Takes a part's slots into the state. first is the first of the group's rows, whose logits go to spill where it is not null.
DEVICE_FN void walk_slots(const group_memory* memory, group_state* state, const bool quantised, const kv_part* part, int first, int rows,
    decode_shape shape,
    GLOBAL float* spill)
{
    int own_row = ITEM % ROWS;
    int row_end = own_row < rows ? visible_end(part, (first + own_row) % shape.queries, shape.queries) : 0;
    if (spill) spill = own_row < rows ? spill + (long)own_row * shape.logit_columns : 0;
    kv_chunk keys[SLOTS];
    slot_place places[SLOTS];
    UNROLL for (int u = 0; u < SLOTS; u++) places[u].page = places[u].row = 0;
    load_keys(keys, places, quantised, part, part->begin);
    for (int n = part->begin; n < part->end; n += TILE)
        take_tile(memory, state, keys, places, quantised, part, n, rows, row_end, shape, spill);
}

// Adds up what the work-items hold: memory->partial becomes out [ROWS][CAPACITY], memory->row the rows' maxima and sums.
DEVICE_FN void combine_state(const group_memory* memory, group_state* state, const bool quantised)
{
    // Since the last tile's items and partial products were read, a barrier was passed.
    memory->item[ITEM] = state->sum;
    for (int half_of = ITEMS_Y / 2; half_of >= 1; half_of /= 2)
    {
        LOCAL float* mine = memory->partial + ITEM_Y % half_of * (ROWS * CAPACITY) + ITEM_X;
        if (ITEM_Y >= half_of && ITEM_Y < 2 * half_of)
            UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int i = 0; i < CHUNK; i++)
                mine[r * CAPACITY + i * ITEMS_X] = state->out[r][i];
        LOCAL_BARRIER();
        if (ITEM_Y < half_of)
            UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int i = 0; i < CHUNK; i++)
                state->out[r][i] += mine[r * CAPACITY + i * ITEMS_X];
        LOCAL_BARRIER();
    }
    if (ITEM_Y == 0)
    {
        UNROLL for (int r = 0; r < ROWS; r++)
            UNROLL for (int i = 0; i < CHUNK; i++)
                memory->partial[r * CAPACITY + chunk_column(quantised, i / (CHUNK / 2)) + i % (CHUNK / 2)] = state->out[r][i];
    }
    if (ITEM < ROWS)
    {
        float sum = 0.0f;
        for (int p = ITEM; p < ITEMS; p += ROWS) sum += memory->item[p];
        memory->row[ITEM] = state->max;
        memory->row[ROWS + ITEM] = sum;
    }
    LOCAL_BARRIER();
}

#endif

#endif
