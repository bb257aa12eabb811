#include "memory.h"

#include <cudahost/api.h>
#include <deque>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

#include "context.h"
#include "errors.h"

#if CUDAHOST_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace cudahost
{
memory_space memory;

namespace
{
std::mutex guard;
std::map<uintptr_t, allocation*> records; // by begin: living ones and those freed lately
std::map<uintptr_t, size_t> unused;       // by begin: free ranges of granules, in bytes
std::deque<allocation*> quarantine;       // freed, oldest first
size_t quarantine_bytes = 0;
size_t allocated_bytes = 0;

// Freed ranges wait here before they are used again, so that an access after a free is recognised.
constexpr size_t quarantine_count = 1024;

size_t page_rounded(size_t bytes)
{
    static const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    return (bytes + page - 1) & ~(page - 1);
}

// The same place in every process that can have it: a recording is repeated at the addresses it was made with.
bool reserve()
{
    if (memory.base != 0) return true;
    void* wanted = reinterpret_cast<void*>(0x200000000000);
    for (size_t bytes = size_t(1) << 38; bytes >= size_t(1) << 30; bytes >>= 1)
    {
        void* range = mmap(wanted, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range == MAP_FAILED) continue;
        size_t table = (bytes >> granule_shift) * sizeof(std::atomic<allocation*>);
        void* entries = mmap(nullptr, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (entries == MAP_FAILED)
        {
            munmap(range, bytes);
            continue;
        }
        // Rounded up to granules; the first and the last granule stay gaps.
        uintptr_t first = (reinterpret_cast<uintptr_t>(range) + granule_bytes - 1) & ~(granule_bytes - 1);
        size_t usable = (reinterpret_cast<uintptr_t>(range) + bytes - first) & ~(granule_bytes - 1);
        memory.granules = static_cast<std::atomic<allocation*>*>(entries);
        memory.bytes = usable;
        memory.base = first;
        unused[first + granule_bytes] = usable - 2 * granule_bytes;
        return true;
    }
    return false;
}

void release(uintptr_t begin, size_t bytes)
{
    auto next = unused.lower_bound(begin);
    if (next != unused.begin())
    {
        auto before = std::prev(next);
        if (before->first + before->second == begin)
        {
            begin = before->first;
            bytes += before->second;
            unused.erase(before);
        }
    }
    if (next != unused.end() && begin + bytes == next->first)
    {
        bytes += next->second;
        unused.erase(next);
    }
    unused[begin] = bytes;
}

// Forgets the allocation that was freed first and gives its addresses back.
void forget_oldest()
{
    allocation* oldest = quarantine.front();
    quarantine.pop_front();
    quarantine_bytes -= oldest->bytes;
    for (size_t i = 0; i < oldest->granules; i++)
    {
        memory.granules[((oldest->begin - memory.base) >> granule_shift) + i].store(nullptr, std::memory_order_relaxed);
    }
    records.erase(oldest->begin);
    release(oldest->begin, (oldest->granules + 1) * granule_bytes);
    // The record itself stays: a launch on another thread may be looking at it.
}

int take(uintptr_t begin, size_t granules, uint64_t bytes)
{
    if (mprotect(reinterpret_cast<void*>(begin), page_rounded(bytes), PROT_READ | PROT_WRITE) != 0)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "%llu bytes could not be mapped: the system is out of memory or of mappings.",
            static_cast<unsigned long long>(bytes));
    }
#if CUDAHOST_ASAN
    __asan_poison_memory_region(reinterpret_cast<void*>(begin - granule_bytes), granule_bytes);
    __asan_poison_memory_region(reinterpret_cast<void*>(begin), (granules + 1) * granule_bytes);
    __asan_unpoison_memory_region(reinterpret_cast<void*>(begin), bytes);
    // The gap before may belong to a neighbour's last granule.
    auto before = records.lower_bound(begin);
    if (before != records.begin())
    {
        allocation* neighbour = std::prev(before)->second;
        uintptr_t end = neighbour->end.load();
        if (end > neighbour->begin) __asan_unpoison_memory_region(reinterpret_cast<void*>(neighbour->begin), end - neighbour->begin);
    }
#endif
    allocation* made = new allocation{begin, {begin + bytes}, bytes, granules};
    records[begin] = made;
    for (size_t i = 0; i < granules; i++)
    {
        memory.granules[((begin - memory.base) >> granule_shift) + i].store(made, std::memory_order_release);
    }
    allocated_bytes += bytes;
    return CUDAHOST_OK;
}
} // namespace

