// mma.sync m16n8k32 with e4m3 operands, on fragments as given; needs compute capability 8.9 and CUDA 12.4 (see variants-cuda.txt).

#include "ptx.h"

// Launch: any number of blocks of 32 threads. a: [block][4][32], b: [block][2][32], c: [block][4][32], in place.
KERNEL GROUP_SHAPE(32, 1) void mma_e4m3(GLOBAL const uint* RESTRICT a, GLOBAL const uint* RESTRICT b, GLOBAL float* RESTRICT c)
{
    uint fa[4], fb[2];
    float fc[4];
    UNROLL
    for (int i = 0; i < 4; i++) fa[i] = a[(GROUP_X * 4 + i) * 32 + ITEM_X];
    UNROLL
    for (int i = 0; i < 2; i++) fb[i] = b[(GROUP_X * 2 + i) * 32 + ITEM_X];
    UNROLL
    for (int i = 0; i < 4; i++) fc[i] = c[(GROUP_X * 4 + i) * 32 + ITEM_X];
    ptx::mma_m16n8k32_e4m3(fc, fa, fb);
    UNROLL
    for (int i = 0; i < 4; i++) c[(GROUP_X * 4 + i) * 32 + ITEM_X] = fc[i];
}
