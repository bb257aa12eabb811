// The special function unit's approximations.

#include "ptx.h"

// Launch: any grid of 64-thread blocks that covers count. y[function][count]: exp2, log2, rcp, rsqrt, tanh of x.
KERNEL GROUP_SHAPE(64, 1) void approximations(GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, const int count)
{
    const int i = (int)GLOBAL_X;
    if (i >= count) return;
    y[i] = ptx::exp2_approx(x[i]);
    y[count + i] = ptx::log2_approx(x[i]);
    y[2 * count + i] = ptx::rcp_approx(x[i]);
    y[3 * count + i] = ptx::rsqrt_approx(x[i]);
    y[4 * count + i] = ptx::tanh_approx(x[i]);
}
