// Conversions, element by element, as bits.
//
// Launch: any grid of 64-thread blocks that covers count. Narrow types travel in words: one code a word.

#include "ptx.h"

// codes -> their values; values[3 i ..]: as half_t, bfloat16_t, e4m3_t (of the lowest 8 bits).
KERNEL GROUP_SHAPE(64, 1) void widen(GLOBAL const uint* RESTRICT codes, GLOBAL float* RESTRICT values, const int count)
{
    const int i = (int)GLOBAL_X;
    if (i >= count) return;
    ptx::half_t half;
    ptx::bfloat16_t bfloat;
    ptx::e4m3_t e4m3;
    half.bits = (ushort)codes[i];
    bfloat.bits = (ushort)codes[i];
    e4m3.bits = (unsigned char)codes[i];
    values[3 * i] = ptx::to_float(half);
    values[3 * i + 1] = ptx::to_float(bfloat);
    values[3 * i + 2] = ptx::to_float(e4m3);
}

// values -> codes[3 i ..]: as half_t, bfloat16_t, e4m3_t.
KERNEL GROUP_SHAPE(64, 1) void narrow(GLOBAL const float* RESTRICT values, GLOBAL uint* RESTRICT codes, const int count)
{
    const int i = (int)GLOBAL_X;
    if (i >= count) return;
    codes[3 * i] = ptx::from_float<ptx::half_t>(values[i]).bits;
    codes[3 * i + 1] = ptx::from_float<ptx::bfloat16_t>(values[i]).bits;
    codes[3 * i + 2] = ptx::from_float<ptx::e4m3_t>(values[i]).bits;
}

// Four values a thread -> packed[5 i ..]: two words of halves, two of bfloat16, one of e4m3; unpacked[12 i ..]: the same three, unpacked
// again.
KERNEL GROUP_SHAPE(64, 1) void pack(
    GLOBAL const float* RESTRICT values, GLOBAL uint* RESTRICT packed, GLOBAL float* RESTRICT unpacked, const int count)
{
    const int i = (int)GLOBAL_X;
    if (i >= count) return;
    const float x0 = values[4 * i], x1 = values[4 * i + 1], x2 = values[4 * i + 2], x3 = values[4 * i + 3];
    uint words[5];
    words[0] = ptx::pack2<ptx::half_t>(x0, x1);
    words[1] = ptx::pack2<ptx::half_t>(x2, x3);
    words[2] = ptx::pack2<ptx::bfloat16_t>(x0, x1);
    words[3] = ptx::pack2<ptx::bfloat16_t>(x2, x3);
    words[4] = ptx::pack4<ptx::e4m3_t>(x0, x1, x2, x3);
    for (int j = 0; j < 5; j++) packed[5 * i + j] = words[j];
    float y[12];
    ptx::unpack2<ptx::half_t>(words[0], y[0], y[1]);
    ptx::unpack2<ptx::half_t>(words[1], y[2], y[3]);
    ptx::unpack2<ptx::bfloat16_t>(words[2], y[4], y[5]);
    ptx::unpack2<ptx::bfloat16_t>(words[3], y[6], y[7]);
    float z[4];
    ptx::unpack4<ptx::e4m3_t>(words[4], z);
    for (int j = 0; j < 8; j++) unpacked[12 * i + j] = y[j];
    for (int j = 0; j < 4; j++) unpacked[12 * i + 8 + j] = z[j];
}
