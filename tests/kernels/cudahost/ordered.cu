// The race-free counterparts of fault_race.cu: each orders what that file leaves unordered.

#include "ptx.h"

// Launch: one block of 64 threads. y[64].
KERNEL GROUP_SHAPE(64, 1) void ordered_by_barrier(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 64);
    slot[ITEM_X] = ITEM_X;
    __syncthreads();
    const int value = slot[63 - ITEM_X];
    __syncthreads();
    if (ITEM_X == 0) slot[0] = 7;
    y[ITEM_X] = value;
}

KERNEL GROUP_SHAPE(64, 1) void ordered_by_warp(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 64);
    for (int round = 0; round < 3; round++)
    {
        slot[ITEM_X] = ITEM_X + round;
        __syncwarp();
        y[ITEM_X] = slot[ITEM_X ^ 31];
        __syncwarp();
    }
}

KERNEL GROUP_SHAPE(64, 1) void ordered_by_atomics(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, total, 1);
    if (ITEM_X == 0) total[0] = 0;
    __syncthreads();
    atomicAdd(total, 1);
    __syncthreads();
    y[ITEM_X] = total[0];
}

// Launch: one block of 64 threads: the second warp reads what the first has written.
KERNEL GROUP_SHAPE(64, 1) void ordered_by_named(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, slot, 32);
    if (ITEM_X < 32)
    {
        slot[ITEM_X] = ITEM_X;
        ptx::bar_arrive(3, 64);
        y[ITEM_X] = 0;
    }
    else
    {
        ptx::bar_sync(3, 64);
        y[ITEM_X] = slot[63 - ITEM_X];
    }
}

// Neighbouring bytes of one word belong to different threads.
KERNEL GROUP_SHAPE(64, 1) void ordered_by_bytes(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(unsigned char, slot, 64);
    slot[ITEM_X] = (unsigned char)ITEM_X;
    y[ITEM_X] = slot[ITEM_X];
}
