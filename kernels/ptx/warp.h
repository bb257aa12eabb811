// Reductions by butterflies of shuffles: every lane gets the same bits, since each step adds the same two values in both lanes. quad_ functions
// reduce over the four lanes that share a groupID, which hold one row of an mma's C fragment. All 32 lanes of a warp must call together.
#ifndef KERNEL_PTX_WARP_H
#define KERNEL_PTX_WARP_H

namespace ptx
{

// NaN only if both are: as fmaxf.
DEVICE_FN float larger(float a, float b) { return fmaxf(a, b); }
DEVICE_FN int larger(int a, int b) { return a > b ? a : b; }

template <class T> DEVICE_FN T quad_max(T x)
{
    x = larger(x, __shfl_xor_sync(0xffffffffu, x, 1));
    return larger(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

template <class T> DEVICE_FN T quad_sum(T x)
{
    x += __shfl_xor_sync(0xffffffffu, x, 1);
    return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

template <class T> DEVICE_FN T warp_max(T x)
{
    x = quad_max(x);
    x = larger(x, __shfl_xor_sync(0xffffffffu, x, 4));
    x = larger(x, __shfl_xor_sync(0xffffffffu, x, 8));
    return larger(x, __shfl_xor_sync(0xffffffffu, x, 16));
}

template <class T> DEVICE_FN T warp_sum(T x)
{
    x = quad_sum(x);
    x += __shfl_xor_sync(0xffffffffu, x, 4);
    x += __shfl_xor_sync(0xffffffffu, x, 8);
    return x + __shfl_xor_sync(0xffffffffu, x, 16);
}

} // namespace ptx

#endif
