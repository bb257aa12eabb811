// Conversions between float and the storage types. To float: exact; NaN stays NaN. From float: to nearest, ties to even. Overflow gives
// infinity for half_t and bfloat16_t and +-448 for e4m3_t (cvt.satfinite; infinities too); subnormals are kept; any NaN becomes the
// type's canonical positive one (0x7fff, 0x7fff, 0x7f).
#ifndef KERNEL_PTX_CONVERT_H
#define KERNEL_PTX_CONVERT_H

#include "types.h"

// cvt to and from e4m3x2 came with PTX ISA 7.8 (CUDA 11.8) for sm_90 and with 8.1 (CUDA 12.1) for sm_89; elsewhere bits are moved by hand.
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ >= 900 || (__CUDA_ARCH__ >= 890 && __CUDACC_VER_MAJOR__ * 100 + __CUDACC_VER_MINOR__ >= 1201))
#define PTX_HAS_CVT_E4M3 1
#else
#define PTX_HAS_CVT_E4M3 0
#endif

namespace ptx
{

DEVICE_FN float to_float(half_t x)
{
    float y;
    asm("cvt.f32.f16 %0, %1;"
        : "=f"(y)
        : "h"(x.bits));
    return y;
}

DEVICE_FN float to_float(bfloat16_t x) { return __uint_as_float((unsigned)x.bits << 16); }

template <class T>
DEVICE_FN T from_float(float x)
{
    static_assert(never<T>::value, "from_float converts to half_t, bfloat16_t or e4m3_t.");
    return T();
}

template <>
DEVICE_FN half_t from_float<half_t>(float x)
{
    half_t y;
    asm("cvt.rn.f16.f32 %0, %1;"
        : "=h"(y.bits)
        : "f"(x));
    return y;
}

template <>
DEVICE_FN bfloat16_t from_float<bfloat16_t>(float x)
{
    bfloat16_t y;
    asm("cvt.rn.bf16.f32 %0, %1;"
        : "=h"(y.bits)
        : "f"(x));
    return y;
}

// Two values in one register, low in bits 0..15: one instruction. Two neighbouring C values of an mma become half of an A register this
// way.
template <class T>
DEVICE_FN unsigned pack2(float low, float high)
{
    static_assert(never<T>::value, "pack2 packs half_t or bfloat16_t; e4m3_t has pack4.");
    return 0;
}

template <>
DEVICE_FN unsigned pack2<half_t>(float low, float high)
{
    unsigned packed;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;"
        : "=r"(packed)
        : "f"(high), "f"(low));
    return packed;
}

template <>
DEVICE_FN unsigned pack2<bfloat16_t>(float low, float high)
{
    unsigned packed;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;"
        : "=r"(packed)
        : "f"(high), "f"(low));
    return packed;
}

template <class T>
DEVICE_FN void unpack2(unsigned packed, float& low, float& high)
{
    static_assert(sizeof(T) == 2, "unpack2 unpacks half_t or bfloat16_t; e4m3_t has unpack4.");
    T first, second;
    first.bits = (unsigned short)packed;
    second.bits = (unsigned short)(packed >> 16);
    low = to_float(first);
    high = to_float(second);
}

namespace detail
{

// Two e4m3 codes in the low 16 bits.
DEVICE_FN unsigned pack_e4m3x2(float low, float high)
{
#if PTX_HAS_CVT_E4M3
    unsigned short packed;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;"
        : "=h"(packed)
        : "f"(high), "f"(low));
    return packed;
#else
    unsigned packed = 0;
    float values[2] = {low, high};
    UNROLL
    for (int i = 0; i < 2; i++)
    {
        unsigned bits = __float_as_uint(values[i]);
        unsigned magnitude = bits & 0x7fffffffu;
        // Normal results (2^-6 and up): round at fraction bit 20, which may carry into the exponent, then change the bias from 127 to 7.
        unsigned normal = ((magnitude + 0x7ffffu + ((magnitude >> 20) & 1u)) >> 20) - (120u << 3);
        // Below, codes count multiples of 2^-9: adding 2^14 leaves such a multiple in the sum's lowest fraction bits, rounded by the
        // addition.
        unsigned subnormal = __float_as_uint(__fadd_rn(__uint_as_float(magnitude), 16384.0f)) & 0xfu;
        unsigned code = magnitude < 0x3c800000u ? subnormal : normal;
        // 464 is half way to 480, whose code would be NaN's: the tie is even at 448, and all above saturates.
        code = magnitude >= 0x43e00000u ? 0x7eu : code;
        code |= (bits >> 24) & 0x80u;
        packed |= (magnitude > 0x7f800000u ? 0x7fu : code) << (8 * i);
    }
    return packed;
#endif
}

// Two e4m3 codes of the low 16 bits, as two halves: every e4m3 value is a half too.
DEVICE_FN unsigned e4m3x2_to_half2(unsigned packed)
{
#if PTX_HAS_CVT_E4M3
    unsigned halves;
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;"
        : "=r"(halves)
        : "h"((unsigned short)packed));
    return halves;
#else
    unsigned halves = 0;
    UNROLL
    for (int i = 0; i < 2; i++)
    {
        unsigned code = (packed >> (8 * i)) & 0xffu;
        unsigned magnitude = code & 0x7fu;
        // As a half the same fields mean 2^-8 of the value, subnormals included; multiplying by 2^8 is exact.
        half_t scaled;
        scaled.bits = (unsigned short)(magnitude << 7);
        half_t value = from_float<half_t>(to_float(scaled) * 256.0f);
        unsigned half = magnitude == 0x7fu ? 0x7fffu : (value.bits | (code & 0x80u) << 8);
        halves |= half << (16 * i);
    }
    return halves;
#endif
}

} // namespace detail

template <>
DEVICE_FN e4m3_t from_float<e4m3_t>(float x)
{
    e4m3_t y;
    y.bits = (unsigned char)detail::pack_e4m3x2(x, 0.0f);
    return y;
}

DEVICE_FN float to_float(e4m3_t x)
{
    half_t y;
    y.bits = (unsigned short)detail::e4m3x2_to_half2(x.bits);
    return to_float(y);
}

// Four values in one register, x0 in bits 0..7.
template <class T>
DEVICE_FN unsigned pack4(float x0, float x1, float x2, float x3)
{
    static_assert(never<T>::value, "pack4 packs e4m3_t; 16-bit types have pack2.");
    return 0;
}

template <>
DEVICE_FN unsigned pack4<e4m3_t>(float x0, float x1, float x2, float x3)
{
    return detail::pack_e4m3x2(x0, x1) | detail::pack_e4m3x2(x2, x3) << 16;
}

template <class T>
DEVICE_FN void unpack4(unsigned packed, float (&x)[4])
{
    static_assert(never<T>::value, "unpack4 unpacks e4m3_t; 16-bit types have unpack2.");
}

template <>
DEVICE_FN void unpack4<e4m3_t>(unsigned packed, float (&x)[4])
{
    unpack2<half_t>(detail::e4m3x2_to_half2(packed), x[0], x[1]);
    unpack2<half_t>(detail::e4m3x2_to_half2(packed >> 16), x[2], x[3]);
}

} // namespace ptx

#endif
