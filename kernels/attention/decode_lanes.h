// The part of a sequence that a single work-item walks, for devices that are CPUs: vectors of VEC floats, no barriers, O in local memory,
// which such a device maps to cache. ROWS query rows (a power of two, at most VEC) share every key and value that is loaded.
//
// Row lengths are arguments, up to LANE_CAPACITY, so that one program serves all: a device of this kind compiles for seconds, at run time.
//
// Dot products are made for VEC / ROWS slots x ROWS rows at a time, in as many accumulators; adding up their lanes in one go leaves the
// logits in the lanes of one vector, slot by slot, so that the softmax is vertical again.
#ifndef KERNEL_DECODE_LANES_H
#define KERNEL_DECODE_LANES_H

#include "decode_operands.h"
#include "lse_merge.h"

#if ITEMS_X * ITEMS_Y == 1

// TILE                   slots of a tile
// COLUMN_VECS            vectors of value columns that stay in registers while a tile's slots go by

// Longest rows.
#define LANE_CAPACITY 256

#define LANE_SLOTS (VEC / ROWS)

#if VEC % ROWS != 0 || TILE % LANE_SLOTS != 0 || LANE_CAPACITY % (VEC * COLUMN_VECS) != 0
#error "ROWS divides VEC, VEC / ROWS divides TILE, and blocks of columns divide the longest rows."
#endif

#define MASKED_BITS ((int)0x80000000)

// Before loops over lanes that cost little and would make most of the program, which takes seconds to compile.
#define ROLLED _Pragma("nounroll")

typedef struct
{
    LOCAL float* q;      // [ROWS][LANE_CAPACITY]
    LOCAL float* weight; // [TILE][ROWS]
    LOCAL float* out;    // [ROWS][LANE_CAPACITY]
    LOCAL float* row;    // [2][ROWS]
} lane_memory;

// Lane i is of row i % ROWS. Maxima are equal in all lanes of a row; sums are to be added up.
typedef struct
{
    vecf max;
    vecf sum;
} lanes_state;

#if STORAGE == STORAGE_FLOAT16
// Through aligned private memory: pocl 3.1's vload_half8 and wider may load as if the address were aligned to 16 bytes.
DEVICE_FN vecf load_stored(GLOBAL const element* p)
{
#if VEC == 1
    return ELEMENT_LOAD_VEC(p);
#else
    PASTE(ushort, VEC)
    bits = VEC_LOAD((GLOBAL const ushort*)p);
    return ELEMENT_LOAD_VEC((const element*)&bits);
#endif
}
#else
#define load_stored(p) ELEMENT_LOAD_VEC(p)
#endif

// The last columns of a row, fewer than VEC, and zeros behind them.
DEVICE_FN vecf load_last_columns(const bool quantised, GLOBAL const unsigned char* row, int column, int dim)
{
    float lanes[VEC];
    ROLLED for (int i = 0; i < VEC; i++)
    {
        lanes[i] = 0.0f;
        if (column + i < dim) lanes[i] = quantised ? e4m3_to_float(row[column + i]) : ELEMENT_LOAD((GLOBAL const element*)row, column + i);
    }
    return VEC_LOAD(lanes);
}

// Columns column .. column + VEC - 1 of a row that has them all, less a quantised row's scale.
DEVICE_FN vecf load_columns(const bool quantised, kv_tensor t, slot_place place, int column)
{
    GLOBAL const unsigned char* row = row_of(quantised, t, place);
    if (quantised && QUANT == KV_FORMAT_INT4) return vec_int4(row, groups_of(t, place), column);
    return quantised ? vec_e4m3(row + column) : load_stored((GLOBAL const element*)row + column);
}

// The same wherever the row ends; rows of int4 are whole groups.
DEVICE_FN vecf load_columns_to_end(const bool quantised, kv_tensor t, slot_place place, int column)
{
    if (column >= t.dim) return (vecf)(0.0f);
    if (column + VEC > t.dim) return load_last_columns(quantised, row_of(quantised, t, place), column, t.dim);
    return load_columns(quantised, t, place, column);
}

// Lane i of the result is the sum of the lanes of vector i. The vectors are used up.
DEVICE_FN vecf lane_sums(vecf x[VEC])
{
#if VEC > 1
    UNROLL for (int half_of = VEC / 2; half_of >= 1; half_of /= 2)
        UNROLL for (int i = 0; i < half_of; i++)
            x[i] = (vecf)(x[2 * i].even, x[2 * i + 1].even) + (vecf)(x[2 * i].odd, x[2 * i + 1].odd);
#endif
    return x[0];
}

