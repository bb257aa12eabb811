// Barriers of every kind, in shapes that are easy to get wrong.

#include "ptx.h"

DEVICE_FN int linear_thread() { return (int)(threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)); }
DEVICE_FN int linear_block() { return (int)(blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z)); }
DEVICE_FN int block_threads() { return (int)(blockDim.x * blockDim.y * blockDim.z); }

// Launch: any grid and block. y[block][thread]: the sum of 0 .. threads - 1 in every element, rotated through shared memory by `rounds`
// barriers, plus the thread's own coordinates.
KERNEL void barrier_loop(GLOBAL int* RESTRICT y, int rounds)
{
    LOCAL_ARRAY(int, ring, 1024);
    const int thread = linear_thread(), threads = block_threads();
    int sum = 0;
    ring[thread] = thread;
    for (int round = 0; round < rounds; round++)
    {
        __syncthreads();
        const int value = ring[(thread + 1) % threads];
        sum += value;
        __syncthreads();
        ring[thread] = value;
    }
    y[linear_block() * threads + thread] = sum;
}

// Launch: one block of any shape. y[thread] = x | y << 10 | z << 20 of threadIdx; y[threads + block] the same of blockIdx.
KERNEL void coordinates(GLOBAL int* RESTRICT threads, GLOBAL int* RESTRICT blocks)
{
    threads[linear_block() * block_threads() + linear_thread()] = (int)(threadIdx.x | threadIdx.y << 10 | threadIdx.z << 20);
    if (linear_thread() == 0) blocks[linear_block()] = (int)(blockIdx.x | blockIdx.y << 10 | blockIdx.z << 20);
}

// Launch: one block. Threads at `keep` and above return before the barriers: those who are left go on. y[0..keep): count, and, or.
KERNEL void early_return(GLOBAL int* RESTRICT y, int keep)
{
    LOCAL_ARRAY(int, slot, 1024);
    const int thread = linear_thread();
    if (thread >= keep) return;
    slot[thread] = thread;
    const int count = __syncthreads_count(thread % 3 == 0);
    const int all = __syncthreads_and(slot[keep - 1 - thread] < keep);
    const int none = __syncthreads_or(thread < 0);
    const int one = __syncthreads_or(thread == keep - 1);
    y[thread] = count + 10000 * (all != 0) + 100000 * (none != 0) + 1000000 * (one != 0);
}

// Launch: one block of 96 threads. Three warps pass a token on, each pair of neighbours through a named barrier of its own.
KERNEL GROUP_SHAPE(96, 1) void relay(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, token, 64);
    const int warp = ITEM_X / 32, lane = ITEM_X % 32;
    if (warp > 0) ptx::bar_sync(warp, 64);
    const int value = warp == 0 ? lane : token[(warp - 1) * 32 + (lane + 1) % 32];
    if (warp < 2)
    {
        token[warp * 32 + lane] = value + 100;
        ptx::bar_arrive(warp + 1, 64);
    }
    y[ITEM_X] = value;
}

// Launch: one block of 256 threads; dynamic shared memory of 256 ints beside a static array. y[256].
KERNEL void both_kinds(GLOBAL int* RESTRICT y)
{
    LOCAL_ARRAY(int, fixed, 256);
    DYNAMIC_LOCAL(int, sized);
    fixed[ITEM_X] = ITEM_X;
    sized[ITEM_X] = 1000 * ITEM_X;
    __syncthreads();
    y[ITEM_X] = fixed[255 - ITEM_X] + sized[ITEM_X ^ 1];
}
