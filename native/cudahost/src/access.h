// Checks one access before it is executed.
#ifndef CUDAHOST_ACCESS_H
#define CUDAHOST_ACCESS_H

#include "worker.h"

namespace cudahost
{
enum class access_kind : uint8_t
{
    read,
    write,
    atomic
};

// Faults where the access is wrong; marks shared memory as written. alignment 1: any.
void check_access(worker& at, uintptr_t address, size_t bytes, size_t alignment, access_kind kind, const place& where);

// As above without effects on shared memory's state: the range may be read (or written, whatever it holds now).
void check_range(worker& at, uintptr_t address, size_t bytes, size_t alignment, bool write, const place& where);
} // namespace cudahost

#endif
