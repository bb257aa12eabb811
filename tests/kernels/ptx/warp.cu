// Warp reductions, lane numbers, named barriers and read-only vector loads.

#include "ptx.h"
#include "warp_reduce.h"

// Launch: any number of blocks of 32 threads. results[block][6][32]: warp_max, warp_sum, quad_max, quad_sum of x, then warp_max and
// warp_sum of x as integers.
KERNEL GROUP_SHAPE(32, 1) void reductions(GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT results)
{
    const float value = x[GROUP_X * 32 + ITEM_X];
    GLOBAL float* out = results + GROUP_X * 192 + ITEM_X;
    out[0] = warp_max(value);
    out[32] = warp_sum(value);
    out[64] = quad_max(value);
    out[96] = quad_sum(value);
    out[128] = (float)warp_max((int)value);
    out[160] = (float)warp_sum((int)value);
}

// Launch: one block of 24 x 4 threads: lanes do not follow threadIdx.x alone. lanes[96].
KERNEL GROUP_SHAPE(24, 4) void lanes(GLOBAL int* RESTRICT lanes)
{
    lanes[ITEM_Y * 24 + ITEM_X] = ptx::lane_id();
}

// Launch: one block of 128 threads. Warps 0 and 1 hand values to warps 2 and 3 through shared memory, twice, with a barrier each way: 1
// says "full", 2 says "empty". x, y: 128 words; y = x + 1 in reversed order within each half.
KERNEL GROUP_SHAPE(128, 1) void hand_over(GLOBAL const uint* RESTRICT x, GLOBAL uint* RESTRICT y)
{
    LOCAL_ARRAY(uint, slot, 64);
    const bool producer = ITEM_X < 64;
    for (int round = 0; round < 2; round++)
    {
        if (producer)
        {
            if (round > 0) ptx::bar_sync(2, 128);
            slot[ITEM_X] = x[round * 64 + ITEM_X] + 1;
            ptx::bar_arrive(1, 128);
        }
        else
        {
            ptx::bar_sync(1, 128);
            y[round * 64 + ITEM_X - 64] = slot[127 - ITEM_X];
            if (round == 0) ptx::bar_arrive(2, 128);
        }
    }
}

// Launch: one block of 64 threads. x: 256 words; y[0..255]: as 16-byte loads give it, y[256..511]: as float loads, y[512..639]: 8-byte
// loads of its first 128 words.
KERNEL GROUP_SHAPE(64, 1) void read_only(GLOBAL const uint* RESTRICT x, GLOBAL uint* RESTRICT y)
{
    uint words[4], pair[2];
    float floats[4];
    ptx::load_global_nc(words, x + 4 * ITEM_X);
    ptx::load_global_nc(floats, x + 4 * ITEM_X);
    ptx::load_global_nc(pair, x + 2 * ITEM_X);
    for (int i = 0; i < 4; i++) y[4 * ITEM_X + i] = words[i];
    for (int i = 0; i < 4; i++) y[256 + 4 * ITEM_X + i] = BITS_OF_FLOAT(floats[i]);
    for (int i = 0; i < 2; i++) y[512 + 2 * ITEM_X + i] = pair[i];
}
