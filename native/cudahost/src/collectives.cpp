// Warp operations: lanes post what they bring, the last one computes for all. The shuffles, votes, matches and reductions below are
// the same thing with computations of our own.
#include <string.h>

#include "kernel_calls.h"

namespace cudahost
{
namespace
{
const char sync_warp_name[] = "__syncwarp";

// Lanes agree when operation and mask do, and the place too, except for __syncwarp, which CUDA lets meet from anywhere.
bool agree(const fiber& a, const fiber& b)
{
    if (a.mask != b.mask) return false;
    if (a.operation == sync_warp_name && b.operation == sync_warp_name) return true;
    return same_site(a, b);
}

// Completes the operation that a lane waits in, when all lanes of its mask that have not returned wait in the same one.
bool complete(worker& at, fiber& key)
{
    unsigned warp_index = key.index / warp_lanes;
    warp_state& warp = at.warps[warp_index];
    unsigned needed = key.mask & warp.alive;
    if ((warp.waiting & needed) != needed) return false;
    fiber* lanes = &at.fibers[warp_index * warp_lanes];
    const void* operands[warp_lanes];
    void* results[warp_lanes];
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        operands[lane] = nullptr;
        results[lane] = nullptr;
        if ((needed >> lane & 1) == 0) continue;
        if (&lanes[lane] != &key && !agree(lanes[lane], key)) return false;
        operands[lane] = lanes[lane].operands;
        results[lane] = lanes[lane].results;
    }
    warp_compute compute = key.compute;
    if (compute != nullptr)
    {
        at.computing = true;
        compute(operands, results, needed);
        at.computing = false;
    }
    if (at.races_on && key.operation == sync_warp_name) at.races->warp_barrier(warp_index, needed);
    at.counts.collectives++;
    warp.waiting &= ~needed;
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((needed >> lane & 1) == 0) continue;
        if (&lanes[lane] == at.self)
            lanes[lane].wait = wait_kind::none;
        else
            at.make_ready(lanes[lane]);
    }
    return true;
}

void collective(
    worker& at, const char* operation, unsigned mask, const void* operands, void* results, warp_compute compute, const char* file, int line)
{
    fiber& self = *at.self;
    unsigned bit = 1u << self.index % warp_lanes;
    self.operation = operation;
    self.where.code = nullptr;
    self.where.file = file;
    self.where.line = line;
    self.mask = mask;
    self.operands = operands;
    self.results = results;
    self.compute = compute;
    if ((mask & bit) == 0)
    {
        raw_fault fault;
        fault.kind = CUDAHOST_FAULT_MISMATCHED_COLLECTIVE;
        fault.where = self.where;
        fault.detail = "calls a warp operation with a mask that leaves its own lane out";
        at.raise(fault);
    }
    self.wait = wait_kind::collective;
    at.warps[self.index / warp_lanes].waiting |= bit;
    if (!complete(at, self)) at.wait();
}
} // namespace

void collective_lane_returned(worker& at, fiber& thread)
{
    // Those whose mask names the lane may have waited for it alone.
    unsigned warp = thread.index / warp_lanes;
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        fiber& waiter = at.fibers[warp * warp_lanes + lane];
        if ((at.warps[warp].waiting >> lane & 1) != 0 && (waiter.mask >> thread.index % warp_lanes & 1) != 0) complete(at, waiter);
    }
}

raw_fault classify_stall(worker& at)
{
    raw_fault fault;
    fault.kind = CUDAHOST_FAULT_DEADLOCK;
    auto name = [&](const fiber& thread, const fiber* other)
    {
        fault.thread = thread.index;
        fault.where = thread.where;
        if (other == nullptr) return;
        fault.other = other->index;
        fault.other_where = other->where;
    };
    if (at.sync_arrived > 0 && at.sync_diverged)
    {
        const fiber& first = at.fibers[at.sync_first];
        for (unsigned i = 0; i < at.threads; i++)
        {
            const fiber& each = at.fibers[i];
            if (each.wait != wait_kind::sync_threads || same_site(each, first)) continue;
            fault.kind = CUDAHOST_FAULT_DIVERGENT_BARRIER;
            fault.detail = "waits at another barrier than the rest of its block";
            name(each, &first);
            return fault;
        }
    }
    for (unsigned i = 0; i < at.threads; i++)
    {
        const fiber& each = at.fibers[i];
        if (each.wait != wait_kind::collective) continue;
        for (unsigned other = i / warp_lanes * warp_lanes; other < i; other++)
        {
            const fiber& earlier = at.fibers[other];
            bool both = (each.mask >> other % warp_lanes & 1) != 0 && (earlier.mask >> i % warp_lanes & 1) != 0;
            if (earlier.wait != wait_kind::collective || !both || agree(each, earlier)) continue;
            fault.kind = CUDAHOST_FAULT_MISMATCHED_COLLECTIVE;
            fault.detail = "waits in another warp operation than a lane of its mask";
            name(each, &earlier);
            return fault;
        }
    }
    for (unsigned i = 0; i < at.threads && fault.thread < 0; i++)
    {
        if (at.fibers[i].wait != wait_kind::none) name(at.fibers[i], nullptr);
    }
    fault.detail = "waits for threads that can never come";
    return fault;
}
} // namespace cudahost

using namespace cudahost;

CUDAHOST_EXPORT void cudahost_warp_collective(
    const char* operation, unsigned mask, const void* operands, void* results, warp_compute compute, const char* file, int line)
{
    collective(calling_worker(operation, file, line), operation, mask, operands, results, compute, file, line);
}

