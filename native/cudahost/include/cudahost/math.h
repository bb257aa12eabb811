// Mathematics of kernel text: the C functions with their float overloads in the global namespace, min and max, bit counting, and the
// fast intrinsics. The fast ones are computed exactly rounded or nearly so, never with the hardware's larger error, so a tolerance that
// holds here has to leave room for a GPU. Included by kernel.h.
#ifndef CUDAHOST_MATH_H
#define CUDAHOST_MATH_H

#include <math.h>

#define CUDAHOST_MATH static inline __attribute__((always_inline))

CUDAHOST_MATH int min(int a, int b) { return b < a ? b : a; }
CUDAHOST_MATH unsigned min(unsigned a, unsigned b) { return b < a ? b : a; }
CUDAHOST_MATH unsigned min(int a, unsigned b) { return min((unsigned)a, b); }
CUDAHOST_MATH unsigned min(unsigned a, int b) { return min(a, (unsigned)b); }
CUDAHOST_MATH long min(long a, long b) { return b < a ? b : a; }
CUDAHOST_MATH unsigned long min(unsigned long a, unsigned long b) { return b < a ? b : a; }
CUDAHOST_MATH long long min(long long a, long long b) { return b < a ? b : a; }
CUDAHOST_MATH unsigned long long min(unsigned long long a, unsigned long long b) { return b < a ? b : a; }
CUDAHOST_MATH float min(float a, float b) { return a < b || b != b ? a : b; }
CUDAHOST_MATH double min(double a, double b) { return a < b || b != b ? a : b; }
CUDAHOST_MATH int max(int a, int b) { return a < b ? b : a; }
CUDAHOST_MATH unsigned max(unsigned a, unsigned b) { return a < b ? b : a; }
CUDAHOST_MATH unsigned max(int a, unsigned b) { return max((unsigned)a, b); }
CUDAHOST_MATH unsigned max(unsigned a, int b) { return max(a, (unsigned)b); }
CUDAHOST_MATH long max(long a, long b) { return a < b ? b : a; }
CUDAHOST_MATH unsigned long max(unsigned long a, unsigned long b) { return a < b ? b : a; }
CUDAHOST_MATH long long max(long long a, long long b) { return a < b ? b : a; }
CUDAHOST_MATH unsigned long long max(unsigned long long a, unsigned long long b) { return a < b ? b : a; }
CUDAHOST_MATH float max(float a, float b) { return a > b || b != b ? a : b; }
CUDAHOST_MATH double max(double a, double b) { return a > b || b != b ? a : b; }

CUDAHOST_MATH float rsqrtf(float x) { return (float)(1.0 / __builtin_sqrt((double)x)); }
CUDAHOST_MATH double rsqrt(double x) { return 1.0 / __builtin_sqrt(x); }
CUDAHOST_MATH float rsqrt(float x) { return rsqrtf(x); }
CUDAHOST_MATH float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }

CUDAHOST_MATH float cudahost_fast_expf(float x) { return __builtin_expf(x); }
CUDAHOST_MATH float cudahost_fast_exp10f(float x) { return (float)__builtin_pow(10.0, (double)x); }
CUDAHOST_MATH float cudahost_fast_logf(float x) { return __builtin_logf(x); }
CUDAHOST_MATH float cudahost_fast_log2f(float x) { return __builtin_log2f(x); }
CUDAHOST_MATH float cudahost_fast_log10f(float x) { return __builtin_log10f(x); }
CUDAHOST_MATH float cudahost_fast_powf(float x, float y) { return __builtin_powf(x, y); }
CUDAHOST_MATH float cudahost_fast_sinf(float x) { return __builtin_sinf(x); }
CUDAHOST_MATH float cudahost_fast_cosf(float x) { return __builtin_cosf(x); }
CUDAHOST_MATH float cudahost_fast_tanf(float x) { return __builtin_tanf(x); }
// The C library has functions of these names of its own, hidden behind macros here.
#define __expf cudahost_fast_expf
#define __exp10f cudahost_fast_exp10f
#define __logf cudahost_fast_logf
#define __log2f cudahost_fast_log2f
#define __log10f cudahost_fast_log10f
#define __powf cudahost_fast_powf
#define __sinf cudahost_fast_sinf
#define __cosf cudahost_fast_cosf
#define __tanf cudahost_fast_tanf
CUDAHOST_MATH float __fdividef(float x, float y)
{
    return x / y;
}
CUDAHOST_MATH float __frcp_rn(float x) { return 1.0f / x; }
CUDAHOST_MATH float __fsqrt_rn(float x) { return __builtin_sqrtf(x); }
CUDAHOST_MATH float __frsqrt_rn(float x) { return rsqrtf(x); }
CUDAHOST_MATH float __fadd_rn(float x, float y) { return x + y; }
CUDAHOST_MATH float __fsub_rn(float x, float y) { return x - y; }
CUDAHOST_MATH float __fmul_rn(float x, float y) { return x * y; }
CUDAHOST_MATH float __fdiv_rn(float x, float y) { return x / y; }
CUDAHOST_MATH float __fmaf_rn(float x, float y, float z) { return __builtin_fmaf(x, y, z); }

