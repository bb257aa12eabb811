#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <string>

#include "kernel_calls.h"
#include "memory.h"
#include "source_lines.h"

namespace cudahost
{
namespace
{
constexpr unsigned most_lines_asked = 4;

__attribute__((format(printf, 1, 2))) std::string text_of(const char* format, ...)
{
    char buffer[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof(buffer), format, arguments);
    va_end(arguments);
    return buffer;
}

template <size_t N>
void copy_text(char (&target)[N], const std::string& text)
{
    size_t length = text.size() < N ? text.size() : N - 1;
    memcpy(target, text.data(), length);
    target[length] = 0;
}

std::string file_name(const std::string& path)
{
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string count_of(size_t count, const char* what) { return text_of("%zu %s%s", count, what, count == 1 ? "" : "s"); }

std::string thread_name(const worker& at, unsigned thread)
{
    uint3 index = at.index_of(thread);
    return text_of("thread (%u, %u, %u)", index.x, index.y, index.z);
}

// "What is there" in words, and in the fault's fields.
void describe_object(const worker& at, uintptr_t address, size_t bytes, cudahost_fault& fault, std::string& where)
{
    uintptr_t begin = 0;
    size_t size = 0;
    std::string name;
    if (address - at.arena_base < arena::capacity)
    {
        if (const shared_range* nearest = at.shared.nearest(address))
        {
            begin = nearest->begin;
            size = nearest->bytes;
            if (nearest->name == nullptr)
                name = "the " + count_of(size, "byte") + " of dynamic shared memory";
            else
                name = text_of("shared array '%s' of %s", nearest->name, count_of(size, "byte").c_str());
        }
        else
            where = "in shared memory, of which the block has none";
    }
    else
    {
        allocation_facts nearest = memory_nearest(address);
        if (nearest.bytes != 0)
        {
            begin = nearest.begin;
            size = nearest.bytes;
            name = std::string(nearest.freed ? "a freed allocation of " : "an allocation of ") + count_of(size, "byte");
        }
        else if (address < 65536)
            where = "at a null pointer";
        else if (at.on_other_stack(address, bytes))
            where = "in the local memory of another thread";
        else
            where = "which is neither device memory nor shared memory nor the thread's own";
    }
    if (size == 0) return;
    fault.object_address = begin;
    fault.object_bytes = size;
    fault.offset = static_cast<int64_t>(address - begin);
    copy_text(fault.object, name);
    if (address < begin)
        where = count_of(begin - address, "byte") + " before " + name;
    else if (address >= begin + size)
    {
        fault.past_end = address - (begin + size);
        where = (fault.past_end == 0 ? "at the end" : count_of(fault.past_end, "byte") + " past the end") + " of " + name;
    }
    else if (bytes > size - (address - begin))
        where = text_of("at offset %lld, across the end of ", (long long)fault.offset) + name;
    else
        where = text_of("at offset %lld of ", (long long)fault.offset) + name;
}

// "threads 0-31 and 64": index in the block.
void append_range(std::string& text, unsigned first, unsigned last)
{
    if (!text.empty()) text += ", ";
    text += first == last ? text_of("%u", first) : text_of("%u-%u", first, last);
}

std::string waits_in(const worker& at, const fiber& thread)
{
    std::string text = thread.operation == nullptr ? "?" : thread.operation;
    if (thread.wait == wait_kind::collective) text += text_of(" (mask 0x%08x)", thread.mask);
    if (thread.wait == wait_kind::named_barrier)
    {
        const named_barrier& barrier = at.barriers[thread.barrier];
        text += text_of(" (barrier %u, %u of %u have come)", thread.barrier, barrier.arrived, barrier.expected);
    }
    if (thread.where.file != nullptr) text += " at " + file_name(thread.where.file) + text_of(":%d", thread.where.line);
    return text;
}

// Everybody's place, one group of threads after the other.
std::string who_waits_where(const worker& at, bool running)
{
    std::string text;
    bool told[max_block_threads] = {};
    auto group = [&](unsigned from, auto belongs)
    {
        std::string ranges;
        unsigned first = 0;
        bool open = false;
        for (unsigned i = from; i <= at.threads; i++)
        {
            bool in = i < at.threads && !told[i] && belongs(at.fibers[i]);
            if (in) told[i] = true;
            if (in && !open) first = i;
            if (!in && open) append_range(ranges, first, i - 1);
            open = in;
        }
        return ranges;
    };
    for (unsigned i = 0; i < at.threads; i++)
    {
        const fiber& each = at.fibers[i];
        if (told[i] || each.wait == wait_kind::none) continue;
        std::string where = waits_in(at, each);
        std::string ranges =
            group(i, [&](const fiber& other)
                { return other.wait == each.wait && waits_in(at, other) == where; });
        text += " Threads " + ranges + " wait in " + where + ".";
    }
    // Of those that run, known is where they last made way. Finding a line takes a while, so not for every place there is.
    for (unsigned i = 0, asked = 0; running && i < at.threads; i++)
    {
        const fiber& each = at.fibers[i];
        if (told[i] || each.state != thread_state::running) continue;
        auto together = [&](const fiber& other)
        { return other.state == thread_state::running && other.where.code == each.where.code && same_site(other, each); };
        std::string ranges = group(i, together);
        source_line line;
        if (each.where.file != nullptr)
        {
            line.file = each.where.file;
            line.line = each.where.line;
        }
        else if (each.where.code != nullptr && asked++ < most_lines_asked)
            line = source_of(each.where.code);
        text += " Threads " + ranges + " are running";
        text += line.line == 0 ? "." : ", last seen at " + file_name(line.file) + text_of(":%d.", line.line);
    }
    std::string unstarted = group(0, [](const fiber& other)
        { return other.state == thread_state::not_started; });
    if (!unstarted.empty()) text += " Threads " + unstarted + " have not begun.";
    std::string returned = group(0, [](const fiber& other)
        { return other.state == thread_state::returned; });
    if (!returned.empty()) text += " Threads " + returned + " have returned.";
    return text;
}

void set_place(const place& from, char (&file)[256], int32_t& line, cudahost_fault* fault)
{
    source_line found = source_of(from.code);
    if (from.file != nullptr)
    {
        found.file = from.file;
        found.line = from.line;
    }
    copy_text(file, found.file);
    line = found.line;
    if (fault == nullptr) return;
    copy_text(fault->module, found.module);
    fault->module_offset = found.module_offset;
}

std::string what_happened(const worker& at, const raw_fault& raw, cudahost_fault& fault)
{
    const char* access = raw.write ? "writes" : "reads";
    std::string where;
    std::string bytes = count_of(raw.bytes, "byte");
    switch (raw.kind)
    {
        case CUDAHOST_FAULT_OUT_OF_BOUNDS:
        case CUDAHOST_FAULT_FREED:
        case CUDAHOST_FAULT_UNINITIALISED_SHARED:
        case CUDAHOST_FAULT_MISALIGNED:
        case CUDAHOST_FAULT_RACE:
            describe_object(at, raw.address, raw.bytes, fault, where);
            break;
        default:
            break;
    }
    std::string at_address = text_of(" at 0x%llx, ", (unsigned long long)raw.address);
    switch (raw.kind)
    {
        case CUDAHOST_FAULT_OUT_OF_BOUNDS:
        case CUDAHOST_FAULT_FREED:
            return access + (" " + bytes) + at_address + where;
        case CUDAHOST_FAULT_MISALIGNED:
            return access + (" " + bytes) + at_address + where + text_of(", which is not a multiple of %zu", raw.alignment);
        case CUDAHOST_FAULT_UNINITIALISED_SHARED:
        {
            bool pending = false;
            for (size_t i = 0; i < raw.bytes; i++) pending |= at.shadow[raw.address - at.arena_base + i] == shadow_pending;
            return access + (" " + bytes) + at_address + where +
                   (pending ? ", to which a cp.async has been issued but not waited for" : ", before they are written");
        }
        case CUDAHOST_FAULT_RACE:
        {
            std::string other = raw.other_write ? "wrote" : "read";
            std::string line = fault.other_line == 0 ? "" : " at " + file_name(fault.other_file) + text_of(":%d", fault.other_line);
            return access + (" " + bytes) + at_address + where + ", which " + thread_name(at, static_cast<unsigned>(raw.other)) + " " +
                   other +
                   line + " with nothing in between that orders the two";
        }
        case CUDAHOST_FAULT_SHARED_LIMIT:
        {
            std::string text = text_of("needs more than the %zu bytes of shared memory that a block may have: ", at.job->shared_limit);
            for (const shared_range& each : at.shared.arrays()) text += text_of("'%s' %zu, ", each.name, each.bytes);
            if (raw.detail != nullptr) text += text_of("'%s' %zu, ", raw.detail, raw.bytes);
            return text + text_of("dynamic %zu", at.job->dynamic_bytes);
        }
        case CUDAHOST_FAULT_STACK_OVERFLOW:
            return text_of("needs more than the %zu bytes of its stack; set KSUITE_CUDAHOST_STACK to more", raw.bytes);
        case CUDAHOST_FAULT_TIMEOUT:
            return "is stopped: the launch has taken more than " + count_of(at.job->timeout_seconds, "second");
        case CUDAHOST_FAULT_TRAP:
            return std::string("stops: ") + (raw.detail == nullptr ? "__trap()" : raw.detail);
        default:
            return raw.detail == nullptr ? "does what the hardware does not have" : raw.detail;
    }
}
} // namespace

void describe_fault(const worker& at, const raw_fault& raw, cudahost_fault& fault)
{
    memset(&fault, 0, sizeof(fault));
    fault.kind = raw.kind;
    fault.is_write = raw.write;
    fault.address = raw.address;
    fault.bytes = raw.bytes;
    fault.block[0] = at.block_index.x;
    fault.block[1] = at.block_index.y;
    fault.block[2] = at.block_index.z;
    uint3 thread = at.index_of(at.fault_thread->index);
    fault.thread[0] = thread.x;
    fault.thread[1] = thread.y;
    fault.thread[2] = thread.z;
    copy_text(fault.kernel, at.job->entry->name);
    copy_text(fault.module, at.job->module_path);
    set_place(raw.where, fault.file, fault.line, raw.where.code == nullptr ? nullptr : &fault);
    if (raw.other >= 0)
    {
        uint3 other = at.index_of(static_cast<unsigned>(raw.other));
        fault.has_other = 1;
        fault.other[0] = other.x;
        fault.other[1] = other.y;
        fault.other[2] = other.z;
        set_place(raw.other_where, fault.other_file, fault.other_line, nullptr);
    }
    std::string what = what_happened(at, raw, fault);
    std::string line = fault.line == 0 ? "" : " (" + file_name(fault.file) + text_of(":%d)", fault.line);
    std::string message = text_of("Kernel '%s', block (%u, %u, %u), ", at.job->entry->name, at.block_index.x, at.block_index.y,
                              at.block_index.z) +
                          thread_name(at, at.fault_thread->index) + line + " " + what + ".";
    bool waiting = raw.kind == CUDAHOST_FAULT_DEADLOCK || raw.kind == CUDAHOST_FAULT_DIVERGENT_BARRIER ||
                   raw.kind == CUDAHOST_FAULT_MISMATCHED_COLLECTIVE || raw.kind == CUDAHOST_FAULT_TIMEOUT;
    if (waiting) message += who_waits_where(at, raw.kind == CUDAHOST_FAULT_TIMEOUT);
    copy_text(fault.message, message);
}
} // namespace cudahost
