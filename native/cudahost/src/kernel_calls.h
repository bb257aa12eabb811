// What the functions that kernel text calls have in common.
#ifndef CUDAHOST_KERNEL_CALLS_H
#define CUDAHOST_KERNEL_CALLS_H

#include <string.h>

#include "worker.h"

#define CUDAHOST_EXPORT extern "C" __attribute__((visibility("default")))

namespace cudahost
{
[[noreturn]] inline void raise_invalid(worker& at, const char* detail, const char* file, int line)
{
    raw_fault fault;
    fault.kind = CUDAHOST_FAULT_INVALID_OPERATION;
    fault.where.file = file;
    fault.where.line = line;
    fault.detail = detail;
    at.raise(fault);
}

// Ends the process with a message where kernel text runs outside a launch.
worker& calling_worker(const char* operation, const char* file, int line);

inline bool same_text(const char* a, const char* b) { return a == b || (a != nullptr && b != nullptr && strcmp(a, b) == 0); }
// Whether two threads wait in the same operation, written in the same place.
bool same_site(const fiber& a, const fiber& b);
} // namespace cudahost

#endif
