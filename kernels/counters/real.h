// The arithmetic of the counter kernels. REAL picks it: 32 = float, 64 = double. VEC is how many numbers a work-item takes at a time: 1
// on a GPU, whole SIMD registers on a CPU device, where a group is one work-item and has nobody to wait for.
#ifndef KERNEL_COUNTERS_REAL_H
#define KERNEL_COUNTERS_REAL_H

#include "../dialect.h"

#ifndef REAL
#define REAL 32
#endif
#ifndef VEC
#define VEC 1
#endif
#ifndef ITEMS
#define ITEMS 32
#endif

#if REAL == 64
#if defined(KERNEL_IS_OPENCL) && defined(cl_khr_fp64)
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
typedef double real;
#define REAL_NAME double
#elif REAL == 32
typedef float real;
#define REAL_NAME float
#else
#error "REAL must be 32 (float) or 64 (double)."
#endif

#if VEC == 1
typedef real reals;
#define REALS_LOAD(p) (*(p))
#define REALS_STORE(p, x) (*(p) = (x))
#else
typedef PASTE(REAL_NAME, VEC) reals;
#define REALS_LOAD(p) PASTE(vload, VEC)(0, p)
#define REALS_STORE(p, x) PASTE(vstore, VEC)(x, 0, p)
#endif

#if ITEMS == 1
#define SYNC_LOCAL() ((void)0)
#define SYNC_GLOBAL() ((void)0)
#else
#define SYNC_LOCAL() LOCAL_BARRIER()
#define SYNC_GLOBAL() GLOBAL_BARRIER()
#endif

// Sum over the lanes of a vector.
DEVICE_FN real sum_of(reals x)
{
#if VEC == 1
    return x;
#elif VEC == 2
    return x.s0 + x.s1;
#elif VEC == 4
    return (x.s0 + x.s2) + (x.s1 + x.s3);
#elif VEC == 8
    return ((x.s0 + x.s4) + (x.s1 + x.s5)) + ((x.s2 + x.s6) + (x.s3 + x.s7));
#else
#error "VEC must be 1, 2, 4 or 8."
#endif
}

// Whether a number is neither infinite nor NaN.
DEVICE_FN int is_finite(real x) { return x - x == (real)0; }

#endif
