// Device and page-locked memory, both on the host's heap. Freed memory stays in quarantine for a while, so that its use is recognised.
#include "driver.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fakecuda
{
namespace
{
constexpr size_t canary_bytes = 256; // keeps the alignment that the driver promises
constexpr unsigned char canary = 0xC5;
constexpr unsigned char fresh = 0xFB; // as floats and halves: large negative numbers
constexpr unsigned char stale = 0xDD;
constexpr size_t quarantine_bytes = size_t(64) << 20;
std::deque<Block*>& quarantine()
{
    static auto* blocks = new std::deque<Block*>();
    return *blocks;
}

size_t quarantined = 0;

Block* make_block(size_t bytes)
{
    const size_t whole = (bytes + 2 * canary_bytes + 255) / 256 * 256;
    auto* raw = static_cast<char*>(std::aligned_alloc(256, whole));
    if (raw == nullptr) return nullptr;
    auto* block = new Block();
    block->start = raw + canary_bytes;
    block->bytes = bytes;
    std::memset(raw, canary, canary_bytes);
    // Large blocks are left as the system gives them: touching all of them would make the tests slow.
    std::memset(block->start, fresh, std::min(bytes, size_t(1) << 20));
    std::memset(block->start + bytes, canary, canary_bytes);
    return block;
}

void free_bytes(Block& block)
{
    std::free(block.start - canary_bytes);
    block.start = nullptr;
}

void bury(Block& block)
{
    std::memset(block.start, stale, block.bytes);
    state().freed[uintptr_t(block.start)] = &block;
    quarantine().push_back(&block);
    quarantined += block.bytes;
    while (quarantined > quarantine_bytes && quarantine().size() > 1)
    {
        Block* oldest = quarantine().front();
        quarantine().pop_front();
        quarantined -= oldest->bytes;
        state().freed.erase(uintptr_t(oldest->start));
        free_bytes(*oldest);
    }
}

Block* find_in(const std::map<uintptr_t, Block*>& blocks, uintptr_t address)
{
    auto at = blocks.upper_bound(address);
    if (at == blocks.begin()) return nullptr;
    Block* block = (--at)->second;
    return address < at->first + std::max(block->bytes, size_t(1)) ? block : nullptr;
}

void release_device_block(Block& block)
{
    check_canaries(block);
    state().memory.erase(uintptr_t(block.start));
    state().devices[size_t(block.context->device)].used -= block.bytes;
    bury(block);
}
} // namespace

void check_canaries(const Block& block)
{
    for (size_t i = 0; i < canary_bytes; i++)
    {
        const bool before = static_cast<unsigned char>(block.start[-1 - long(i)]) != canary;
        const bool behind = static_cast<unsigned char>(block.start[block.bytes + i]) != canary;
        if (!before && !behind) continue;
        const std::string size = std::to_string(block.bytes);
        violation(std::string("bytes ") + (before ? "before" : "behind") + " a block of " + size + " bytes were written");
        return;
    }
}

bool check_range(uintptr_t address, size_t bytes, const Context* context, const char* what)
{
    const Block* block = find_in(state().memory, address);
    if (block != nullptr && block->context == context && bytes <= block->bytes - (address - uintptr_t(block->start))) return true;
    const std::string range = std::to_string(bytes) + " bytes at " + address_text(reinterpret_cast<void*>(address));
    if (block != nullptr && block->context != context)
        violation(std::string(what) + ": " + range + " belong to another context");
    else if (block != nullptr)
        violation(std::string(what) + ": " + range + " pass the end of a block of " + std::to_string(block->bytes));
    else if (find_in(state().freed, address) != nullptr)
        violation(std::string(what) + ": " + range + " were freed");
    else
        violation(std::string(what) + ": " + range + " lie in no allocation");
    return false;
}

Block* host_block(const void* address, size_t bytes)
{
    Block* block = find_in(state().host, uintptr_t(address));
    return block != nullptr && bytes <= block->bytes - size_t(static_cast<const char*>(address) - block->start) ? block : nullptr;
}

// A context that goes takes its memory along; what destroy_objects says about it comes after this.
void destroy_memory(Context& context)
{
    auto sweep = [&context](std::map<uintptr_t, Block*>& blocks, bool on_device)
    {
        std::vector<Block*> own;
        for (const auto& entry : blocks)
        {
            if (entry.second->context == &context) own.push_back(entry.second);
        }

        for (Block* block : own)
        {
            if (on_device)
            {
                release_device_block(*block);
                continue;
            }

            check_canaries(*block);
            blocks.erase(uintptr_t(block->start));
            free_bytes(*block);
        }
    };
    sweep(state().memory, true);
    sweep(state().host, false);
}
} // namespace fakecuda

using namespace fakecuda;

namespace
{
// What all copies check before they are queued.
int check_copy(Stream* stream, size_t bytes, Context*& context)
{
    int status;
    context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    return bytes == 0 ? InvalidValue : Success;
}
} // namespace

FAKE_API int cuMemGetInfo_v2(size_t* free, size_t* total)
{
    FAKE_ENTRY("cuMemGetInfo_v2");
    int status;
    const Context* context = usable_context(status);
    if (context == nullptr) return status;
    const Device& device = state().devices[size_t(context->device)];
    *free = device.memory - device.used;
    *total = device.memory;
    return Success;
}

FAKE_API int cuMemAlloc_v2(uintptr_t* address, size_t bytes)
{
    FAKE_ENTRY("cuMemAlloc_v2");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if (bytes == 0) return InvalidValue;
    Device& device = state().devices[size_t(context->device)];
    if (bytes > device.memory - device.used) return OutOfMemory;
    Block* block = make_block(bytes);
    if (block == nullptr) return OutOfMemory;
    block->context = context;
    device.used += bytes;
    *address = uintptr_t(block->start);
    state().memory[*address] = block;
    note_object("memory", block);
    return Success;
}

