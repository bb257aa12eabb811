// More stack than a thread has: 64 KiB unless it is set otherwise.

#include "dialect.h"

// Calls itself `depth` times; each call holds a small array.
__attribute__((noinline)) __device__ static int descend(const int* x, int depth)
{
    int values[16];
    for (int i = 0; i < 16; i++) values[i] = x[(i + depth) % 16];
    if (depth > 0) values[depth % 16] += descend(x, depth - 1);
    int sum = 0;
    for (int i = 0; i < 16; i++) sum += values[i];
    return sum;
}

// Launch: any. x[16], y[threads].
KERNEL void recursion(GLOBAL const int* x, GLOBAL int* y, int depth)
{
    y[GLOBAL_X] = descend(x, ITEM_X == 3 ? depth : 1);
}

// Far more at once than the stack and the guard below it have.
template <int N>
__attribute__((noinline)) __device__ static int scattered(const int* x, int used)
{
    int values[N];
    for (int i = 0; i < used; i++) values[i * 7919 % N] = x[i % 16];
    return values[(used - 1) * 7919 % N];
}

KERNEL void large_array(GLOBAL const int* x, GLOBAL int* y, int large, int used)
{
    y[GLOBAL_X] = large == 0 ? scattered<64>(x, used) : scattered<100000>(x, used);
}