int memory_allocate(uint64_t bytes, void** address)
{
    std::lock_guard<std::mutex> lock(guard);
    if (!reserve()) return fail(CUDAHOST_OUT_OF_MEMORY, "No range of addresses for device memory could be reserved (1 GiB at least).");
    if (bytes > memory.bytes)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "%llu bytes are more than the %llu bytes of addresses reserved for device memory.",
            static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(memory.bytes));
    }
    size_t granules = (bytes + granule_bytes - 1) >> granule_shift;
    size_t needed = (granules + 1) * granule_bytes;
    for (;;)
    {
        while (quarantine.size() > quarantine_count || quarantine_bytes > memory.bytes / 4) forget_oldest();
        for (auto range = unused.begin(); range != unused.end(); ++range)
        {
            if (range->second < needed) continue;
            uintptr_t begin = range->first;
            size_t left = range->second - needed;
            unused.erase(range);
            if (left > 0) unused[begin + needed] = left;
            int status = take(begin, granules, bytes);
            if (status != CUDAHOST_OK)
            {
                release(begin, needed);
                return status;
            }
            *address = reinterpret_cast<void*>(begin);
            return CUDAHOST_OK;
        }
        if (quarantine.empty()) break;
        forget_oldest();
    }
    return fail(CUDAHOST_OUT_OF_MEMORY, "No free range of %llu bytes is left among %llu bytes of addresses, of which %llu are allocated.",
        static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(memory.bytes),
        static_cast<unsigned long long>(allocated_bytes));
}

int memory_allocate_at(uintptr_t address, uint64_t bytes)
{
    std::lock_guard<std::mutex> lock(guard);
    if (!reserve()) return fail(CUDAHOST_OUT_OF_MEMORY, "No range of addresses for device memory could be reserved (1 GiB at least).");
    size_t granules = (bytes + granule_bytes - 1) >> granule_shift;
    size_t needed = (granules + 1) * granule_bytes;
    auto range = unused.upper_bound(address);
    bool found = range != unused.begin() && bytes != 0 && bytes <= memory.bytes && (address & (granule_bytes - 1)) == 0;
    if (found) --range;
    if (!found || address - range->first > range->second || needed > range->second - (address - range->first))
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "The addresses at 0x%llx are not free here.", static_cast<unsigned long long>(address));
    }
    uintptr_t begin = range->first;
    size_t size = range->second;
    unused.erase(range);
    if (address > begin) unused[begin] = address - begin;
    if (begin + size > address + needed) unused[address + needed] = begin + size - address - needed;
    return take(address, granules, bytes);
}

int memory_free(void* address)
{
    if (address == nullptr) return CUDAHOST_OK;
    std::lock_guard<std::mutex> lock(guard);
    auto found = records.find(reinterpret_cast<uintptr_t>(address));
    if (found == records.end()) return fail(CUDAHOST_INVALID, "%p is not the start of an allocation.", address);
    allocation* record = found->second;
    if (record->end.load() == record->begin) return fail(CUDAHOST_INVALID, "%p has been freed before.", address);
    record->end.store(record->begin);
    size_t mapped = page_rounded(record->bytes);
    // Dropped pages read as zero when the range is used again.
    madvise(address, mapped, MADV_DONTNEED);
    mprotect(address, mapped, PROT_NONE);
#if CUDAHOST_ASAN
    __asan_poison_memory_region(address, record->granules * granule_bytes);
#endif
    allocated_bytes -= record->bytes;
    quarantine_bytes += record->bytes;
    quarantine.push_back(record);
    return CUDAHOST_OK;
}

void memory_total(uint64_t* allocated, uint64_t* capacity)
{
    std::lock_guard<std::mutex> lock(guard);
    reserve();
    if (allocated != nullptr) *allocated = allocated_bytes;
    if (capacity != nullptr) *capacity = memory.bytes;
}

allocation_facts memory_nearest(uintptr_t address)
{
    std::lock_guard<std::mutex> lock(guard);
    allocation_facts nearest;
    if (address - memory.base >= memory.bytes || records.empty()) return nearest;
    auto after = records.upper_bound(address);
    const allocation* chosen = nullptr;
    if (after != records.begin()) chosen = std::prev(after)->second;
    // The one that begins after the address is nearer only where the address lies past the other's end.
    if (after != records.end() && (chosen == nullptr || (address >= chosen->begin + chosen->bytes &&
                                                            after->first - address < address - (chosen->begin + chosen->bytes))))
    {
        chosen = after->second;
    }
    nearest.begin = chosen->begin;
    nearest.bytes = chosen->bytes;
    nearest.freed = chosen->end.load() == chosen->begin;
    return nearest;
}

void memory_visit(void (*visit)(const allocation_facts& facts, void* state), void* state)
{
    std::lock_guard<std::mutex> lock(guard);
    for (const auto& entry : records)
    {
        const allocation* record = entry.second;
        if (record->end.load() == record->begin) continue;
        allocation_facts facts;
        facts.begin = record->begin;
        facts.bytes = record->bytes;
        visit(facts, state);
    }
}
} // namespace cudahost
