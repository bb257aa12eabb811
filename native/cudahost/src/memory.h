// Device memory: allocations in one reserved range of addresses, so that any address can be told at once: inside an allocation, in a
// gap, or in one that was freed.
#ifndef CUDAHOST_MEMORY_H
#define CUDAHOST_MEMORY_H

#include <atomic>
#include <stddef.h>
#include <stdint.h>

namespace cudahost
{
// An allocation, alive or freed. A freed one keeps its bytes for messages but contains no address.
struct allocation
{
    uintptr_t begin;
    std::atomic<uintptr_t> end; // begin + bytes while alive, begin after
    size_t bytes;
    size_t granules; // address space taken, without the gap after it
};

// Every allocation begins at a granule and owns all granules that it touches.
constexpr unsigned granule_shift = 16;
constexpr size_t granule_bytes = size_t(1) << granule_shift;

struct memory_space
{
    uintptr_t base = 0;
    size_t bytes = 0;
    std::atomic<allocation*>* granules = nullptr;
};

extern memory_space memory;

// The allocation that owns the address's granule, alive or freed, or null. The address may be any.
inline allocation* allocation_at(uintptr_t address)
{
    size_t offset = address - memory.base;
    return offset < memory.bytes ? memory.granules[offset >> granule_shift].load(std::memory_order_relaxed) : nullptr;
}

inline bool inside_allocation(uintptr_t address, size_t bytes)
{
    const allocation* found = allocation_at(address);
    if (found == nullptr) return false;
    uintptr_t end = found->end.load(std::memory_order_relaxed);
    return address >= found->begin && address < end && bytes <= end - address;
}

// An allocation as it was when asked about, for messages and recordings.
struct allocation_facts
{
    uintptr_t begin = 0;
    size_t bytes = 0;
    bool freed = false;
};

int memory_allocate(uint64_t bytes, void** address);
int memory_free(void* address);
void memory_total(uint64_t* allocated, uint64_t* capacity);
// The allocation nearest to an address within the reserved range; bytes is 0 where there is none.
allocation_facts memory_nearest(uintptr_t address);
// Calls visit for every living allocation, in order of address, while no other thread can allocate or free.
void memory_visit(void (*visit)(const allocation_facts& facts, void* state), void* state);
// Allocates at a given address, for replays: the address must be one that memory_allocate gave in another process.
int memory_allocate_at(uintptr_t address, uint64_t bytes);
} // namespace cudahost

#endif