CUDAHOST_EXPORT void cudahost_sync_warp(unsigned mask, const char* file, int line)
{
    collective(calling_worker(sync_warp_name, file, line), sync_warp_name, mask, nullptr, nullptr, nullptr, file, line);
}

// Which lanes will come together is not known before they do: all that have not returned are named.
CUDAHOST_EXPORT unsigned cudahost_active_mask()
{
    worker& at = calling_worker("__activemask", nullptr, 0);
    return at.warps[at.self->index / warp_lanes].alive;
}

namespace
{
struct shuffle_operands
{
    uint64_t bits;
    int kind;
    unsigned operand;
    unsigned width;
};

void compute_shuffle(const void* const operands[32], void* const results[32], unsigned mask)
{
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) == 0) continue;
        const shuffle_operands& own = *static_cast<const shuffle_operands*>(operands[lane]);
        unsigned first = lane & ~(own.width - 1), last = lane | (own.width - 1);
        unsigned source = lane;
        switch (own.kind)
        {
            case 0:
                source = first | (own.operand & (own.width - 1));
                break;
            case 1:
                source = own.operand > lane - first ? lane : lane - own.operand;
                break;
            case 2:
                source = own.operand > last - lane ? lane : lane + own.operand;
                break;
            default:
                source = lane ^ (own.operand & 31);
                if (source > last) source = lane;
                break;
        }
        uint64_t bits = uint64_t(poison_word) << 32 | poison_word;
        if (operands[source] != nullptr) bits = static_cast<const shuffle_operands*>(operands[source])->bits;
        *static_cast<uint64_t*>(results[lane]) = bits;
    }
}

void compute_ballot(const void* const operands[32], void* const results[32], unsigned mask)
{
    unsigned lanes = 0;
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) != 0 && *static_cast<const int*>(operands[lane]) != 0) lanes |= 1u << lane;
    }
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) != 0) *static_cast<unsigned*>(results[lane]) = lanes;
    }
}

struct match_result
{
    unsigned equal; // lanes with this lane's value
    unsigned came;  // lanes that took part: by the time that a lane goes on, others may have returned
};

void compute_match(const void* const operands[32], void* const results[32], unsigned mask)
{
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) == 0) continue;
        unsigned equal = 0;
        for (unsigned other = 0; other < warp_lanes; other++)
        {
            if ((mask >> other & 1) != 0 && *static_cast<const uint64_t*>(operands[other]) == *static_cast<const uint64_t*>(operands[lane]))
                equal |= 1u << other;
        }
        *static_cast<match_result*>(results[lane]) = {equal, mask};
    }
}

struct reduce_operands
{
    int kind;
    unsigned value;
};

unsigned reduced(int kind, unsigned a, unsigned b)
{
    switch (kind)
    {
        case 0:
            return a + b;
        case 1:
            return static_cast<int>(a) < static_cast<int>(b) ? a : b;
        case 2:
            return static_cast<int>(a) > static_cast<int>(b) ? a : b;
        case 3:
            return a < b ? a : b;
        case 4:
            return a > b ? a : b;
        case 5:
            return a & b;
        case 6:
            return a | b;
        default:
            return a ^ b;
    }
}

void compute_reduce(const void* const operands[32], void* const results[32], unsigned mask)
{
    bool first = true;
    unsigned total = 0;
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) == 0) continue;
        const reduce_operands& own = *static_cast<const reduce_operands*>(operands[lane]);
        total = first ? own.value : reduced(own.kind, total, own.value);
        first = false;
    }
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((mask >> lane & 1) != 0) *static_cast<unsigned*>(results[lane]) = total;
    }
}
} // namespace

CUDAHOST_EXPORT uint64_t cudahost_shuffle(
    int kind, unsigned mask, uint64_t bits, unsigned operand, unsigned width, const char* file, int line)
{
    static const char* const names[] = {"__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync"};
    worker& at = calling_worker(names[kind & 3], file, line);
    if (width == 0 || width > warp_lanes || (width & (width - 1)) != 0)
        raise_invalid(at, "shuffles with a width that is not 1, 2, 4, 8, 16 or 32", file, line);
    shuffle_operands own = {bits, kind, operand, width};
    uint64_t result = 0;
    collective(at, names[kind & 3], mask, &own, &result, compute_shuffle, file, line);
    return result;
}

CUDAHOST_EXPORT unsigned cudahost_ballot(const char* operation, unsigned mask, int predicate, const char* file, int line)
{
    unsigned result = 0;
    collective(calling_worker(operation, file, line), operation, mask, &predicate, &result, compute_ballot, file, line);
    return result;
}

CUDAHOST_EXPORT unsigned cudahost_match(int all, unsigned mask, uint64_t bits, int* same, const char* file, int line)
{
    const char* operation = all ? "__match_all_sync" : "__match_any_sync";
    worker& at = calling_worker(operation, file, line);
    match_result result = {0, 0};
    collective(at, operation, mask, &bits, &result, compute_match, file, line);
    if (!all) return result.equal;
    *same = result.equal == result.came;
    return *same ? mask : 0;
}

CUDAHOST_EXPORT unsigned cudahost_reduce(int kind, unsigned mask, unsigned value, const char* file, int line)
{
    static const char* const names[] = {"__reduce_add_sync", "__reduce_min_sync", "__reduce_max_sync", "__reduce_min_sync",
        "__reduce_max_sync", "__reduce_and_sync", "__reduce_or_sync", "__reduce_xor_sync"};
    reduce_operands own = {kind, value};
    unsigned result = 0;
    collective(calling_worker(names[kind & 7], file, line), names[kind & 7], mask, &own, &result, compute_reduce, file, line);
    return result;
}