// Waits for all work of the context, as the driver does for memory of cuMemAlloc.
FAKE_API int cuMemFree_v2(uintptr_t address)
{
    FAKE_ENTRY("cuMemFree_v2");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    run_context(*context);
    if (context->sticky != Success) return context->sticky;
    const auto found = state().memory.find(address);
    if (found == state().memory.end())
    {
        violation(find_in(state().freed, address) != nullptr ? "memory was freed twice" : "memory was freed that was never allocated");
        return InvalidValue;
    }

    Block* block = found->second;
    if ((status = check_object(block, context, "block of memory")) != Success) return status;
    release_device_block(*block);
    forget_object("memory", block);
    return Success;
}

FAKE_API int cuMemHostAlloc(void** address, size_t bytes, unsigned flags)
{
    FAKE_ENTRY("cuMemHostAlloc");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if (bytes == 0 || flags > 7) return InvalidValue;
    if (bytes > state().host_memory) return OutOfMemory;
    Block* block = make_block(bytes);
    if (block == nullptr) return OutOfMemory;
    block->context = context;
    *address = block->start;
    state().host[uintptr_t(block->start)] = block;
    note_object("host_memory", block);
    return Success;
}

FAKE_API int cuMemFreeHost(void* address)
{
    FAKE_ENTRY("cuMemFreeHost");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    const auto found = state().host.find(uintptr_t(address));
    if (found == state().host.end())
    {
        violation("page-locked memory was freed twice or never allocated");
        return InvalidValue;
    }

    Block* block = found->second;
    for (const Stream* stream : block->context->streams)
    {
        for (const Work& work : stream->queue)
        {
            if (work.host == nullptr || work.host < block->start || work.host >= block->start + block->bytes) continue;
            violation("page-locked memory was freed while a copy that uses it is queued");
        }
    }

    run_context(*block->context);
    check_canaries(*block);
    state().host.erase(found);
    forget_object("host_memory", block);
    free_bytes(*block);
    return Success;
}

// From pageable memory the bytes are taken at once, as the driver stages them; from page-locked memory when the copy's turn comes.
FAKE_API int cuMemcpyHtoDAsync_v2(uintptr_t target, const void* source, size_t bytes, Stream* stream)
{
    FAKE_ENTRY("cuMemcpyHtoDAsync_v2");
    Context* context;
    const int status = check_copy(stream, bytes, context);
    if (status != Success) return status;
    if (!check_range(target, bytes, context, "cuMemcpyHtoDAsync_v2")) return InvalidValue;
    const auto* first = static_cast<const char*>(source);
    const bool page_locked = host_block(source, bytes) != nullptr;
    auto copy = [=, staged = page_locked ? std::vector<char>() : std::vector<char>(first, first + bytes)]
    {
        if (!check_range(target, bytes, context, "a queued copy to the device")) return;
        std::memcpy(reinterpret_cast<void*>(target), page_locked ? first : staged.data(), bytes);
    };
    enqueue(*stream, {std::move(copy), page_locked ? first : nullptr});
    return Success;
}

// To pageable memory the driver waits and copies; to page-locked memory the copy is queued.
FAKE_API int cuMemcpyDtoHAsync_v2(void* target, uintptr_t source, size_t bytes, Stream* stream)
{
    FAKE_ENTRY("cuMemcpyDtoHAsync_v2");
    Context* context;
    const int status = check_copy(stream, bytes, context);
    if (status != Success) return status;
    if (!check_range(source, bytes, context, "cuMemcpyDtoHAsync_v2")) return InvalidValue;
    const bool page_locked = host_block(target, bytes) != nullptr;
    auto copy = [=]
    {
        if (!check_range(source, bytes, context, "a queued copy from the device")) return;
        std::memcpy(target, reinterpret_cast<void*>(source), bytes);
    };
    enqueue(*stream, {copy, static_cast<const char*>(target)});
    if (page_locked) return Success;
    run_all(*stream);
    return context->sticky;
}

FAKE_API int cuMemcpyDtoDAsync_v2(uintptr_t target, uintptr_t source, size_t bytes, Stream* stream)
{
    FAKE_ENTRY("cuMemcpyDtoDAsync_v2");
    Context* context;
    const int status = check_copy(stream, bytes, context);
    if (status != Success) return status;
    auto check = [=](const char* what)
    {
        return check_range(target, bytes, context, what) && check_range(source, bytes, context, what);
    };
    if (!check("cuMemcpyDtoDAsync_v2")) return InvalidValue;
    if (target < source + bytes && source < target + bytes) violation("cuMemcpyDtoDAsync_v2: the ranges overlap");
    auto copy = [=]
    {
        if (check("a queued copy")) std::memmove(reinterpret_cast<void*>(target), reinterpret_cast<void*>(source), bytes);
    };
    enqueue(*stream, {copy});
    return Success;
}

FAKE_API int cuMemsetD8Async(uintptr_t target, unsigned char value, size_t bytes, Stream* stream)
{
    FAKE_ENTRY("cuMemsetD8Async");
    Context* context;
    const int status = check_copy(stream, bytes, context);
    if (status != Success) return status;
    if (!check_range(target, bytes, context, "cuMemsetD8Async")) return InvalidValue;
    auto fill = [=]
    {
        if (check_range(target, bytes, context, "a queued fill")) std::memset(reinterpret_cast<void*>(target), value, bytes);
    };
    enqueue(*stream, {fill});
    return Success;
}
