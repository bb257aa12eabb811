// The calls that the compiler puts before every load and store of kernel text (-fsanitize=thread), answered with our own checks.
#include "access.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define CUDAHOST_EXPORT extern "C" __attribute__((visibility("default")))

namespace cudahost
{
namespace
{
[[noreturn]] void raise_access(worker& at, int kind, uintptr_t address, size_t bytes, bool write, const place& where, size_t alignment = 0)
{
    raw_fault fault;
    fault.kind = kind;
    fault.address = address;
    fault.bytes = bytes;
    fault.write = write;
    fault.where = where;
    fault.alignment = alignment;
    at.raise(fault);
}

// Whether every byte of the shadow has all bits of `wanted`.
bool shadow_has(const uint8_t* shadow, size_t bytes, uint8_t wanted, uint8_t forbidden)
{
    for (size_t i = 0; i < bytes; i++)
    {
        if ((shadow[i] & wanted) != wanted || (shadow[i] & forbidden) != 0) return false;
    }
    return true;
}

void check_shared(worker& at, uintptr_t address, size_t bytes, access_kind kind, const place& where, bool effects)
{
    size_t offset = address - at.arena_base;
    uint8_t* shadow = at.shadow + offset;
    bool write = kind == access_kind::write;
    if (bytes > arena::capacity - offset || !shadow_has(shadow, bytes, shadow_unwritten, 0))
    {
        raise_access(at, CUDAHOST_FAULT_OUT_OF_BOUNDS, address, bytes, kind != access_kind::read, where);
    }
    if (!write && effects && !shadow_has(shadow, bytes, shadow_written, 4))
    {
        raise_access(at, CUDAHOST_FAULT_UNINITIALISED_SHARED, address, bytes, kind != access_kind::read, where);
    }
    if (!effects) return;
    if (at.races_on && !at.computing)
    {
        race found = at.races->access(at.self->index, offset, bytes, kind != access_kind::read, kind == access_kind::atomic, where.code);
        if (found.other >= 0)
        {
            raw_fault fault;
            fault.kind = CUDAHOST_FAULT_RACE;
            fault.address = address;
            fault.bytes = bytes;
            fault.write = kind != access_kind::read;
            fault.where = where;
            fault.other = found.other;
            fault.other_write = found.other_wrote;
            fault.other_where.code = found.other_code;
            at.raise(fault);
        }
    }
    if (write) memset(shadow, shadow_written, bytes);
}

// Everything that is neither shared memory nor an allocation nor the thread's own stack.
void check_elsewhere(worker& at, uintptr_t address, size_t bytes, bool write, const place& where)
{
    if (at.computing && at.on_other_stack(address, bytes)) return;
    for (const segment& part : *at.job->segments)
    {
        size_t offset = address - part.begin;
        if (offset < part.bytes && bytes <= part.bytes - offset && (part.writable || !write)) return;
    }
    const allocation* owner = allocation_at(address);
    bool freed = owner != nullptr && owner->end.load() == owner->begin && address - owner->begin < owner->bytes;
    raise_access(at, freed ? CUDAHOST_FAULT_FREED : CUDAHOST_FAULT_OUT_OF_BOUNDS, address, bytes, write, where);
}

void check(worker& at, uintptr_t address, size_t bytes, size_t alignment, access_kind kind, const place& where, bool effects)
{
    if (bytes == 0) return;
    bool write = kind != access_kind::read;
    if (alignment > 1 && address % alignment != 0) raise_access(at, CUDAHOST_FAULT_MISALIGNED, address, bytes, write, where, alignment);
    if (address - at.arena_base < arena::capacity)
    {
        check_shared(at, address, bytes, kind, where, effects);
        return;
    }
    if (inside_allocation(address, bytes)) return;
    size_t on_stack = address - at.stack_begin;
    if (on_stack < at.stack_bytes && bytes <= at.stack_bytes - on_stack) return;
    check_elsewhere(at, address, bytes, write, where);
}

// A thread that has read and written for long may be waiting for another of its block, and the launch's time may be over.
__attribute__((noinline)) void make_way(worker& at, const void* code)
{
    at.accesses_left = accesses_before_yield;
    // A computation for a whole warp is not interrupted.
    if (at.self == nullptr || at.computing) return;
    place where;
    where.code = code;
    at.yield(where);
}

template <typename word>
constexpr word repeated(uint8_t byte)
{
    return static_cast<word>(static_cast<word>(~word(0)) / 255 * byte);
}

// The common cases in a few instructions; anything else goes the long way.
template <typename word, bool write, bool aligned, int words = 1>
__attribute__((always_inline)) inline void fast_check(void* pointer, const void* code)
{
    worker* at = current;
    if (at == nullptr) return;
    if (__builtin_expect(--at->accesses_left == 0, 0)) make_way(*at, code);
    uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
    constexpr size_t bytes = sizeof(word) * words;
    if (!aligned || (address & (sizeof(word) - 1)) == 0)
    {
        size_t offset = address - at->arena_base;
        if (offset < arena::capacity - bytes)
        {
            if (!at->races_on)
            {
                word* shadow = reinterpret_cast<word*>(at->shadow + offset);
                bool good = true;
                for (int i = 0; i < words; i++)
                {
                    word state;
                    memcpy(&state, shadow + i, sizeof(word));
                    if (write)
                        good &= (state & repeated<word>(1)) == repeated<word>(1);
                    else
                        good &= state == repeated<word>(shadow_written);
                }
                if (__builtin_expect(good, 1))
                {
                    if (write)
                    {
                        constexpr word written = repeated<word>(shadow_written);
                        for (int i = 0; i < words; i++) memcpy(shadow + i, &written, sizeof(word));
                    }
                    return;
                }
            }
        }
        else
        {
            if (__builtin_expect(inside_allocation(address, bytes), 1)) return;
            if (address - at->stack_begin < at->stack_bytes - bytes) return;
        }
    }
    place where;
    where.code = code;
    check(*at, address, bytes, aligned ? sizeof(word) : 1, write ? access_kind::write : access_kind::read, where, true);
}
} // namespace

void check_access(worker& at, uintptr_t address, size_t bytes, size_t alignment, access_kind kind, const place& where)
{
    check(at, address, bytes, alignment, kind, where, true);
}

void check_range(worker& at, uintptr_t address, size_t bytes, size_t alignment, bool write, const place& where)
{
    check(at, address, bytes, alignment, write ? access_kind::write : access_kind::read, where, false);
}
} // namespace cudahost

