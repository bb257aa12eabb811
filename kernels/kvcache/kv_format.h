// Floats to codes of a quantised key/value cache (KvStorage/KvFormat.cs defines the formats), to the same bits on every device. Quotients
// are the correctly rounded ones whatever the device's division does, and no step of a row that is not all zeros meets a subnormal number.
#ifndef KERNEL_KV_FORMAT_H
#define KERNEL_KV_FORMAT_H

#include "../dialect.h"
#include "kv_format_decode.h"

// Rows whose largest magnitude is below 2^-100 count as zeros; KvScale.LeastMagnitude is its twin.
#define KV_LEAST_MAGNITUDE 7.888609052210118e-31f

DEVICE_FN float kv_magnitude(float x) { return FLOAT_OF_BITS(BITS_OF_FLOAT(x) & 0x7fffffffu); }

// |x|, with 0 in place of infinities and NaN.
DEVICE_FN float kv_finite_magnitude(float x)
{
    uint magnitude = BITS_OF_FLOAT(x) & 0x7fffffffu;
    return magnitude < 0x7f800000u ? FLOAT_OF_BITS(magnitude) : 0.0f;
}

// |a| / |b| to nearest, ties to even; |b| at least 2^-122, a finite. OpenCL lets a device err by 2.5 ulp in a division, but its fma is
// exact: one correction leaves a neighbour of the quotient, and of two neighbours the one with the smaller exact remainder is the rounded
// quotient.
DEVICE_FN float kv_quotient(float a, float b)
{
    float x = kv_magnitude(a);
    float y = kv_magnitude(b);
#if defined(KERNEL_IS_OPENCL)
    if (y < 8.673617379884035e-19f)
    {
        // Times 2^96: exact, and keeps the remainders away from subnormals.
        x *= 7.922816251426434e28f;
        y *= 7.922816251426434e28f;
    }
    float q = x / y;
    q = fma(fma(-q, y, x), 1.0f / y, q);
    float remainder = fma(-q, y, x);
    if (remainder == 0.0f) return q;
    float other = FLOAT_OF_BITS(remainder > 0.0f ? BITS_OF_FLOAT(q) + 1u : BITS_OF_FLOAT(q) - 1u);
    return kv_magnitude(fma(-other, y, x)) < kv_magnitude(remainder) ? other : q;
#else
    return __fdiv_rn(x, y);
#endif
}

// The float32 scale of a row, from its largest finite magnitude.
DEVICE_FN float kv_scale(float largest, int format)
{
    if (largest < KV_LEAST_MAGNITUDE) return 1.0f;
    return kv_quotient(format == KV_FORMAT_INT4 ? 0.125f * largest : largest, 448.0f);
}

// The nearest e4m3 code of a magnitude, ties to even; above 448 saturates.
DEVICE_FN uint e4m3_of_magnitude(float magnitude)
{
    uint bits = BITS_OF_FLOAT(magnitude);
    if (bits > 0x7f800000u) return 0x7fu;
    if (bits >= 0x43e00000u) return 0x7eu;

    // Below 2^-6 the spacing is 2^-9: adding 2^14 leaves the nearest multiple, ties to even, in the low bits of the sum.
    if (bits < 0x3c800000u) return BITS_OF_FLOAT(magnitude + 16384.0f) - 0x46800000u;
    return MIN_OF((bits + 0x7ffffu + ((bits >> 20) & 1u)) / 1048576u - 960u, 0x7eu);
}

// e4m3 code of x / scale; scale is above 0. A NaN is 0x7f whatever its sign, an infinity saturates, zero keeps its sign.
DEVICE_FN uint e4m3_encode(float x, float scale)
{
    uint bits = BITS_OF_FLOAT(x);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fu;
    float magnitude = (bits & 0x7fffffffu) == 0x7f800000u ? INFINITY : kv_quotient(x, scale);
    return ((bits >> 24) & 0x80u) | e4m3_of_magnitude(magnitude);
}

// e4m3 code of a group's factor, -extreme / 8 / scale; 0 has no sign.
DEVICE_FN uint int4_group(float extreme, float scale)
{
    uint magnitude = e4m3_of_magnitude(kv_quotient(0.125f * extreme, scale));
    return magnitude == 0u ? 0u : (((BITS_OF_FLOAT(extreme) >> 24) & 0x80u) ^ 0x80u) | magnitude;
}

// 4-bit code of x; step is scale times the group's factor. 8 where step is 0 or x is NaN; an infinity saturates.
DEVICE_FN uint int4_encode(float x, float step)
{
    uint bits = BITS_OF_FLOAT(x);
    uint magnitude = bits & 0x7fffffffu;
    if (step == 0.0f || magnitude > 0x7f800000u) return 8u;
    int negative = (bits ^ BITS_OF_FLOAT(step)) >> 31;
    float q = magnitude == 0x7f800000u ? 16.0f : MIN_OF(kv_quotient(x, step), 16.0f);

    // Adding 2^23 leaves the nearest integer, ties to even, in the low bits.
    int steps = (int)(BITS_OF_FLOAT(q + 8388608.0f) & 0xffu);
    return (uint)(negative ? MAX_OF(8 - steps, 0) : MIN_OF(8 + steps, 15));
}

#endif
