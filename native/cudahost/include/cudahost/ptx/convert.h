// Twins of ptx/types.h and ptx/convert.h, bit for bit: one routine rounds to any narrow format by shifting the significand. They touch no
// memory, so instrumented kernel text may inline them.
#ifndef CUDAHOST_PTX_CONVERT_H
#define CUDAHOST_PTX_CONVERT_H

namespace ptx
{
struct half_t
{
    unsigned short bits;
};

struct bfloat16_t
{
    unsigned short bits;
};

struct e4m3_t
{
    unsigned char bits;
};

namespace detail
{
inline unsigned bits_of(float x)
{
    unsigned bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline float float_of(unsigned bits)
{
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

// |x| as a code of a format with this many fraction bits and this exponent bias: to nearest, ties to even, subnormals kept, with no largest
// value. x is finite.
inline unsigned rounded_code(float x, int fraction_bits, int bias)
{
    const unsigned magnitude = bits_of(x) & 0x7fffffffu;
    const int field = (int)(magnitude >> 23);
    // x = significand * 2^(exponent - 23).
    const int exponent = field == 0 ? -126 : field - 127;
    const unsigned significand = (magnitude & 0x7fffffu) | (field == 0 ? 0u : 0x800000u);
    const int lowest = 1 - bias;
    const int kept = exponent > lowest ? exponent : lowest;
    const int shift = kept - fraction_bits - (exponent - 23);
    // Below half of the smallest value there is nothing to round up.
    if (shift > 24) return 0;
    const unsigned rest = significand & ((1u << shift) - 1u);
    const unsigned half = 1u << (shift - 1);
    unsigned quotient = significand >> shift;
    if (rest > half || (rest == half && (quotient & 1u) != 0)) quotient++;
    // The implicit bit and a carry out of the fraction both add one to the exponent, which is what they mean.
    return ((unsigned)(kept - lowest) << fraction_bits) + quotient;
}

// The value of a code without its sign: fields moved to float's places stand for 2^(bias - 127) of it, subnormals included; scale undoes
// that.
inline float widened(unsigned code, int fraction_bits, float scale) { return float_of(code << (23 - fraction_bits)) * scale; }

inline float with_sign(float magnitude, unsigned sign) { return float_of(bits_of(magnitude) | sign << 31); }
} // namespace detail

inline float to_float(half_t x)
{
    const unsigned code = x.bits & 0x7fffu;
    if (code > 0x7c00u) return detail::float_of(0x7fffffffu);
    const float magnitude = code == 0x7c00u ? detail::float_of(0x7f800000u) : detail::widened(code, 10, 0x1p112f);
    return detail::with_sign(magnitude, x.bits >> 15);
}

inline float to_float(bfloat16_t x) { return detail::float_of((unsigned)x.bits << 16); }

inline float to_float(e4m3_t x)
{
    const unsigned code = x.bits & 0x7fu;
    return code == 0x7fu ? detail::float_of(0x7fffffffu) : detail::with_sign(detail::widened(code, 3, 0x1p120f), x.bits >> 7);
}

template <class T>
inline T from_float(float x) = delete;

template <>
inline half_t from_float<half_t>(float x)
{
    const unsigned magnitude = detail::bits_of(x) & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return {0x7fff};
    unsigned code = magnitude == 0x7f800000u ? 0x7c00u : detail::rounded_code(x, 10, 15);
    if (code > 0x7c00u) code = 0x7c00u;
    return {(unsigned short)(code | (detail::bits_of(x) >> 16 & 0x8000u))};
}

template <>
inline bfloat16_t from_float<bfloat16_t>(float x)
{
    const unsigned magnitude = detail::bits_of(x) & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return {0x7fff};
    const unsigned code = magnitude == 0x7f800000u ? 0x7f80u : detail::rounded_code(x, 7, 127);
    return {(unsigned short)(code | (detail::bits_of(x) >> 16 & 0x8000u))};
}

template <>
inline e4m3_t from_float<e4m3_t>(float x)
{
    const unsigned magnitude = detail::bits_of(x) & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return {0x7f};
    unsigned code = magnitude == 0x7f800000u ? 0x7eu : detail::rounded_code(x, 3, 7);
    if (code > 0x7eu) code = 0x7eu;
    return {(unsigned char)(code | (detail::bits_of(x) >> 24 & 0x80u))};
}

template <class T>
inline unsigned pack2(float low, float high)
{
    static_assert(sizeof(T) == 2, "pack2 packs half_t or bfloat16_t; e4m3_t has pack4.");
    return from_float<T>(low).bits | (unsigned)from_float<T>(high).bits << 16;
}

template <class T>
inline void unpack2(unsigned packed, float& low, float& high)
{
    static_assert(sizeof(T) == 2, "unpack2 unpacks half_t or bfloat16_t; e4m3_t has unpack4.");
    low = to_float(T{(unsigned short)packed});
    high = to_float(T{(unsigned short)(packed >> 16)});
}

template <class T>
inline unsigned pack4(float x0, float x1, float x2, float x3)
{
    static_assert(sizeof(T) == 1, "pack4 packs e4m3_t; 16-bit types have pack2.");
    return from_float<T>(x0).bits | (unsigned)from_float<T>(x1).bits << 8 | (unsigned)from_float<T>(x2).bits << 16 |
           (unsigned)from_float<T>(x3).bits << 24;
}

template <class T>
inline void unpack4(unsigned packed, float (&x)[4])
{
    static_assert(sizeof(T) == 1, "unpack4 unpacks e4m3_t; 16-bit types have unpack2.");
    for (int i = 0; i < 4; i++) x[i] = to_float(T{(unsigned char)(packed >> (8 * i))});
}
} // namespace ptx

#endif
