// A vector of VEC floats and what goes with it. VEC is the device's native width on a CPU (one work-item drives a whole
// SIMD register) and 1 on a GPU (one work-item is one lane). Operators, comparisons and `mask ? a : b` act lane by lane.
#ifndef KERNEL_VECTOR_H
#define KERNEL_VECTOR_H

#include "dialect.h"

#ifndef VEC
#define VEC 1
#endif

#if VEC == 1
typedef float vecf;
typedef int veci;
#define VEC_LOAD(p) (*(p))
#define VEC_STORE(p, x) (*(p) = (x))
#define VEC_AS_INT(x) ((int)BITS_OF_FLOAT(x))
#define VEC_AS_FLOAT(x) FLOAT_OF_BITS((uint)(x))
#define VEC_LANES 0
#elif !defined(DIALECT_OPENCL)
#error "Vectors wider than 1 are for OpenCL devices that are CPUs."
#else
typedef PASTE(float, VEC) vecf;
typedef PASTE(int, VEC) veci;
#define VEC_LOAD(p) PASTE(vload, VEC)(0, p)
#define VEC_STORE(p, x) PASTE(vstore, VEC)(x, 0, p)
#define VEC_AS_INT(x) PASTE(as_int, VEC)(x)
#define VEC_AS_FLOAT(x) PASTE(as_float, VEC)(x)
#if VEC == 2
#define VEC_LANES ((veci)(0, 1))
#elif VEC == 4
#define VEC_LANES ((veci)(0, 1, 2, 3))
#elif VEC == 8
#define VEC_LANES ((veci)(0, 1, 2, 3, 4, 5, 6, 7))
#elif VEC == 16
#define VEC_LANES ((veci)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#else
#error "VEC must be 1, 2, 4, 8 or 16."
#endif
#endif

// The larger of each pair of lanes; a NaN in x is passed over, so a running maximum stays a number.
DEVICE_FN vecf vec_running_max(vecf max_so_far, vecf x) { return x > max_so_far ? x : max_so_far; }

#endif
