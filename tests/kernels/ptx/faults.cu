// Planted mistakes in the use of the wrappers: the host executor must name each. A GPU does not report them; never launch these on one.
//
// Launch: one block of 32 threads. source: 512 bytes, target: 32 words.

#include "ptx.h"

// Lane 7 returns; the others multiply.
KERNEL GROUP_SHAPE(32, 1) void mma_without_a_lane(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    if (ITEM_X == 7) return;
    float c[4] = {};
    const uint a[4] = {source[ITEM_X]}, b[2] = {};
    ptx::mma_m16n8k16<ptx::half_t>(c, a, b);
    target[ITEM_X] = BITS_OF_FLOAT(c[0]);
}

// Half of the warp multiplies halves while the other half multiplies integers.
KERNEL GROUP_SHAPE(32, 1) void mma_divided(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    float c[4] = {};
    int d[4] = {};
    const uint a[4] = {source[ITEM_X]}, b[2] = {};
    if (ITEM_X < 16)
        ptx::mma_m16n8k16<ptx::half_t>(c, a, b);
    else
        ptx::mma_m16n8k32_s8(d, a, b);
    target[ITEM_X] = BITS_OF_FLOAT(c[0]) + (uint)d[0];
}

// Rows that lie in global memory.
KERNEL GROUP_SHAPE(32, 1) void ldmatrix_of_global(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    uint r[4];
    ptx::ldmatrix_x4(r, source + 4 * ITEM_X);
    target[ITEM_X] = r[0];
}

// Rows of shared memory that nobody has written.
KERNEL GROUP_SHAPE(32, 1) void ldmatrix_unwritten(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    LOCAL_ARRAY(uint, staged, 128);
    for (int i = ITEM_X; i < 100; i += 32) staged[i] = source[i];
    LOCAL_BARRIER();
    uint r[4];
    ptx::ldmatrix_x4(r, staged + 4 * ITEM_X);
    target[ITEM_X] = r[0];
}

// Four bytes off the alignment of a vector load.
KERNEL GROUP_SHAPE(32, 1) void load_misaligned(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    uint r[4];
    ptx::load_global_nc(r, source + ITEM_X);
    target[ITEM_X] = r[0];
}

// A copy that reads past the end of its source.
KERNEL GROUP_SHAPE(32, 1) void cp_async_past_end(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT target)
{
    LOCAL_ARRAY(uint, staged, 128);
    ptx::cp_async_16(staged + 4 * ITEM_X, source + 4 * (ITEM_X + 1));
    ptx::cp_async_wait_all();
    target[ITEM_X] = staged[4 * ITEM_X];
}
