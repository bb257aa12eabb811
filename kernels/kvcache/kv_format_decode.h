// Codes of a quantised key/value cache back to floats, exactly and alike on every device. Subnormal e4m3 codes are made by arithmetic on
// normal floats, because an OpenCL device may flush subnormal ones.
#ifndef KERNEL_KV_FORMAT_DECODE_H
#define KERNEL_KV_FORMAT_DECODE_H

#include "../dialect.h"
#include "../vector.h"

#define KV_FORMAT_E4M3 8
#define KV_FORMAT_INT4 4

// Elements that share a group factor in int4; element i of a group is the low nibble of byte i, element i + 16 the high one.
#define KV_GROUP 32

// The word whose lowest byte is `code` as e4m3: 1 sign, 4 exponent (bias 7), 3 fraction bits. The bits moved into a float with exponent
// bias 7 give the value; for exponent 0 they give 2^-7 (1 + m/8) where 2^-6 m/8 is meant. 0x7f is NaN.
DEVICE_FN float e4m3_to_float(uint code)
{
    uint magnitude = code & 0x7fu;
    float x = FLOAT_OF_BITS((magnitude << 20) + (120u << 23));
    x = magnitude < 8u ? 2.0f * x - 0.015625f : x;
    uint bits = BITS_OF_FLOAT(x) | (code & 0x80u) << 24;
    return FLOAT_OF_BITS(magnitude == 0x7fu ? bits | 0x7fc00000u : bits);
}

#if !defined(KERNEL_IS_OPENCL)
// In angle brackets, because it is CUDA's alone: quoted includes are written into the text that an OpenCL device compiles.
#include <ptx.h>
#endif

// Four e4m3 codes, the first in the lowest byte.
DEVICE_FN void e4m3x4_to_float(uint word, float* x)
{
#if defined(PTX_HAS_CVT_E4M3) && PTX_HAS_CVT_E4M3
    float four[4];
    ptx::unpack4<ptx::e4m3_t>(word, four);
    UNROLL for (int i = 0; i < 4; i++) x[i] = four[i];
#else
    UNROLL for (int i = 0; i < 4; i++) x[i] = e4m3_to_float(word >> (8 * i) & 0xffu);
#endif
}

// A nibble less 8, times the group's factor. 2^23 + nibble is a float whose low bits are the nibble: no conversion from int.
DEVICE_FN float int4_to_float(uint nibble, float group) { return (FLOAT_OF_BITS(0x4b000000u | nibble) - 8388616.0f) * group; }

#if VEC == 1
#define KV_CODES(p) ((int)*(p))
#define VEC_OF_INT(x) ((float)(x))
#else
#define KV_CODES(p) PASTE(convert_int, VEC)(PASTE(vload, VEC)(0, p))
#define VEC_OF_INT(x) PASTE(convert_float, VEC)(x)
#endif

// The same for VEC codes at once.
DEVICE_FN vecf vec_e4m3(GLOBAL const unsigned char* codes)
{
    veci code = KV_CODES(codes);
    veci magnitude = code & 0x7f;
    vecf x = VEC_AS_FLOAT((magnitude << 20) + (120 << 23));
    x = magnitude < (veci)(8) ? 2.0f * x - 0.015625f : x;
    veci bits = VEC_AS_INT(x) | (code & 0x80) << 24;
    return VEC_AS_FLOAT(magnitude == (veci)(0x7f) ? bits | 0x7fc00000 : bits);
}

// Columns column .. column + VEC - 1 of an int4 row; VEC divides 16, so that they are nibbles of one kind of one group.
DEVICE_FN vecf vec_int4(GLOBAL const unsigned char* codes, GLOBAL const unsigned char* groups, int column)
{
    int group = column / KV_GROUP;
    int within = column % KV_GROUP;
    veci bytes = KV_CODES(codes + group * (KV_GROUP / 2) + within % (KV_GROUP / 2));
    veci nibbles = (bytes >> (within / (KV_GROUP / 2) * 4)) & 0xf;
    return VEC_OF_INT(nibbles - 8) * e4m3_to_float(groups[group]);
}

#endif
