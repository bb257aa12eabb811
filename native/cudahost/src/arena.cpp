#include "arena.h"

#include <new>
#include <string.h>
#include <sys/mman.h>

#include "context.h"

#if CUDAHOST_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace cudahost
{
namespace
{
// Between any two arrays; the odd 64 bytes keep equal offsets of neighbours in different cache sets.
constexpr size_t zone_bytes = 4096 + 64;
constexpr size_t page = 65536;

size_t round_up(size_t value, size_t alignment) { return (value + alignment - 1) / alignment * alignment; }

uint8_t* map_between_guards(size_t bytes)
{
    void* range = mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) throw std::bad_alloc();
    uint8_t* begin = static_cast<uint8_t*>(range) + page;
    if (mprotect(begin, bytes, PROT_READ | PROT_WRITE) != 0)
    {
        munmap(range, bytes + 2 * page);
        throw std::bad_alloc();
    }
    return begin;
}
} // namespace

arena::arena() : bytes_(map_between_guards(capacity)), shadow_(nullptr)
{
    shadow_ = map_between_guards(capacity);
#if CUDAHOST_ASAN
    __asan_poison_memory_region(bytes_, capacity);
#endif
}

arena::~arena()
{
#if CUDAHOST_ASAN
    __asan_unpoison_memory_region(bytes_, capacity);
#endif
    munmap(bytes_ - page, capacity + 2 * page);
    munmap(shadow_ - page, capacity + 2 * page);
}

void arena::open(uintptr_t begin, size_t bytes)
{
    size_t offset = begin - base();
#if CUDAHOST_ASAN
    __asan_unpoison_memory_region(bytes_ + offset, bytes);
#endif
    memset(shadow_ + offset, shadow_unwritten, bytes);
    uint8_t* target = bytes_ + offset;
    for (size_t i = 0; i + sizeof(poison_word) <= bytes; i += sizeof(poison_word)) memcpy(target + i, &poison_word, sizeof(poison_word));
    memcpy(target + bytes / 4 * 4, &poison_word, bytes % 4);
    used_ = offset + bytes;
}

void arena::begin_block(size_t dynamic_bytes)
{
    memset(shadow_, shadow_outside, used_);
#if CUDAHOST_ASAN
    __asan_poison_memory_region(bytes_, round_up(used_, 8));
#endif
    arrays_.clear();
    used_ = 0;
    static_bytes_ = 0;
    uintptr_t begin = round_up(base() + zone_bytes, 1024);
    dynamic_ = {nullptr, nullptr, begin, dynamic_bytes};
    open(begin, dynamic_bytes);
}

const shared_range* arena::add(const char* name, size_t bytes, size_t alignment, const void* site)
{
    uintptr_t begin = round_up(base() + used_ + zone_bytes, alignment);
    if (begin + bytes + zone_bytes > base() + capacity) return nullptr;
    open(begin, bytes);
    static_bytes_ += bytes;
    arrays_.push_back({name, site, begin, bytes});
    return &arrays_.back();
}

const shared_range* arena::nearest(uintptr_t address) const
{
    const shared_range* best = nullptr;
    size_t best_distance = ~size_t(0);
    auto consider = [&](const shared_range& range)
    {
        if (range.bytes == 0) return;
        size_t distance = 0;
        if (address < range.begin)
            distance = range.begin - address;
        else if (address >= range.begin + range.bytes)
            distance = address - (range.begin + range.bytes) + 1;
        if (distance < best_distance)
        {
            best_distance = distance;
            best = &range;
        }
    };
    consider(dynamic_);
    for (const shared_range& range : arrays_) consider(range);
    return best;
}
} // namespace cudahost