// Every lane becomes the largest, or the sum, of its row's lanes.
DEVICE_FN vecf row_max(vecf x)
{
    float lanes[VEC];
    VEC_STORE(lanes, x);
    for (int i = ROWS; i < VEC; i++) lanes[i % ROWS] = MAX_OF(lanes[i % ROWS], lanes[i]);
    for (int i = ROWS; i < VEC; i++) lanes[i] = lanes[i % ROWS];
    return VEC_LOAD(lanes);
}

DEVICE_FN vecf row_sum(vecf x)
{
    float lanes[VEC];
    VEC_STORE(lanes, x);
    for (int i = ROWS; i < VEC; i++) lanes[i % ROWS] += lanes[i];
    for (int i = ROWS; i < VEC; i++) lanes[i] = lanes[i % ROWS];
    return VEC_LOAD(lanes);
}

// Scales of the LANE_SLOTS slots from place on, each in the lanes of its slot; the last of `count` is repeated.
DEVICE_FN vecf lane_scales(kv_tensor t, const slot_place* places, int count)
{
    float lanes[VEC];
    ROLLED for (int i = 0; i < VEC; i++) lanes[i] = scale_of(t, places[MIN_OF(i / ROWS, count - 1)]);
    return VEC_LOAD(lanes);
}

// Products of LANE_SLOTS keys with ROWS queries; the last of `count` keys is repeated.
DEVICE_FN vecf multiply_keys(const lane_memory* memory, const bool quantised, const kv_part* part, const slot_place* places, int count)
{
    vecf dots[VEC];
    UNROLL for (int i = 0; i < VEC; i++) dots[i] = (vecf)(0.0f);
    int whole = part->k.dim / VEC * VEC;
    for (int d = 0; d < whole; d += VEC)
    {
        vecf q[ROWS];
        UNROLL for (int r = 0; r < ROWS; r++) q[r] = VEC_LOAD(memory->q + r * LANE_CAPACITY + d);
        UNROLL for (int s = 0; s < LANE_SLOTS; s++)
        {
            vecf key = load_columns(quantised, part->k, places[MIN_OF(s, count - 1)], d);
            UNROLL for (int r = 0; r < ROWS; r++) dots[s * ROWS + r] += key * q[r];
        }
    }
    if (whole < part->k.dim)
    {
        // Through memory, so that a rare path is short and the sums above stay in registers.
        float last[VEC * VEC];
        ROLLED for (int s = 0; s < LANE_SLOTS; s++)
        {
            vecf key = load_last_columns(quantised, row_of(quantised, part->k, places[MIN_OF(s, count - 1)]), whole, part->k.dim);
            for (int r = 0; r < ROWS; r++) VEC_STORE(last + (s * ROWS + r) * VEC, key * VEC_LOAD(memory->q + r * LANE_CAPACITY + whole));
        }
        UNROLL for (int i = 0; i < VEC; i++) dots[i] += VEC_LOAD(last + i * VEC);
    }
    return lane_sums(dots);
}

DEVICE_FN void spill_logits(GLOBAL float* spill, int columns, vecf logits, int slot, int count, int rows)
{
    float lanes[VEC];
    VEC_STORE(lanes, logits);
    ROLLED for (int i = 0; i < VEC; i++)
    {
        if (i % ROWS < rows && i / ROWS < count) spill[(long)(i % ROWS) * columns + slot + i / ROWS] = lanes[i];
    }
}

// Logits of a tile -> memory->weight, and their maximum in each lane.
DEVICE_FN vecf score_tile(const lane_memory* memory, const bool quantised, const kv_part* part, const slot_place* places, int n,
    int count, int rows,
    veci row_ends, decode_shape shape, GLOBAL float* spill)
{
    vecf max = (vecf)(-INFINITY);
    for (int s = 0; s < count; s += LANE_SLOTS)
    {
        int left = MIN_OF(LANE_SLOTS, count - s);
        vecf logits = multiply_keys(memory, quantised, part, places + s, left);
        if (quantised) logits *= lane_scales(part->k, places + s, left);
        logits *= shape.scale;
        if (shape.softcap > 0.0f) logits = shape.softcap * vec_tanh(logits / shape.softcap);
        veci slots = n + s + VEC_LANES / ROWS;
        logits = slots < row_ends ? logits : (vecf)(-INFINITY);
        if (spill) spill_logits(spill, shape.logit_columns, logits, part->first_logit + n + s, left, rows);
        max = vec_running_max(max, logits);
        VEC_STORE(memory->weight + s * ROWS, logits);
    }
    return row_max(max);
}

