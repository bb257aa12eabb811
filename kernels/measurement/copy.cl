// Copies one large block to another.
//
// Build options: -DCONTIGUOUS=0|1. With 1 each work-item copies one contiguous run, which is what a CPU core's prefetcher wants; with 0
// neighbouring work-items copy neighbouring vectors, which is what a GPU coalesces.

#include "../dialect.h"

// Launch: any grid with count a multiple of the number of work-items. count is in float4.
KERNEL void copy(GLOBAL const float4* RESTRICT source, GLOBAL float4* RESTRICT target, const long count)
{
#if CONTIGUOUS
    const long run = count / GLOBAL_SIZE_X;
    const long begin = GLOBAL_X * run;
    for (long i = begin; i < begin + run; ++i) target[i] = source[i];
#else
    for (long i = GLOBAL_X; i < count; i += GLOBAL_SIZE_X) target[i] = source[i];
#endif
}
