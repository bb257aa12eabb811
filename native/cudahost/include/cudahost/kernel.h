// What kernel text sees when it is compiled for the host: CUDA's words, declared here and carried out by libksuite_cudahost.
// One header for a whole kernel; it includes the vector types, the warp operations, the atomics and the mathematics.
#ifndef CUDAHOST_KERNEL_H
#define CUDAHOST_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "vector_types.h"

#define CUDAHOST_RUNTIME extern "C" __attribute__((visibility("default")))

// The place in the source where an operation is written: default arguments of everything that waits. Two threads are at the same
// barrier when file and line agree, however often the compiler has copied the call.
#define CUDAHOST_SITE_PARAMETERS const char *file, int line
#define CUDAHOST_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

// Function and variable qualifiers.
#define __global__ static
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __grid_constant__

namespace cudahost
{
// The thread's coordinates. Constant for the compiler: they never change while a thread lives.
CUDAHOST_RUNTIME __attribute__((const)) uint3 cudahost_thread_index();
CUDAHOST_RUNTIME __attribute__((const)) uint3 cudahost_block_index();
CUDAHOST_RUNTIME __attribute__((const)) uint3 cudahost_block_shape();
CUDAHOST_RUNTIME __attribute__((const)) uint3 cudahost_grid_shape();

CUDAHOST_RUNTIME void* cudahost_shared_array(const char* name, size_t bytes, size_t alignment, const void* site);
CUDAHOST_RUNTIME void* cudahost_dynamic_shared();
CUDAHOST_RUNTIME unsigned cudahost_dynamic_shared_bytes();
CUDAHOST_RUNTIME void cudahost_check(const void* address, size_t bytes, size_t alignment, int is_write, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_async_copy(
    void* shared, const void* global, unsigned bytes, unsigned source_bytes, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_async_commit();
CUDAHOST_RUNTIME void cudahost_async_wait(unsigned groups_left);
CUDAHOST_RUNTIME void cudahost_async_wait_all();
CUDAHOST_RUNTIME int cudahost_sync_threads(const char* operation, int predicate, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_named_barrier(unsigned id, unsigned threads, int wait, CUDAHOST_SITE_PARAMETERS);
typedef void (*warp_compute)(const void* const operands[32], void* const results[32], unsigned mask);
CUDAHOST_RUNTIME void cudahost_warp_collective(
    const char* operation, unsigned mask, const void* operands, void* results, warp_compute compute, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME __attribute__((noreturn)) void cudahost_trap(const char* why, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME __attribute__((noreturn)) void cudahost_invalid(const char* why, CUDAHOST_SITE_PARAMETERS);

// The block's copy of a static shared array: the same address for every thread of the block that passes the same site (the address
// of a static variable of the kernel). Unwritten, poisoned with signalling NaN, with a zone around it that nobody may touch.
inline void* shared_array(const char* name, size_t bytes, size_t alignment, const void* site)
{
    return cudahost_shared_array(name, bytes, alignment, site);
}

// Start of the block's dynamic shared memory, 1024-byte aligned, and its size as launched.
inline void* dynamic_shared() { return cudahost_dynamic_shared(); }
inline unsigned dynamic_shared_bytes() { return cudahost_dynamic_shared_bytes(); }

// Checks an access that compiled code makes in a way the instrumentation does not see: it faults exactly like a load or store of
// kernel text. A write marks shared memory as written.
inline void check_read(const void* address, size_t bytes, size_t alignment, CUDAHOST_SITE)
{
    cudahost_check(address, bytes, alignment, 0, file, line);
}
inline void check_write(const void* address, size_t bytes, size_t alignment, CUDAHOST_SITE)
{
    cudahost_check(address, bytes, alignment, 1, file, line);
}

// cp.async: copies source_bytes and fills up to bytes (4, 8 or 16) with zeros. Checked here; carried out by the wait, so that
// whoever reads the destination earlier is caught reading unwritten memory.
inline void async_copy(void* shared, const void* global, unsigned bytes, unsigned source_bytes, CUDAHOST_SITE)
{
    cudahost_async_copy(shared, global, bytes, source_bytes, file, line);
}
inline void async_commit() { cudahost_async_commit(); }
inline void async_wait(unsigned groups_left) { cudahost_async_wait(groups_left); }
inline void async_wait_all() { cudahost_async_wait_all(); }

// bar.sync and bar.arrive: barrier `id` (0 to 15) opens when `threads` threads (a multiple of 32; 0: the whole block) have come.
inline void barrier_sync(unsigned id, unsigned threads, CUDAHOST_SITE) { cudahost_named_barrier(id, threads, 1, file, line); }
inline void barrier_arrive(unsigned id, unsigned threads, CUDAHOST_SITE) { cudahost_named_barrier(id, threads, 0, file, line); }

// One operation of a warp: every lane of mask that has not returned calls it with the same operation and from the same place; the
// last to arrive runs compute once, with null where a lane is absent, and then all go on. In compute, loads and stores may touch the
// operands and results of every lane; what it does to shared or global memory is checked but counts for no thread's races, so lanes
// call check_read or check_write before.
inline void warp_collective(const char* operation, unsigned mask, const void* operands, void* results, warp_compute compute, CUDAHOST_SITE)
{
    cudahost_warp_collective(operation, mask, operands, results, compute, file, line);
}

// Stops the launch: an operand that the hardware does not have, with one sentence why.
[[noreturn]] inline void invalid_operation(const char* why, CUDAHOST_SITE) { cudahost_invalid(why, file, line); }
} // namespace cudahost

#define threadIdx (::cudahost::cudahost_thread_index())
#define blockIdx (::cudahost::cudahost_block_index())
#define blockDim (::cudahost::cudahost_block_shape())
#define gridDim (::cudahost::cudahost_grid_shape())
static constexpr int warpSize = 32;

static inline void __syncthreads(CUDAHOST_SITE) { ::cudahost::cudahost_sync_threads("__syncthreads", 0, file, line); }
static inline int __syncthreads_count(int predicate, CUDAHOST_SITE)
{
    return ::cudahost::cudahost_sync_threads("__syncthreads_count", predicate, file, line);
}
static inline int __syncthreads_and(int predicate, CUDAHOST_SITE)
{
    return ::cudahost::cudahost_sync_threads("__syncthreads_and", predicate, file, line);
}
static inline int __syncthreads_or(int predicate, CUDAHOST_SITE)
{
    return ::cudahost::cudahost_sync_threads("__syncthreads_or", predicate, file, line);
}
static inline void __barrier_sync(unsigned id, CUDAHOST_SITE) { ::cudahost::cudahost_named_barrier(id, 0, 1, file, line); }
static inline void __barrier_sync_count(unsigned id, unsigned threads, CUDAHOST_SITE)
{
    ::cudahost::cudahost_named_barrier(id, threads, 1, file, line);
}
[[noreturn]] static inline void __trap(CUDAHOST_SITE) { ::cudahost::cudahost_trap("__trap()", file, line); }

#undef assert
#define assert(condition) ((condition) ? (void)0 : ::cudahost::cudahost_trap("assertion failed: " #condition, __FILE__, __LINE__))

#include "warp.h"
#include "atomics.h"
#include "math.h"
#include "entry.h"

#endif
