// Atomic operations on global memory across blocks, and on shared memory.

#include "dialect.h"

// Launch: any grid of blocks of 64. totals: 0 int add, 1 int min, 2 int max, 3 or, 4 and (starts at -1), 5 xor, 6 increment modulo 100,
// 7 CAS-made add. sums: float, as many threads as there are. wide: 64-bit add, 64-bit max.
KERNEL GROUP_SHAPE(64, 1) void across_blocks(
    GLOBAL unsigned* RESTRICT totals, GLOBAL float* RESTRICT sums, GLOBAL unsigned long long* RESTRICT wide)
{
    const int i = (int)GLOBAL_X;
    atomicAdd((int*)totals, i);
    atomicMin((int*)totals + 1, -i);
    atomicMax((int*)totals + 2, i);
    atomicOr(totals + 3, 1u << i % 32);
    atomicAnd(totals + 4, ~(1u << i % 7));
    atomicXor(totals + 5, (unsigned)i);
    atomicInc(totals + 6, 99u);
    unsigned seen = totals[7], before;
    do
    {
        before = seen;
        seen = atomicCAS(totals + 7, before, before + 2u);
    } while (seen != before);
    atomicAdd(sums, 0.5f);
    atomicAdd(wide, 0x100000000ull + (unsigned long long)i);
    atomicMax(wide + 1, (unsigned long long)i << 33);
}

// Launch: any grid of blocks of 64. y[block]: what 64 threads add up in shared memory, the last one to come publishing it.
KERNEL GROUP_SHAPE(64, 1) void in_shared(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, total, 2);
    if (ITEM_X < 2) total[ITEM_X] = 0;
    __syncthreads();
    atomicAdd(total, ITEM_X);
    __threadfence_block();
    if (atomicAdd(total + 1, 1) == 63) y[GROUP_X] = atomicExch(total, 0);
}

// Launch: any grid of blocks of 64. A lock that threads spin on. y[0]: as many as there are threads.
KERNEL GROUP_SHAPE(64, 1) void spin_lock(GLOBAL int* RESTRICT y, GLOBAL int* RESTRICT lock)
{
    for (bool done = false; !done;)
    {
        if (atomicCAS(lock, 0, 1) != 0) continue;
        *(volatile int*)y += 1;
        __threadfence();
        atomicExch(lock, 0);
        done = true;
    }
}
