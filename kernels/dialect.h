// The words in which portable device code names what differs between its three languages: OpenCL C 1.2, CUDA C++ (nvcc), and CUDA C++
// on the host (cudahost, which executes kernels on the CPU to check them). Kernels use these names only, so that one text serves all.
#ifndef KERNEL_DIALECT_H
#define KERNEL_DIALECT_H

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)

#define KERNEL_IS_OPENCL 1

#define KERNEL __kernel
#define GLOBAL __global
#define LOCAL __local
#define RESTRICT restrict
#define DEVICE_FN static inline __attribute__((always_inline))

// Fixes the work-group's shape at build time: a CPU compiler can then drop the work-item loop of a 1 x 1 group.
#define GROUP_SHAPE(x, y) __attribute__((reqd_work_group_size(x, y, 1)))

// Local arrays start on a cache line, so that vector rows in them never straddle two lines.
#define LOCAL_ARRAY(type, name, count) __local type name[count] __attribute__((aligned(64)))

#define GROUP_X ((int)get_group_id(0))
#define ITEM_X ((int)get_local_id(0))
#define ITEM_Y ((int)get_local_id(1))
#define GLOBAL_X ((long)get_global_id(0))
#define GLOBAL_Y ((long)get_global_id(1))
#define GLOBAL_Z ((long)get_global_id(2))
#define GLOBAL_SIZE_X ((long)get_global_size(0))
#define LOCAL_BARRIER() barrier(CLK_LOCAL_MEM_FENCE)

// What the group read or wrote in device memory before is done for every work-item after.
#define GLOBAL_BARRIER() barrier(CLK_GLOBAL_MEM_FENCE)

// Adds 1 to an int or uint in local memory. Sums of integers do not depend on the order.
#define LOCAL_INCREMENT(p) atomic_inc(p)

#define BITS_OF_FLOAT(x) as_uint(x)
#define FLOAT_OF_BITS(x) as_float(x)

// Before a loop whose bounds are literals: unrolled in full, so that arrays indexed by its counter live in registers.
#define UNROLL _Pragma("unroll")

#else

#if defined(__CUDACC__)

// Kernels go by their bare names, which a launch plan gives.
#define KERNEL extern "C" __global__
#define DEVICE_FN __device__ __forceinline__
// One block is enough: without the 1, ptxas spills a few registers of the decode kernels to fit a third block on a multiprocessor.
#define GROUP_SHAPE(x, y) __launch_bounds__((x) * (y), 1)
#define LOCAL_ARRAY(type, name, count) __shared__ __align__(64) type name[count]
#define UNROLL _Pragma("unroll")

// Shared memory sized by the launch. A kernel has at most one such array; 128 bytes is what cp.async and swizzled tiles ask for.
#define DYNAMIC_LOCAL(type, name)                                         \
    extern __shared__ __align__(128) unsigned char dynamic_local_bytes[]; \
    type* const name = reinterpret_cast<type*>(dynamic_local_bytes)

#elif defined(KSUITE_CUDAHOST)

#include <cudahost/kernel.h>

// The generated wrapper registers each kernel and reads the shape back out of the text.
#define KERNEL static
#define DEVICE_FN static inline __attribute__((always_inline, unused))
#define GROUP_SHAPE(x, y)
#define UNROLL

// Every array is the block's own, with guard zones around it; the address of a local static tells one declaration from another.
#define LOCAL_ARRAY(type, name, count) \
    static const char name##_site = 0; \
    type* const name = static_cast<type*>(cudahost::shared_array(#name, sizeof(type) * (count), 64, &name##_site))

#define DYNAMIC_LOCAL(type, name) type* const name = static_cast<type*>(cudahost::dynamic_shared())

#else
#error "dialect.h knows OpenCL C, nvcc, and cudahost (KSUITE_CUDAHOST)."
#endif

#define GLOBAL
#define LOCAL
#define RESTRICT __restrict__

#define GROUP_X ((int)blockIdx.x)
#define ITEM_X ((int)threadIdx.x)
#define ITEM_Y ((int)threadIdx.y)
#define GLOBAL_X ((long)blockIdx.x * blockDim.x + threadIdx.x)
#define GLOBAL_Y ((long)blockIdx.y * blockDim.y + threadIdx.y)
#define GLOBAL_Z ((long)blockIdx.z * blockDim.z + threadIdx.z)
#define GLOBAL_SIZE_X ((long)gridDim.x * blockDim.x)
#define LOCAL_BARRIER() __syncthreads()
#define GLOBAL_BARRIER() __syncthreads()
#define LOCAL_INCREMENT(p) atomicAdd(p, 1)

#define BITS_OF_FLOAT(x) __float_as_uint(x)
#define FLOAT_OF_BITS(x) __uint_as_float(x)

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

#endif

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))
#define CEIL_DIV(a, b) (((a) + (b)-1) / (b))

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#endif
