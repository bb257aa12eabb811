// Copies one large block to another.
//
// Build options: -DCONTIGUOUS=0|1. With 1 each work-item copies one contiguous run, which is what a CPU core's prefetcher wants; with 0
// neighbouring work-items copy neighbouring vectors, which is what a GPU coalesces.

// Launch: any grid with count a multiple of the number of work-items. count is in float4.
__kernel void copy(__global const float4* restrict source, __global float4* restrict target, const long count)
{
#if CONTIGUOUS
    const long run = count / get_global_size(0);
    const long begin = get_global_id(0) * run;
    for (long i = begin; i < begin + run; ++i) target[i] = source[i];
#else
    for (long i = get_global_id(0); i < count; i += get_global_size(0)) target[i] = source[i];
#endif
}
