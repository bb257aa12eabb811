// Merges partial results of rows of attention by their log-sum-exp.
//
// Build-time parameters: STORAGE, VEC, ITEMS_X (work-items of a group; a group is one row).

#include "../dialect.h"
#include "../vector.h"
#include "../storage.h"
#include "lse_merge.h"

// partial_out [rows, parts, stride] and partial_state [rows, parts, 2] (max, sum) -> o [B, H, N, columns] and, where it is not null, lse
// [B, H, N]. stride is columns rounded up to a multiple of VEC. Grid: B * H * N groups of ITEMS_X.
KERNEL GROUP_SHAPE(ITEMS_X, 1) void lse_merge(
    GLOBAL const float* partial_out, GLOBAL const float* partial_state, GLOBAL element* o, GLOBAL float* lse,
    long o_offset, long o_batch, long o_head, long o_row, long lse_offset,
    int heads, int queries, int parts, int columns, int stride)
{
    int row = GROUP_X;
    partial_out += (long)row * parts * stride;
    partial_state += (long)row * parts * LSE_STATE;
    o += o_offset + row / queries / heads * o_batch + row / queries % heads * o_head + row % queries * o_row;

    float max = lse_merged_max(partial_state, parts);
    float reference = lse_reference(max);
    float sum = lse_merged_sum(partial_state, parts, reference);
    float factor = lse_factor(sum);
    for (int d = ITEM_X * VEC; d < columns; d += ITEMS_X * VEC)
    {
        float lanes[VEC];
        VEC_STORE(lanes, lse_merged_output(partial_out, partial_state, parts, stride, d, reference) * factor);
        for (int i = 0; i < VEC && d + i < columns; i++) ELEMENT_STORE(o, d + i, lanes[i]);
    }
    if (lse && ITEM_X == 0) lse[lse_offset + row] = lse_of(max, sum);
}
