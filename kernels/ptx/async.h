// cp.async: copies from global to shared memory that run beside the thread. Both addresses are aligned to the copy's size. source_bytes
// (0 up to the size) are read; the rest of the destination is filled with zeros, which is how ragged edges of a tile are padded. With 0
// nothing is read, but the address should still be one of the allocation.
//
// A thread's copies since its last commit form a group; groups complete in order. The data may be read by the thread after the wait, by
// other threads after the wait and a barrier.
#ifndef KERNEL_PTX_ASYNC_H
#define KERNEL_PTX_ASYNC_H

#include "ldmatrix.h"

namespace ptx
{

// Past L1 (.cg): what is staged in shared memory is not read again through L1. Only 16-byte copies can.
DEVICE_FN void cp_async_16(void* shared, const void* global, unsigned source_bytes = 16)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :
                 : "r"(detail::shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(source_bytes)
                 : "memory");
}

DEVICE_FN void cp_async_8(void* shared, const void* global, unsigned source_bytes = 8)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;"
                 :
                 : "r"(detail::shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(source_bytes)
                 : "memory");
}

DEVICE_FN void cp_async_4(void* shared, const void* global, unsigned source_bytes = 4)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;"
                 :
                 : "r"(detail::shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(source_bytes)
                 : "memory");
}

// Closes the thread's open group; an empty one counts too, which keeps the arithmetic of a pipeline's tail the same as that of its middle.
DEVICE_FN void cp_async_commit()
{
    asm volatile("cp.async.commit_group;" ::
                     : "memory");
}

// Waits until at most Left of the thread's latest groups are still under way.
template <int Left>
DEVICE_FN void cp_async_wait_group()
{
    static_assert(Left >= 0, "A number of groups.");
    asm volatile("cp.async.wait_group %0;"
                 :
                 : "n"(Left)
                 : "memory");
}

// Waits for every copy of the thread, committed or not.
DEVICE_FN void cp_async_wait_all()
{
    asm volatile("cp.async.wait_all;" ::
                     : "memory");
}

} // namespace ptx

#endif
