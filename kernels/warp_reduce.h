// Reductions over a warp by butterflies of shuffles (CUDA only). Every lane gets the same bits, since each step combines the same two
// values in both lanes. quad_ functions reduce over the four lanes that share a groupID (see ptx.h): they hold one row of an mma's C
// fragment. All 32 lanes of a warp must call together.
#ifndef KERNEL_WARP_REDUCE_H
#define KERNEL_WARP_REDUCE_H

#include "dialect.h"

// NaN only if both are, as fmaxf.
DEVICE_FN float larger_of(float a, float b) { return fmaxf(a, b); }
DEVICE_FN int larger_of(int a, int b) { return MAX_OF(a, b); }

template <class T>
DEVICE_FN T quad_max(T x)
{
    x = larger_of(x, __shfl_xor_sync(0xffffffffu, x, 1));
    return larger_of(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

template <class T>
DEVICE_FN T quad_sum(T x)
{
    x += __shfl_xor_sync(0xffffffffu, x, 1);
    return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

template <class T>
DEVICE_FN T warp_max(T x)
{
    x = quad_max(x);
    x = larger_of(x, __shfl_xor_sync(0xffffffffu, x, 4));
    x = larger_of(x, __shfl_xor_sync(0xffffffffu, x, 8));
    return larger_of(x, __shfl_xor_sync(0xffffffffu, x, 16));
}

template <class T>
DEVICE_FN T warp_sum(T x)
{
    x = quad_sum(x);
    x += __shfl_xor_sync(0xffffffffu, x, 4);
    x += __shfl_xor_sync(0xffffffffu, x, 8);
    return x + __shfl_xor_sync(0xffffffffu, x, 16);
}

#endif
