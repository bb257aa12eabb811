// A block's shared memory with a shadow byte for every byte: whether it belongs to an array, has been written, or waits for an
// asynchronous copy.
#ifndef CUDAHOST_ARENA_H
#define CUDAHOST_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace cudahost
{
enum shadow_state : uint8_t
{
    shadow_outside = 0,   // nobody's: a zone around an array
    shadow_unwritten = 1, // bit 0: belongs to an array
    shadow_written = 3,   // bit 1: holds a value
    shadow_pending = 5    // bit 2: a copy to it has been issued and not waited for
};

// A signalling NaN as float and as bfloat16, a NaN as half: what unwritten shared memory holds.
constexpr uint32_t poison_word = 0x7fa17fa1u;

struct shared_range
{
    const char* name; // null for dynamic shared memory
    const void* site;
    uintptr_t begin;
    size_t bytes;
};

class arena
{
  public:
    arena();
    ~arena();
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;

    uintptr_t base() const { return reinterpret_cast<uintptr_t>(bytes_); }
    size_t size() const { return capacity; }
    uint8_t* shadow() const { return shadow_; }

    // Forgets the last block's arrays and lays out the dynamic shared memory.
    void begin_block(size_t dynamic_bytes);
    // The array of a site, or null where there is none yet.
    const shared_range* find(const void* site) const
    {
        for (const shared_range& range : arrays_)
        {
            if (range.site == site) return &range;
        }
        return nullptr;
    }
    // Lays out one more array; null when there is no address space left for it.
    const shared_range* add(const char* name, size_t bytes, size_t alignment, const void* site);
    const shared_range& dynamic() const { return dynamic_; }
    const std::vector<shared_range>& arrays() const { return arrays_; }
    size_t static_bytes() const { return static_bytes_; }
    // The array nearest to an address of the arena; null where there is none at all.
    const shared_range* nearest(uintptr_t address) const;

    static constexpr size_t capacity = size_t(8) << 20;

  private:
    void open(uintptr_t begin, size_t bytes);

    uint8_t* bytes_;
    uint8_t* shadow_;
    size_t used_ = 0; // end of the last range, from the base
    size_t static_bytes_ = 0;
    shared_range dynamic_ = {};
    std::vector<shared_range> arrays_;
};
} // namespace cudahost

#endif
