// The rest of the C interface: version, errors, memory.
#include <cudahost/api.h>

#include <new>

#include "crash.h"
#include "errors.h"
#include "memory.h"
#include "replay_support.h"

using namespace cudahost;

int32_t cudahost_version(void) { return CUDAHOST_VERSION; }

const char* cudahost_last_error(void) { return last_error(); }

int32_t cudahost_memory_allocate(uint64_t bytes, void** address)
{
    if (address == nullptr) return fail(CUDAHOST_INVALID, "cudahost_memory_allocate: address must not be null.");
    *address = nullptr;
    if (bytes == 0) return fail(CUDAHOST_INVALID, "cudahost_memory_allocate: bytes must not be 0.");
    try
    {
        return memory_allocate(bytes, address);
    }
    catch (const std::bad_alloc&)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "The host is out of memory.");
    }
}

int32_t cudahost_memory_free(void* address)
{
    try
    {
        return memory_free(address);
    }
    catch (const std::bad_alloc&)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "The host is out of memory.");
    }
}

int32_t cudahost_memory_total(uint64_t* allocated, uint64_t* capacity)
{
    memory_total(allocated, capacity);
    return CUDAHOST_OK;
}

int32_t cudahost_memory_allocate_at(void* address, uint64_t bytes)
{
    try
    {
        return memory_allocate_at(reinterpret_cast<uintptr_t>(address), bytes);
    }
    catch (const std::bad_alloc&)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "The host is out of memory.");
    }
}

void cudahost_tell_of_crashes(void) { tell_of_crashes(); }
