// How tensor elements lie in memory. Arithmetic is float32 everywhere; 16-bit elements are widened on load (exactly) and
// rounded to nearest even on store. STORAGE picks the element type: 32 = float, 16 = IEEE half, 17 = bfloat16.
#ifndef KERNEL_STORAGE_H
#define KERNEL_STORAGE_H

#include "dialect.h"
#include "vector.h"

#define STORAGE_FLOAT32 32
#define STORAGE_FLOAT16 16
#define STORAGE_BFLOAT16 17

#ifndef STORAGE
#define STORAGE STORAGE_FLOAT32
#endif

#if STORAGE == STORAGE_FLOAT32

typedef float element;
#define ELEMENT_LOAD(p, i) ((p)[i])
#define ELEMENT_STORE(p, i, x) ((p)[i] = (x))
#define ELEMENT_LOAD_VEC(p) VEC_LOAD(p)

#elif STORAGE == STORAGE_FLOAT16 && !defined(DIALECT_OPENCL)

#include "ptx.h"

typedef half_t element;
#define ELEMENT_LOAD(p, i) half_to_float((p)[i])
#define ELEMENT_STORE(p, i, x) ((p)[i] = float_to_half(x))
#define ELEMENT_LOAD_VEC(p) half_to_float(*(p))

#elif STORAGE == STORAGE_FLOAT16

typedef half element;
// vload_half and vstore_half are core OpenCL: cl_khr_fp16 (half arithmetic) is not needed.
#define ELEMENT_LOAD(p, i) vload_half(i, p)
#define ELEMENT_STORE(p, i, x) vstore_half_rte(x, i, p)
#if VEC == 1
#define ELEMENT_LOAD_VEC(p) vload_half(0, p)
#else
#define ELEMENT_LOAD_VEC(p) PASTE(vload_half, VEC)(0, p)
#endif

#elif STORAGE == STORAGE_BFLOAT16

typedef ushort element;
#define ELEMENT_LOAD(p, i) FLOAT_OF_BITS((uint)(p)[i] << 16)
#define ELEMENT_STORE(p, i, x) ((p)[i] = bfloat16_of_float(x))
#if VEC == 1
#define ELEMENT_LOAD_VEC(p) FLOAT_OF_BITS((uint) * (p) << 16)
#else
#define ELEMENT_LOAD_VEC(p) VEC_AS_FLOAT(PASTE(convert_uint, VEC)(PASTE(vload, VEC)(0, p)) << 16)
#endif

// Round to nearest, ties to even. A NaN stays a NaN: its payload's lower half is dropped and the quiet bit set.
DEVICE_FN ushort bfloat16_of_float(float x)
{
    uint bits = BITS_OF_FLOAT(x);
    uint rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
    return (ushort)(((bits & 0x7fffffffu) > 0x7f800000u ? (bits | 0x00400000u) : rounded) >> 16);
}

#else
#error "STORAGE must be 32 (float), 16 (half) or 17 (bfloat16)."
#endif

#endif
