// Storage types: how 16-bit and 8-bit floats lie in memory. Arithmetic is done in float or by mma.
#ifndef KERNEL_PTX_TYPES_H
#define KERNEL_PTX_TYPES_H

namespace ptx
{

// IEEE binary16: 1 sign, 5 exponent, 10 fraction bits.
struct half_t
{
    unsigned short bits;
};

// The upper half of a binary32: 1 sign, 8 exponent, 7 fraction bits.
struct bfloat16_t
{
    unsigned short bits;
};

// 1 sign, 4 exponent (bias 7), 3 fraction bits; no infinity, NaN is 0x7f and 0xff, the largest value 448.
struct e4m3_t
{
    unsigned char bits;
};

// For static_assert in templates that must not be instantiated.
template <class T>
struct never
{
    static constexpr bool value = false;
};

} // namespace ptx

#endif
