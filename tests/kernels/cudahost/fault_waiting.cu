// Planted mistakes in barriers and warp operations: a GPU would hang, or go on with wrong values.

#include "ptx.h"

// Launch: one block of 64 threads. y[64].
KERNEL void two_barriers(GLOBAL int* RESTRICT y)
{
    if (ITEM_X < 48)
    {
        y[ITEM_X] = 1;
        __syncthreads();
    }
    else
    {
        y[ITEM_X] = 2;
        __syncthreads();
    }
    y[ITEM_X] += 1;
}

// One lane stays away from a shuffle and waits at the barrier instead.
KERNEL void absent_lane(GLOBAL int* RESTRICT y, int absent)
{
    int value = ITEM_X;
    if (ITEM_X != absent) value = __shfl_xor_sync(0xffffffffu, value, 1);
    __syncthreads();
    y[ITEM_X] = value;
}

KERNEL void other_operation(GLOBAL int* RESTRICT y, int other)
{
    const unsigned whole = 0xffffffffu;
    if (ITEM_X % 32 == other)
        y[ITEM_X] = (int)__ballot_sync(whole, 1);
    else
        y[ITEM_X] = __any_sync(whole, 1);
}

KERNEL void not_in_mask(GLOBAL int* RESTRICT y, unsigned mask)
{
    y[ITEM_X] = (int)__ballot_sync(mask, 1);
}

// Nobody arrives for the second half.
KERNEL void lonely_named(GLOBAL int* RESTRICT y)
{
    if (ITEM_X < 32) ptx::bar_sync(5, 64);
    y[ITEM_X] = 1;
}

KERNEL void unequal_named(GLOBAL int* RESTRICT y)
{
    ptx::bar_sync(5, ITEM_X < 32 ? 64 : 32);
    y[ITEM_X] = 1;
}

KERNEL void bad_barrier(GLOBAL int* RESTRICT y, int id, int threads)
{
    ptx::bar_sync(id, threads);
    y[ITEM_X] = 1;
}

KERNEL void bad_width(GLOBAL int* RESTRICT y, int width)
{
    y[ITEM_X] = __shfl_sync(0xffffffffu, ITEM_X, 0, width);
}

KERNEL void trap(GLOBAL int* RESTRICT y, int culprit)
{
    if (ITEM_X == culprit) __trap();
    y[ITEM_X] = 1;
}
