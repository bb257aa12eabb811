// What cudahost-replay needs beyond the public interface.
#ifndef CUDAHOST_REPLAY_SUPPORT_H
#define CUDAHOST_REPLAY_SUPPORT_H

#include <cudahost/api.h>

#ifdef __cplusplus
extern "C"
{
#endif

    /* As cudahost_memory_allocate, at an address that it gave in another process: pointers in a recording stay good. */
    CUDAHOST_API int32_t cudahost_memory_allocate_at(void* address, uint64_t bytes);

    /* From now on a crash of a kernel ends the process with a line that says which thread it was. Takes over SIGSEGV and SIGBUS: only
       for a process without handlers of its own, and before the first launch. */
    CUDAHOST_API void cudahost_tell_of_crashes(void);

#ifdef __cplusplus
}
#endif

#endif
