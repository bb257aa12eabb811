// Planted mistakes in global memory. Each kernel does right in all threads but one.

#include "dialect.h"

// Launch: any. Thread `culprit` of block (1, 0, 0) accesses x[at] instead of its own element.
KERNEL void stray_read(GLOBAL const float* x, GLOBAL float* y, int culprit, int at)
{
    const bool wrong = GROUP_X == 1 && ITEM_X == culprit;
    y[GLOBAL_X] = x[wrong ? at : (int)GLOBAL_X];
}

KERNEL void stray_write(GLOBAL float* y, int culprit, int at)
{
    const bool wrong = GROUP_X == 1 && ITEM_X == culprit;
    y[wrong ? at : (int)GLOBAL_X] = 1.0f;
}

KERNEL void stray_atomic(GLOBAL int* y, int at)
{
    atomicAdd(y + at, 1);
}

// The address as a number: null, wild, or that of something freed.
KERNEL void read_address(unsigned long long address, GLOBAL float* y)
{
    y[GLOBAL_X] = *(const float*)address;
}

KERNEL void write_address(unsigned long long address)
{
    *(float*)address = 1.0f;
}

// Launch: any. float4 loads from x + offset floats; misaligned unless offset is a multiple of 4.
KERNEL void load_float4(GLOBAL const float* x, GLOBAL float* y, int offset)
{
    const float4 value = *(const float4*)(x + offset);
    y[GLOBAL_X] = value.x + value.y + value.z + value.w;
}

KERNEL void store_float4(GLOBAL float* y, int offset)
{
    *(float4*)(y + offset) = make_float4(1.0f, 2.0f, 3.0f, 4.0f);
}

// One member only: the compiler need not load the rest.
KERNEL void load_member(GLOBAL const float* x, GLOBAL float* y, int offset)
{
    y[GLOBAL_X] = ((const float2*)(x + offset))->y;
}

KERNEL void load_int(GLOBAL const unsigned char* x, GLOBAL int* y, int offset)
{
    y[GLOBAL_X] = *(const int*)(x + offset);
}

// A table of the program's own is neither device memory nor an error.
__constant__ const int squares[8] = {0, 1, 4, 9, 16, 25, 36, 49};
KERNEL void read_table(GLOBAL int* y, int at)
{
    y[ITEM_X] = squares[(ITEM_X + at) % 8];
}

// A local array that is indexed at run time.
KERNEL void local_array(GLOBAL int* y, int at)
{
    int values[16];
    for (int i = 0; i < 16; i++) values[i] = i * ITEM_X;
    y[ITEM_X] = values[at % 16];
}

// Structures are copied whole.
struct record
{
    int values[12];
};
KERNEL void copy_record(GLOBAL const record* x, GLOBAL record* y, int at)
{
    y[ITEM_X] = x[ITEM_X + at];
}
