// What a program of this folder is: one factor each. Tests read from the bundle how lines of variants-cuda.txt become programs.
//
// Launch: one block of 128.

#include "dialect.h"

KERNEL GROUP_SHAPE(128, 1) void scaled(GLOBAL float* values)
{
    LOCAL_ARRAY(float, reversed, 128);
    reversed[127 - ITEM_X] = values[ITEM_X];
    LOCAL_BARRIER();
    values[ITEM_X] = reversed[ITEM_X] * FACTOR;
}
