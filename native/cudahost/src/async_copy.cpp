// cp.async: checked when issued, carried out when waited for.
#include "access.h"
#include "kernel_calls.h"

namespace cudahost
{
namespace
{
// Carries out the thread's copies of all groups before `end`.
void carry_out(worker& at, uint64_t end)
{
    std::vector<async_copy>& copies = at.self->async_copies;
    size_t done = 0;
    while (done < copies.size() && copies[done].group < end)
    {
        const async_copy& copy = copies[done++];
        uint8_t* target = static_cast<uint8_t*>(copy.target);
        uintptr_t address = reinterpret_cast<uintptr_t>(target);
        // Races first: they are with whoever used the destination meanwhile.
        check_access(at, address, copy.bytes, copy.bytes, access_kind::write, copy.where);
        memcpy(target, copy.source, copy.source_bytes);
        memset(target + copy.source_bytes, 0, copy.bytes - copy.source_bytes);
        at.counts.async_copies++;
    }
    copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(done));
}
} // namespace
} // namespace cudahost

using namespace cudahost;

CUDAHOST_EXPORT void cudahost_async_copy(
    void* shared, const void* global, unsigned bytes, unsigned source_bytes, const char* file, int line)
{
    worker& at = calling_worker("cp.async", file, line);
    if ((bytes != 4 && bytes != 8 && bytes != 16) || source_bytes > bytes)
        raise_invalid(at, "issues a cp.async of other than 4, 8 or 16 bytes, or with more source bytes than that", file, line);
    place where;
    where.code = __builtin_return_address(0);
    where.file = file;
    where.line = line;
    uintptr_t target = reinterpret_cast<uintptr_t>(shared);
    if (target - at.arena_base >= arena::capacity) raise_invalid(at, "issues a cp.async to memory that is not shared", file, line);
    if (reinterpret_cast<uintptr_t>(global) - at.arena_base < arena::capacity)
        raise_invalid(at, "issues a cp.async from shared memory", file, line);
    check_range(at, target, bytes, bytes, true, where);
    if (source_bytes > 0) check_range(at, reinterpret_cast<uintptr_t>(global), source_bytes, bytes, false, where);
    memset(at.shadow + (target - at.arena_base), shadow_pending, bytes);
    at.self->async_copies.push_back({shared, global, bytes, source_bytes, at.self->async_group, where});
}

CUDAHOST_EXPORT void cudahost_async_commit() { current->self->async_group++; }

CUDAHOST_EXPORT void cudahost_async_wait(unsigned groups_left)
{
    worker& at = calling_worker("cp.async.wait_group", nullptr, 0);
    uint64_t group = at.self->async_group;
    carry_out(at, group > groups_left ? group - groups_left : 0);
}

CUDAHOST_EXPORT void cudahost_async_wait_all()
{
    worker& at = calling_worker("cp.async.wait_all", nullptr, 0);
    carry_out(at, ~uint64_t(0));
}
