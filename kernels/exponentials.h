// Exponential functions on vecf, written out so that every device computes them alike: the language allows a library's
// exp2 three ulp and gives native_exp2 no bound at all.
#ifndef KERNEL_EXPONENTIALS_H
#define KERNEL_EXPONENTIALS_H

#include "vector.h"

#define LOG2_E 1.44269504f

// Adding 1.5 * 2^23 rounds a float of small magnitude to the nearest integer, whose low bits are then the sum's low bits.
#define ROUNDING_MAGIC 12582912.0f

// 2^x for x <= 127; relative error below 1.4 * 2^-24 before the result becomes subnormal. x < -126.5 gives exactly 0
// (so -inf does), NaN gives NaN. 2^x = 2^n * 2^f, n = round(x); 2^f on [-1/2, 1/2] is a degree-6 minimax polynomial
// (relative error 2e-9) fitted for this file.
DEVICE_FN vecf vec_exp2(vecf x)
{
    x = x < (vecf)(-127.0f) ? (vecf)(-127.0f) : x;
    vecf shifted = x + ROUNDING_MAGIC;
    vecf f = x - (shifted - ROUNDING_MAGIC);
    vecf p = (vecf)(0.00015353362f);
    p = p * f + 0.0013398875f;
    p = p * f + 0.00961843692f;
    p = p * f + 0.0555033237f;
    p = p * f + 0.240226477f;
    p = p * f + 0.693147182f;
    p = p * f + 1.0f;
    // The magic number's own bits leave through the top; what is left is n in the exponent field.
    return p * VEC_AS_FLOAT((VEC_AS_INT(shifted) << 23) + 0x3f800000);
}

// tanh(y), relative error below 4 * 2^-24 everywhere, because t = exp(2|y|) - 1 is formed without cancellation near 0:
// with 2|y| = n ln2 + r, t = 2^n (exp(r) - 1) + (2^n - 1). NaN gives NaN.
DEVICE_FN vecf vec_tanh(vecf y)
{
    vecf z = y < (vecf)(0.0f) ? -2.0f * y : 2.0f * y;
    z = z > (vecf)(40.0f) ? (vecf)(40.0f) : z;
    vecf shifted = z * LOG2_E + ROUNDING_MAGIC;
    vecf n = shifted - ROUNDING_MAGIC;
    // ln 2 in two parts; n * 0.693359375 is exact for these n.
    vecf r = z - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    vecf q = (vecf)(0.00138825097f);
    q = q * r + 0.00836658012f;
    q = q * r + 0.0416672006f;
    q = q * r + 0.166665435f;
    q = q * r + 0.49999997f;
    q = q * (r * r) + r;
    vecf power = VEC_AS_FLOAT((VEC_AS_INT(shifted) << 23) + 0x3f800000);
    vecf t = power * q + (power - 1.0f);
    vecf result = t / (t + 2.0f);
    return y < (vecf)(0.0f) ? -result : result;
}

#endif
