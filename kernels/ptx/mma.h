// mma.sync: C += A x B over one warp, in place. All 32 lanes of a warp must execute the same call together.
//
// Fragments (g = lane >> 2, t = lane & 3; registers hold two 16-bit or four 8-bit elements, lowest bits first):
//
//   m16n8k16, 16-bit     A (16 x 16)  a[0]: A[g][2t, 2t+1]         a[1]: A[g+8][2t, 2t+1]
//                                     a[2]: A[g][2t+8, 2t+9]       a[3]: A[g+8][2t+8, 2t+9]
//                        B (16 x 8)   b[0]: B[2t, 2t+1][g]         b[1]: B[2t+8, 2t+9][g]
//   m16n8k32, 8-bit      A (16 x 32)  a[0]: A[g][4t .. 4t+3]       a[1]: A[g+8][4t .. 4t+3]
//                                     a[2]: A[g][4t+16 .. 4t+19]   a[3]: A[g+8][4t+16 .. 4t+19]
//                        B (32 x 8)   b[0]: B[4t .. 4t+3][g]       b[1]: B[4t+16 .. 4t+19][g]
//   both                 C (16 x 8)   c[0], c[1]: C[g][2t, 2t+1]   c[2], c[3]: C[g+8][2t, 2t+1]
//
// Floating point: products are exact; the order of the sum and its intermediate roundings are the device's own.
#ifndef KERNEL_PTX_MMA_H
#define KERNEL_PTX_MMA_H

#include "types.h"

// mma with e4m3 operands came with PTX ISA 8.4 (CUDA 12.4), for sm_89 and newer. Elsewhere a kernel that calls it does not compile.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890 && __CUDACC_VER_MAJOR__ * 100 + __CUDACC_VER_MINOR__ >= 1204
#define PTX_HAS_MMA_E4M3 1
#else
#define PTX_HAS_MMA_E4M3 0
#endif

namespace ptx
{

// T is half_t or bfloat16_t; float accumulators.
template <class T>
DEVICE_FN void mma_m16n8k16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    static_assert(never<T>::value, "mma_m16n8k16 multiplies half_t or bfloat16_t.");
}

template <>
DEVICE_FN void mma_m16n8k16<half_t>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

template <>
DEVICE_FN void mma_m16n8k16<bfloat16_t>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Signed 8-bit integers; exact, wrapping 32-bit accumulators.
DEVICE_FN void mma_m16n8k32_s8(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// T is e4m3_t: a template, so that the assertion speaks only where a kernel calls it.
template <class T = e4m3_t>
DEVICE_FN void mma_m16n8k32_e4m3(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2])
{
#if PTX_HAS_MMA_E4M3
    asm volatile("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#elif defined(__CUDA_ARCH__)
    static_assert(never<T>::value, "mma_m16n8k32_e4m3 needs compute capability 8.9 and CUDA 12.4: see cmake/Variants.cmake.");
#endif
}

} // namespace ptx

#endif
