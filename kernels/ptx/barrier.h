// Named barriers and the lane's number. A block has barriers 0 to 15; 0 is the one of __syncthreads. threads counts all that sync or
// arrive, a multiple of 32. Producers arrive and go on, consumers sync; memory written before either is visible after the sync.
#ifndef KERNEL_PTX_BARRIER_H
#define KERNEL_PTX_BARRIER_H

namespace ptx
{

DEVICE_FN void bar_sync(int id, int threads)
{
    asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads)
                 : "memory");
}

DEVICE_FN void bar_arrive(int id, int threads)
{
    asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads)
                 : "memory");
}

// The thread's place in its warp, 0 to 31.
DEVICE_FN int lane_id()
{
    int lane;
    asm("mov.u32 %0, %%laneid;"
        : "=r"(lane));
    return lane;
}

} // namespace ptx

#endif
