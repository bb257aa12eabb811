// Threads that wait for others by asking again and again.

#include "dialect.h"

// Launch: one block. All threads but the last read until the last one has written. y[threads].
KERNEL void spin_on_loads(GLOBAL volatile int* flag, GLOBAL int* y)
{
    if (ITEM_X == (int)blockDim.x - 1)
        flag[0] = 7;
    else
        while (flag[0] == 0)
        {
        }
    y[ITEM_X] = flag[0];
}

KERNEL void spin_on_atomics(GLOBAL int* flag, GLOBAL int* y)
{
    if (ITEM_X == (int)blockDim.x - 1)
        atomicExch(flag, 7);
    else
        while (atomicAdd(flag, 0) == 0)
        {
        }
    y[ITEM_X] = atomicAdd(flag, 0);
}

// Launch: one block of 64. Nobody ever writes what the first warp waits for; the second waits for the first.
KERNEL GROUP_SHAPE(64, 1) void endless_loads(GLOBAL volatile int* flag, GLOBAL int* y)
{
    if (ITEM_X < 32)
        while (flag[0] == 0)
        {
        }
    __syncthreads();
    y[ITEM_X] = 1;
}

KERNEL GROUP_SHAPE(64, 1) void endless_atomics(GLOBAL int* flag, GLOBAL int* y)
{
    if (ITEM_X < 32)
        while (atomicAdd(flag, 0) == 0)
        {
        }
    __syncthreads();
    y[ITEM_X] = 1;
}

KERNEL GROUP_SHAPE(64, 1) void endless_barriers(GLOBAL int* flag, GLOBAL int* y)
{
    while (__syncthreads_or(1) != 0)
    {
    }
    y[ITEM_X] = flag[0];
}

KERNEL GROUP_SHAPE(32, 1) void endless_votes(GLOBAL int* flag, GLOBAL int* y)
{
    while (__any_sync(0xffffffffu, 1) != 0)
    {
    }
    y[ITEM_X] = flag[0];
}
