// A fault as it is noted where it happens, on the small stack of the thread that did it; it is put into words later, elsewhere.
#ifndef CUDAHOST_FAULT_H
#define CUDAHOST_FAULT_H

#include <cudahost/api.h>
#include <stddef.h>
#include <stdint.h>

namespace cudahost
{
struct worker;

// A place in a kernel: an address in its code, or file and line where the compiler gave them.
struct place
{
    const void* code = nullptr;
    const char* file = nullptr;
    int line = 0;
};

struct raw_fault
{
    int kind = CUDAHOST_FAULT_NONE;
    bool write = false;
    bool other_write = false;
    uintptr_t address = 0;
    size_t bytes = 0;
    size_t alignment = 0;
    place where;
    int thread = -1; // index in the block of the thread to name, where it is not the one that runs
    int other = -1;  // index in the block of a second thread
    place other_where;
    const char* detail = nullptr; // a sentence without its subject, such as "calls ..."
};

// Puts a worker's raw fault into words. Runs on the worker's own stack while the block's threads stand where they stood.
void describe_fault(const worker& at, const raw_fault& raw, cudahost_fault& fault);
} // namespace cudahost

#endif