CUDAHOST_MATH int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
CUDAHOST_MATH int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
CUDAHOST_MATH int __popc(unsigned x) { return __builtin_popcount(x); }
CUDAHOST_MATH int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
CUDAHOST_MATH int __ffs(int x) { return __builtin_ffs(x); }
CUDAHOST_MATH int __ffsll(long long x) { return __builtin_ffsll(x); }
CUDAHOST_MATH unsigned __brev(unsigned x)
{
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return __builtin_bswap32(x);
}
CUDAHOST_MATH unsigned __byte_perm(unsigned low, unsigned high, unsigned selector)
{
    unsigned long long bytes = (unsigned long long)high << 32 | low;
    unsigned result = 0;
    for (int i = 0; i < 4; i++)
    {
        unsigned select = selector >> (4 * i) & 15;
        unsigned byte = (unsigned)(bytes >> (8 * (select & 7))) & 0xff;
        // Bit 3 of the selector replicates the byte's sign.
        if (select & 8) byte = byte & 0x80 ? 0xff : 0;
        result |= byte << (8 * i);
    }
    return result;
}
CUDAHOST_MATH int __mul24(int x, int y) { return (int)((long long)(x << 8 >> 8) * (y << 8 >> 8)); }
CUDAHOST_MATH unsigned __umulhi(unsigned x, unsigned y) { return (unsigned)((unsigned long long)x * y >> 32); }
CUDAHOST_MATH int __mulhi(int x, int y) { return (int)((long long)x * y >> 32); }
CUDAHOST_MATH unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift)
{
    return (unsigned)(((unsigned long long)high << 32 | low) << (shift & 31) >> 32);
}
CUDAHOST_MATH unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift)
{
    return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}

CUDAHOST_MATH int __float_as_int(float x) { return (int)cudahost::exchange_bits(x); }
CUDAHOST_MATH unsigned __float_as_uint(float x) { return (unsigned)cudahost::exchange_bits(x); }
CUDAHOST_MATH float __int_as_float(int x) { return cudahost::exchanged_value<float>((unsigned)x); }
CUDAHOST_MATH float __uint_as_float(unsigned x) { return cudahost::exchanged_value<float>(x); }
CUDAHOST_MATH long long __double_as_longlong(double x) { return (long long)cudahost::exchange_bits(x); }
CUDAHOST_MATH double __longlong_as_double(long long x) { return cudahost::exchanged_value<double>((uint64_t)x); }
// The hardware's conversions saturate, and make 0 of a NaN.
CUDAHOST_MATH int cudahost_saturated_int(float x)
{
    if (x != x) return 0;
    if (x >= 2147483648.0f) return 0x7fffffff;
    return x <= -2147483648.0f ? -0x7fffffff - 1 : (int)x;
}
CUDAHOST_MATH int __float2int_rn(float x) { return cudahost_saturated_int(__builtin_rintf(x)); }
CUDAHOST_MATH int __float2int_rz(float x) { return cudahost_saturated_int(x); }
CUDAHOST_MATH int __float2int_rd(float x) { return cudahost_saturated_int(__builtin_floorf(x)); }
CUDAHOST_MATH int __float2int_ru(float x) { return cudahost_saturated_int(__builtin_ceilf(x)); }
CUDAHOST_MATH float __int2float_rn(int x) { return (float)x; }

// Loads and stores with a cache hint are loads and stores.
template <typename T>
CUDAHOST_MATH T __ldg(const T* address) { return *address; }
template <typename T>
CUDAHOST_MATH T __ldcs(const T* address) { return *address; }
template <typename T>
CUDAHOST_MATH T __ldcg(const T* address) { return *address; }
template <typename T>
CUDAHOST_MATH void __stcs(T* address, T value) { *address = value; }
template <typename T>
CUDAHOST_MATH void __stcg(T* address, T value) { *address = value; }

#undef CUDAHOST_MATH

#endif
