// What cudahost-replay needs beyond the public interface.
#ifndef CUDAHOST_REPLAY_MEMORY_H
#define CUDAHOST_REPLAY_MEMORY_H

#include <cudahost/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As cudahost_memory_allocate, at an address that it gave in another process: pointers in a recording stay good. */
CUDAHOST_API int32_t cudahost_memory_allocate_at(void* address, uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