// Logits -> weights in place, times the values' scale.
DEVICE_FN void weigh_tile(const lane_memory* memory, lanes_state* state, const bool quantised, const kv_part* part,
    const slot_place* places, int count, vecf reference)
{
    for (int s = 0; s < count; s += LANE_SLOTS)
    {
        vecf logits = VEC_LOAD(memory->weight + s * ROWS);
        vecf weights = lse_weight(logits, reference);
        state->sum += weights;
        if (quantised) weights *= lane_scales(part->v, places + s, MIN_OF(LANE_SLOTS, count - s));
        weights = logits == (vecf)(-INFINITY) ? VEC_AS_FLOAT((veci)(MASKED_BITS)) : weights;
        VEC_STORE(memory->weight + s * ROWS, weights);
    }
}

// COLUMN_VECS vectors of columns of all rows: out = correction * out + weights x values. inside: the row has all these columns, and nothing
// is masked.
DEVICE_FN void accumulate_columns(const lane_memory* memory, const bool quantised, const kv_part* part, const slot_place* places,
    int count, int first,
    const float* corrections, const bool inside, bool masked)
{
    vecf out[ROWS][COLUMN_VECS];
    UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int c = 0; c < COLUMN_VECS; c++)
            out[r][c] = corrections[r] * VEC_LOAD(memory->out + r * LANE_CAPACITY + first + c * VEC);
    for (int s = 0; s < count; s++)
    {
        vecf values[COLUMN_VECS];
        UNROLL for (int c = 0; c < COLUMN_VECS; c++)
        {
            int column = first + c * VEC;
            values[c] = inside ? load_columns(quantised, part->v, places[s], column)
                               : load_columns_to_end(quantised, part->v, places[s], column);
        }
        UNROLL for (int r = 0; r < ROWS; r++)
        {
            float weight = memory->weight[s * ROWS + r];
            if (!inside && masked && (int)BITS_OF_FLOAT(weight) == MASKED_BITS) continue;
            UNROLL for (int c = 0; c < COLUMN_VECS; c++) out[r][c] += weight * values[c];
        }
    }
    UNROLL for (int r = 0; r < ROWS; r++)
        UNROLL for (int c = 0; c < COLUMN_VECS; c++) VEC_STORE(memory->out + r * LANE_CAPACITY + first + c * VEC, out[r][c]);
}

DEVICE_FN void clear_state(const lane_memory* memory, lanes_state* state)
{
    for (int i = 0; i < ROWS * LANE_CAPACITY; i += VEC) VEC_STORE(memory->out + i, (vecf)(0.0f));
    state->max = (vecf)(-INFINITY);
    state->sum = (vecf)(0.0f);
}

// Takes a part's slots into the state. first is the first of the group's rows, whose logits go to spill where it is not null.
DEVICE_FN void walk_slots(const lane_memory* memory, lanes_state* state, const bool quantised, const kv_part* part, int first, int rows,
    decode_shape shape,
    GLOBAL float* spill)
{
    int ends[VEC];
    for (int i = 0; i < VEC; i++) ends[i] = visible_end(part, (first + i % ROWS) % shape.queries, shape.queries);
    veci row_ends = VEC_LOAD(ends);
    for (int n = part->begin; n < part->end; n += TILE)
    {
        int count = MIN_OF(TILE, part->end - n);
        slot_place places[TILE];
        for (int s = 0; s < count; s++) places[s] = place_of(part, n + s);

        vecf max = vec_running_max(state->max, score_tile(memory, quantised, part, places, n, count, rows, row_ends, shape, spill));
        vecf reference = max == (vecf)(-INFINITY) ? (vecf)(0.0f) : max;
        float corrections[VEC];
        vecf correction = lse_weight(state->max, reference);
        VEC_STORE(corrections, correction);
        state->max = max;
        state->sum *= correction;
        weigh_tile(memory, state, quantised, part, places, count, reference);

        // Only slots that some rows do not see can reach a row as 0 * NaN.
        bool masked = part->causal && n + count > visible_end(part, 0, shape.queries);
        for (int d = 0; d < part->v.dim; d += COLUMN_VECS * VEC)
        {
            if (!masked && d + COLUMN_VECS * VEC <= part->v.dim)
                accumulate_columns(memory, quantised, part, places, count, d, corrections, true, false);
            else
                accumulate_columns(memory, quantised, part, places, count, d, corrections, false, masked);
        }
    }
}

// Leaves the rows' maxima and sums in memory->row; out is where it belongs.
DEVICE_FN void combine_state(const lane_memory* memory, const lanes_state* state, const bool quantised)
{
    float lanes[VEC];
    VEC_STORE(lanes, state->max);
    for (int r = 0; r < ROWS; r++) memory->row[r] = lanes[r];
    VEC_STORE(lanes, row_sum(state->sum));
    for (int r = 0; r < ROWS; r++) memory->row[ROWS + r] = lanes[r];
}

#endif

#endif
