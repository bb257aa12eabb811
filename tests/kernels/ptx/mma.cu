// mma.sync on fragments as given: a block computes one product, its lanes load a, b and c register by register and store c back.
//
// Launch: any number of blocks of 32 threads. a: [block][4][32], b: [block][2][32], c: [block][4][32], in place.

#include "ptx.h"

#define LOAD_FRAGMENTS(type)                                                \
    uint fa[4], fb[2];                                                      \
    type fc[4];                                                             \
    UNROLL                                                                  \
    for (int i = 0; i < 4; i++) fa[i] = a[(GROUP_X * 4 + i) * 32 + ITEM_X]; \
    UNROLL                                                                  \
    for (int i = 0; i < 2; i++) fb[i] = b[(GROUP_X * 2 + i) * 32 + ITEM_X]; \
    UNROLL                                                                  \
    for (int i = 0; i < 4; i++) fc[i] = c[(GROUP_X * 4 + i) * 32 + ITEM_X]

#define STORE_FRAGMENT \
    UNROLL             \
    for (int i = 0; i < 4; i++) c[(GROUP_X * 4 + i) * 32 + ITEM_X] = fc[i]

KERNEL GROUP_SHAPE(32, 1) void mma_f16(GLOBAL const uint* RESTRICT a, GLOBAL const uint* RESTRICT b, GLOBAL float* RESTRICT c)
{
    LOAD_FRAGMENTS(float);
    ptx::mma_m16n8k16<ptx::half_t>(fc, fa, fb);
    STORE_FRAGMENT;
}

KERNEL GROUP_SHAPE(32, 1) void mma_bf16(GLOBAL const uint* RESTRICT a, GLOBAL const uint* RESTRICT b, GLOBAL float* RESTRICT c)
{
    LOAD_FRAGMENTS(float);
    ptx::mma_m16n8k16<ptx::bfloat16_t>(fc, fa, fb);
    STORE_FRAGMENT;
}

KERNEL GROUP_SHAPE(32, 1) void mma_s8(GLOBAL const uint* RESTRICT a, GLOBAL const uint* RESTRICT b, GLOBAL int* RESTRICT c)
{
    LOAD_FRAGMENTS(int);
    ptx::mma_m16n8k32_s8(fc, fa, fb);
    STORE_FRAGMENT;
}
