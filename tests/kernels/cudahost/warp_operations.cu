// Shuffles, votes, matches and reductions, with whole and partial masks.

#include "dialect.h"

#define WHOLE 0xffffffffu

// Launch: one block of 32 threads. x[32]; y[10][32].
KERNEL GROUP_SHAPE(32, 1) void shuffles(GLOBAL const int* RESTRICT x, GLOBAL int* RESTRICT y)
{
    const int lane = ITEM_X;
    const int value = x[lane];
    y[lane] = __shfl_sync(WHOLE, value, 5);
    y[32 + lane] = __shfl_sync(WHOLE, value, lane + 3, 8);
    y[64 + lane] = __shfl_up_sync(WHOLE, value, 3);
    y[96 + lane] = __shfl_up_sync(WHOLE, value, 1, 4);
    y[128 + lane] = __shfl_down_sync(WHOLE, value, 3);
    y[160 + lane] = __shfl_down_sync(WHOLE, value, 1, 16);
    y[192 + lane] = __shfl_xor_sync(WHOLE, value, 9);
    y[224 + lane] = __shfl_xor_sync(WHOLE, value, 5, 8);
    y[256 + lane] = (int)__shfl_xor_sync(WHOLE, (float)value, 1);
    y[288 + lane] = (int)(__shfl_xor_sync(WHOLE, (unsigned long long)value << 32, 2) >> 32);
}

// Launch: one block of 32 threads. Odd and even lanes take different ways and meet again. y[4][32].
KERNEL GROUP_SHAPE(32, 1) void partial_masks(GLOBAL int* RESTRICT y)
{
    const int lane = ITEM_X;
    int value = lane;
    if (lane % 2 == 0)
        value = __shfl_xor_sync(0x55555555u, value, 2);
    else
        value = 100 + __shfl_xor_sync(0xaaaaaaaau, value, 4);
    __syncwarp();
    y[lane] = value;
    y[32 + lane] = __shfl_sync(WHOLE, value, 31 - lane);
    if (lane < 8)
        y[64 + lane] = (int)__ballot_sync(0xffu, lane % 3 == 0);
    else
        y[64 + lane] = (int)__ballot_sync(0xffffff00u, lane % 3 == 0);
    y[96 + lane] = (int)__ballot_sync(WHOLE, lane < 3);
}

// Launch: one block of 32 threads. y[12][32].
KERNEL GROUP_SHAPE(32, 1) void votes_and_reductions(GLOBAL int* RESTRICT y)
{
    const int lane = ITEM_X;
    int same = 0, different = 0;
    y[lane] = __any_sync(WHOLE, lane == 7);
    y[32 + lane] = __any_sync(WHOLE, lane == 40);
    y[64 + lane] = __all_sync(WHOLE, lane < 32);
    y[96 + lane] = __all_sync(WHOLE, lane < 31);
    y[128 + lane] = (int)__match_any_sync(WHOLE, lane / 5);
    y[160 + lane] = (int)__match_all_sync(WHOLE, 3.5f, &same) + same;
    y[192 + lane] = (int)__match_all_sync(WHOLE, (unsigned long long)(lane / 31), &different) + 10 * different;
    y[224 + lane] = __reduce_add_sync(WHOLE, lane - 16);
    y[256 + lane] = __reduce_min_sync(WHOLE, lane - 16);
    y[288 + lane] = (int)__reduce_max_sync(WHOLE, (unsigned)(lane - 16));
    y[320 + lane] = (int)(__reduce_and_sync(WHOLE, (unsigned)lane | 64u) | __reduce_or_sync(WHOLE, (unsigned)lane << 8));
    y[352 + lane] = (int)__reduce_xor_sync(WHOLE, (unsigned)(lane * lane));
}

// Launch: one block of 32 threads. Lanes from 20 on have returned: the operations of the others do not wait for them. y[2][32].
KERNEL GROUP_SHAPE(32, 1) void returned_lanes(GLOBAL int* RESTRICT y)
{
    const int lane = ITEM_X;
    if (lane >= 20) return;
    y[lane] = (int)__ballot_sync(0x000fffffu, lane % 2 == 0);
    y[32 + lane] = __shfl_sync(0x000fffffu, lane, 19 - lane);
}

// Launch: one block of 32 threads. The last lane's value is another, and it returns before the rest goes on. y[32].
KERNEL GROUP_SHAPE(32, 1) void match_before_returning(GLOBAL int* RESTRICT y)
{
    int same = -1;
    const unsigned lanes = __match_all_sync(WHOLE, ITEM_X / 31, &same);
    y[ITEM_X] = (int)lanes + 10 * same;
}

// Launch: one block of 40 threads: the second warp has 8 lanes. y[80].
KERNEL void partial_warp(GLOBAL int* RESTRICT y)
{
    int sum = ITEM_X;
    for (int distance = 16; distance > 0; distance /= 2)
    {
        const int other = __shfl_down_sync(WHOLE, sum, distance);
        if (ITEM_X % 32 + distance < 32 && ITEM_X + distance < 40) sum += other;
    }
    y[ITEM_X] = sum;
    y[40 + ITEM_X] = (int)__ballot_sync(WHOLE, 1);
}

DEVICE_FN int rotated(int value)
{
    LOCAL_ARRAY(int, slot, 32);
    slot[ITEM_X] = value;
    __syncthreads();
    const int other = slot[(ITEM_X + 1) % 32];
    __syncthreads();
    return other;
}

DEVICE_FN int rotated_twice(int value)
{
    LOCAL_ARRAY(int, slot, 32);
    slot[ITEM_X] = rotated(value);
    __syncthreads();
    return rotated(slot[ITEM_X]);
}

// Launch: one block of 32 threads. Arrays of one name in functions that call each other are different arrays. y[32].
KERNEL GROUP_SHAPE(32, 1) void nested_arrays(GLOBAL int* RESTRICT y)
{
    y[ITEM_X] = rotated_twice(ITEM_X);
}