// Values of 16 bytes are checked as two of 8: what is 16-byte aligned by its type is checked by -fsanitize=alignment.
#define CUDAHOST_ACCESS(suffix, word, words)                                                   \
    CUDAHOST_EXPORT void __tsan_read##suffix(void* address)                                    \
    {                                                                                          \
        cudahost::fast_check<word, false, true, words>(address, __builtin_return_address(0));  \
    }                                                                                          \
    CUDAHOST_EXPORT void __tsan_write##suffix(void* address)                                   \
    {                                                                                          \
        cudahost::fast_check<word, true, true, words>(address, __builtin_return_address(0));   \
    }                                                                                          \
    CUDAHOST_EXPORT void __tsan_unaligned_read##suffix(void* address)                          \
    {                                                                                          \
        cudahost::fast_check<word, false, false, words>(address, __builtin_return_address(0)); \
    }                                                                                          \
    CUDAHOST_EXPORT void __tsan_unaligned_write##suffix(void* address)                         \
    {                                                                                          \
        cudahost::fast_check<word, true, false, words>(address, __builtin_return_address(0));  \
    }                                                                                          \
    CUDAHOST_EXPORT void __tsan_volatile_read##suffix(void* address)                           \
    {                                                                                          \
        cudahost::fast_check<word, false, true, words>(address, __builtin_return_address(0));  \
    }                                                                                          \
    CUDAHOST_EXPORT void __tsan_volatile_write##suffix(void* address)                          \
    {                                                                                          \
        cudahost::fast_check<word, true, true, words>(address, __builtin_return_address(0));   \
    }

CUDAHOST_ACCESS(1, uint8_t, 1)
CUDAHOST_ACCESS(2, uint16_t, 1)
CUDAHOST_ACCESS(4, uint32_t, 1)
CUDAHOST_ACCESS(8, uint64_t, 1)
CUDAHOST_ACCESS(16, uint64_t, 2)

namespace
{
void check_from_code(const void* address, size_t bytes, cudahost::access_kind kind, const void* code)
{
    if (cudahost::current == nullptr) return;
    cudahost::place where;
    where.code = code;
    cudahost::check_access(*cudahost::current, reinterpret_cast<uintptr_t>(address), bytes, 1, kind, where);
}
} // namespace

