// The words in which device code names what differs between OpenCL C 1.2 and CUDA C++: address spaces, the work-item's
// coordinates, the barrier, and bit casts. Kernels use these names only, so that the same text serves both.
#ifndef KERNEL_COMMON_H
#define KERNEL_COMMON_H

#define KERNEL __kernel
#define GLOBAL __global
#define LOCAL __local
#define DEVICE_FN static inline __attribute__((always_inline))

// Fixes the work-group's shape at build time: a CPU compiler can then drop the work-item loop of a 1 x 1 group.
#define GROUP_SHAPE(x, y) __attribute__((reqd_work_group_size(x, y, 1)))

// Local arrays start on a cache line, so that vector rows in them never straddle two lines.
#define LOCAL_ARRAY(type, name, count) __local type name[count] __attribute__((aligned(64)))

#define GROUP_X ((int)get_group_id(0))
#define ITEM_X ((int)get_local_id(0))
#define ITEM_Y ((int)get_local_id(1))
#define LOCAL_BARRIER() barrier(CLK_LOCAL_MEM_FENCE)

#define BITS_OF_FLOAT(x) as_uint(x)
#define FLOAT_OF_BITS(x) as_float(x)

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
#define CEIL_DIV(a, b) (((a) + (b)-1) / (b))

// Before a loop whose bounds are literals: unrolled in full, so that arrays indexed by its counter live in registers.
#define UNROLL _Pragma("unroll")

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#endif
