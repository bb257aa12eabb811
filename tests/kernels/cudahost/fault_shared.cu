// Planted mistakes in shared memory.

#include "ptx.h"

// Launch: blocks of 32. Thread 5 writes slot[at] of 32, with another array behind it.
KERNEL GROUP_SHAPE(32, 1) void past_array(GLOBAL float* RESTRICT y, int at)
{
    LOCAL_ARRAY(float, slot, 32);
    LOCAL_ARRAY(float, behind, 32);
    behind[ITEM_X] = 0.0f;
    slot[ITEM_X == 5 ? at : ITEM_X] = 1.0f;
    __syncthreads();
    y[ITEM_X] = slot[ITEM_X == 5 ? 0 : ITEM_X] + behind[ITEM_X];
}

KERNEL GROUP_SHAPE(32, 1) void past_dynamic(GLOBAL float* RESTRICT y, int at)
{
    DYNAMIC_LOCAL(float, sized);
    sized[ITEM_X] = 1.0f;
    y[ITEM_X] = sized[ITEM_X == 5 ? at : ITEM_X];
}

KERNEL GROUP_SHAPE(32, 1) void misaligned_shared(GLOBAL float* RESTRICT y, int offset)
{
    LOCAL_ARRAY(float, slot, 64);
    slot[ITEM_X] = slot[ITEM_X + 32] = 1.0f;
    __syncthreads();
    const float4 value = *(const float4*)(slot + offset);
    y[ITEM_X] = value.x + value.w;
}

// Only `written` of 32 elements are written.
KERNEL GROUP_SHAPE(32, 1) void unwritten(GLOBAL float* RESTRICT y, int written)
{
    LOCAL_ARRAY(float, slot, 32);
    if (ITEM_X < written) slot[ITEM_X] = 1.0f;
    __syncthreads();
    y[ITEM_X] = slot[31 - ITEM_X];
}

KERNEL GROUP_SHAPE(32, 1) void early_read(GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, int wait)
{
    LOCAL_ARRAY(float, slot, 128);
    ptx::cp_async_16(slot + 4 * ITEM_X, x + 4 * ITEM_X);
    ptx::cp_async_commit();
    if (wait != 0) ptx::cp_async_wait_group<0>();
    __syncthreads();
    y[ITEM_X] = slot[127 - ITEM_X];
}

// Launch: one thread and enough dynamic shared memory to pass the limit.
KERNEL void too_much(GLOBAL float* RESTRICT y)
{
    LOCAL_ARRAY(float, first, 4096);
    LOCAL_ARRAY(float, second, 8000);
    DYNAMIC_LOCAL(float, sized);
    first[ITEM_X] = second[ITEM_X] = sized[ITEM_X] = 1.0f;
    y[ITEM_X] = first[ITEM_X] + second[ITEM_X] + sized[ITEM_X];
}

// Launch: one block of 64. Thread 0 hands the address of a variable of its own to the rest.
KERNEL GROUP_SHAPE(64, 1) void foreign_local(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int*, address, 1);
    int own[4] = {1, 2, 3, ITEM_X};
    if (ITEM_X == 0) address[0] = own;
    __syncthreads();
    y[ITEM_X] = address[0][ITEM_X % 4];
    __syncthreads();
    y[ITEM_X] += own[3];
}
