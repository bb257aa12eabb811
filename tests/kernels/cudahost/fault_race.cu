// Planted races in shared memory; ordered.cu has the counterparts.

#include "ptx.h"

// Launch: one block of 64 threads. y[64].
KERNEL GROUP_SHAPE(64, 1) void race_write_read(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 64);
    slot[ITEM_X] = 0;
    __syncthreads();
    slot[ITEM_X] = ITEM_X;
    y[ITEM_X] = slot[(ITEM_X + 33) % 64];
}

KERNEL GROUP_SHAPE(64, 1) void race_read_write(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 64);
    slot[ITEM_X] = ITEM_X;
    __syncthreads();
    y[ITEM_X] = slot[0];
    if (ITEM_X == 63) slot[0] = 7;
}

KERNEL GROUP_SHAPE(64, 1) void race_write_write(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 64);
    slot[ITEM_X % 48] = ITEM_X;
    __syncthreads();
    y[ITEM_X] = slot[ITEM_X % 48];
}

// Within one warp, and a shuffle in between, which orders nothing.
KERNEL GROUP_SHAPE(32, 1) void race_within_warp(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 32);
    slot[ITEM_X] = 0;
    __syncwarp();
    slot[ITEM_X] = ITEM_X;
    const int neighbour = __shfl_xor_sync(0xffffffffu, ITEM_X, 1);
    y[ITEM_X] = slot[neighbour];
}

KERNEL GROUP_SHAPE(64, 1) void race_atomic_read(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, total, 1);
    if (ITEM_X == 0) total[0] = 0;
    __syncthreads();
    atomicAdd(total, 1);
    y[ITEM_X] = total[0];
}

// The first warp writes after it has arrived: the barrier orders only what came before.
KERNEL GROUP_SHAPE(64, 1) void race_named(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 32);
    if (ITEM_X < 32)
    {
        slot[ITEM_X] = ITEM_X;
        ptx::bar_arrive(3, 64);
        slot[ITEM_X] = 2 * ITEM_X;
    }
    else
    {
        ptx::bar_sync(3, 64);
        y[ITEM_X] = slot[63 - ITEM_X];
    }
}
