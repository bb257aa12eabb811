// The rest of what kernel text calls: coordinates, shared arrays, explicit checks, traps.
#include "kernel_calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "access.h"

namespace cudahost
{
worker& calling_worker(const char* operation, const char* file, int line)
{
    worker* at = current;
    if (at == nullptr || at->self == nullptr)
    {
        fprintf(stderr, "cudahost: %s is called outside a launch, at %s:%d.\n", operation, file == nullptr ? "?" : file, line);
        abort();
    }
    if (at->computing) raise_invalid(*at, "waits inside a warp operation's computation", file, line);
    // A loop of barriers or warp operations may never end either.
    if (file != nullptr) at->check_time({nullptr, file, line});
    return *at;
}
} // namespace cudahost

using namespace cudahost;

CUDAHOST_EXPORT uint3 cudahost_thread_index() { return current->thread_index; }
CUDAHOST_EXPORT uint3 cudahost_block_index() { return current->block_index; }
CUDAHOST_EXPORT uint3 cudahost_block_shape() { return current->block_shape; }
CUDAHOST_EXPORT uint3 cudahost_grid_shape() { return current->grid_shape; }

CUDAHOST_EXPORT void* cudahost_shared_array(const char* name, size_t bytes, size_t alignment, const void* site)
{
    worker& at = *current;
    if (const shared_range* found = at.shared.find(site)) return reinterpret_cast<void*>(found->begin);
    if (alignment < 16) alignment = 16;
    if (alignment > 4096 || (alignment & (alignment - 1)) != 0)
        raise_invalid(at, "has a shared array of an impossible alignment", nullptr, 0);
    const shared_range* added = nullptr;
    size_t taken = at.shared.static_bytes() + at.job->dynamic_bytes;
    if (bytes <= at.job->shared_limit && taken <= at.job->shared_limit - bytes) added = at.shared.add(name, bytes, alignment, site);
    if (added == nullptr)
    {
        raw_fault fault;
        fault.kind = CUDAHOST_FAULT_SHARED_LIMIT;
        fault.detail = name;
        fault.bytes = bytes;
        fault.where.code = __builtin_return_address(0);
        at.raise(fault);
    }
    return reinterpret_cast<void*>(added->begin);
}

CUDAHOST_EXPORT void* cudahost_dynamic_shared() { return reinterpret_cast<void*>(current->shared.dynamic().begin); }
CUDAHOST_EXPORT unsigned cudahost_dynamic_shared_bytes() { return static_cast<unsigned>(current->shared.dynamic().bytes); }

CUDAHOST_EXPORT void cudahost_check(const void* address, size_t bytes, size_t alignment, int is_write, const char* file, int line)
{
    if (current == nullptr || current->self == nullptr) return;
    place where;
    // The address tells races' places apart; file and line are what is shown.
    where.code = __builtin_return_address(0);
    where.file = file;
    where.line = line;
    check_access(*current, reinterpret_cast<uintptr_t>(address), bytes, alignment,
        is_write ? access_kind::write : access_kind::read, where);
}

CUDAHOST_EXPORT void cudahost_trap(const char* why, const char* file, int line)
{
    worker& at = calling_worker("__trap()", file, line);
    raw_fault fault;
    fault.kind = CUDAHOST_FAULT_TRAP;
    fault.where.file = file;
    fault.where.line = line;
    fault.detail = why;
    at.raise(fault);
}

CUDAHOST_EXPORT void cudahost_invalid(const char* why, const char* file, int line)
{
    worker* at = current;
    if (at == nullptr || at->self == nullptr) calling_worker(why, file, line);
    raise_invalid(*at, why, file, line);
}