CUDAHOST_EXPORT void __tsan_read_range(void* address, long bytes)
{
    check_from_code(address, static_cast<size_t>(bytes), cudahost::access_kind::read, __builtin_return_address(0));
}
CUDAHOST_EXPORT void __tsan_write_range(void* address, long bytes)
{
    check_from_code(address, static_cast<size_t>(bytes), cudahost::access_kind::write, __builtin_return_address(0));
}

// clang calls these for memcpy and its kin in instrumented text.
CUDAHOST_EXPORT void* __tsan_memcpy(void* target, const void* source, size_t bytes)
{
    check_from_code(source, bytes, cudahost::access_kind::read, __builtin_return_address(0));
    check_from_code(target, bytes, cudahost::access_kind::write, __builtin_return_address(0));
    return memcpy(target, source, bytes);
}
CUDAHOST_EXPORT void* __tsan_memmove(void* target, const void* source, size_t bytes)
{
    check_from_code(source, bytes, cudahost::access_kind::read, __builtin_return_address(0));
    check_from_code(target, bytes, cudahost::access_kind::write, __builtin_return_address(0));
    return memmove(target, source, bytes);
}
CUDAHOST_EXPORT void* __tsan_memset(void* target, int value, size_t bytes)
{
    check_from_code(target, bytes, cudahost::access_kind::write, __builtin_return_address(0));
    return memset(target, value, bytes);
}

// What is left of the stack does not suffice for a function that is about to begin.
CUDAHOST_EXPORT void cudahost_stack_exhausted(const void* code)
{
    cudahost::worker* at = cudahost::current;
    if (at == nullptr || at->self == nullptr) abort();
    cudahost::raw_fault fault;
    fault.kind = CUDAHOST_FAULT_STACK_OVERFLOW;
    fault.bytes = at->stack_bytes;
    fault.where.code = code;
    at->raise(fault);
}

// The instrumentation's own bookkeeping. Without -fsplit-stack a function's entry is where its stack is looked at.
CUDAHOST_EXPORT void __tsan_init() {}
CUDAHOST_EXPORT void __tsan_func_exit(void*) {}
CUDAHOST_EXPORT void __tsan_func_entry(void* code)
{
    cudahost::worker* at = cudahost::current;
    if (at == nullptr || at->self == nullptr) return;
    uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (here - at->stack_begin - cudahost::stack_reserve >= at->stack_bytes) cudahost_stack_exhausted(code);
}
// A virtual table pointer is a store like another.
CUDAHOST_EXPORT void __tsan_vptr_update(void* pointer, void*)
{
    check_from_code(pointer, sizeof(void*), cudahost::access_kind::write, __builtin_return_address(0));
}
CUDAHOST_EXPORT void __tsan_vptr_read(void* pointer)
{
    check_from_code(pointer, sizeof(void*), cudahost::access_kind::read, __builtin_return_address(0));
}

// What -fsanitize=alignment calls where a typed access is misaligned; the layout is the compilers' common one.
namespace
{
struct alignment_site
{
    const char* file;
    uint32_t line;
    uint32_t column;
    const void* type;
    unsigned char log_alignment;
    unsigned char check_kind; // 0: load, 1: store, others: a reference, a member
};

void raise_alignment(const alignment_site* site, const void* pointer)
{
    cudahost::worker* at = cudahost::current;
    if (at == nullptr) return;
    cudahost::raw_fault fault;
    fault.kind = CUDAHOST_FAULT_MISALIGNED;
    fault.address = reinterpret_cast<uintptr_t>(pointer);
    fault.alignment = size_t(1) << site->log_alignment;
    fault.bytes = fault.alignment;
    fault.write = site->check_kind == 1;
    fault.where.file = site->file;
    fault.where.line = static_cast<int>(site->line);
    at->raise(fault);
}
} // namespace

CUDAHOST_EXPORT void __ubsan_handle_type_mismatch_v1(void* site, void* pointer)
{
    raise_alignment(static_cast<const alignment_site*>(site), pointer);
}
CUDAHOST_EXPORT void __ubsan_handle_type_mismatch_v1_abort(void* site, void* pointer)
{
    raise_alignment(static_cast<const alignment_site*>(site), pointer);
    abort();
}
