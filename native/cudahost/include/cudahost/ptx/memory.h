// Twins of ptx/async.h, ptx/memory.h and ptx/barrier.h: the runtime's own copies, checks and barriers under the wrappers' names. A copy's
// addresses are checked when it is issued; its bytes arrive at the wait, so that reading too early shows.
#ifndef CUDAHOST_PTX_MEMORY_H
#define CUDAHOST_PTX_MEMORY_H

namespace cudahost
{
CUDAHOST_RUNTIME void cudahost_load(void* registers, const void* address, unsigned bytes, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME int cudahost_lane();
} // namespace cudahost

namespace ptx
{
inline void cp_async_16(void* shared, const void* global, unsigned source_bytes = 16, CUDAHOST_SITE)
{
    cudahost::async_copy(shared, global, 16, source_bytes, file, line);
}

inline void cp_async_8(void* shared, const void* global, unsigned source_bytes = 8, CUDAHOST_SITE)
{
    cudahost::async_copy(shared, global, 8, source_bytes, file, line);
}

inline void cp_async_4(void* shared, const void* global, unsigned source_bytes = 4, CUDAHOST_SITE)
{
    cudahost::async_copy(shared, global, 4, source_bytes, file, line);
}

inline void cp_async_commit() { cudahost::async_commit(); }

template <int Left>
inline void cp_async_wait_group()
{
    static_assert(Left >= 0, "A number of groups.");
    cudahost::async_wait(Left);
}

inline void cp_async_wait_all() { cudahost::async_wait_all(); }

inline void load_global_nc(unsigned (&r)[4], const void* global, CUDAHOST_SITE) { cudahost::cudahost_load(r, global, 16, file, line); }
inline void load_global_nc(float (&r)[4], const void* global, CUDAHOST_SITE) { cudahost::cudahost_load(r, global, 16, file, line); }
inline void load_global_nc(unsigned (&r)[2], const void* global, CUDAHOST_SITE) { cudahost::cudahost_load(r, global, 8, file, line); }

inline void bar_sync(int id, int threads, CUDAHOST_SITE) { cudahost::barrier_sync((unsigned)id, (unsigned)threads, file, line); }
inline void bar_arrive(int id, int threads, CUDAHOST_SITE) { cudahost::barrier_arrive((unsigned)id, (unsigned)threads, file, line); }

inline int lane_id() { return cudahost::cudahost_lane(); }
} // namespace ptx

#endif
