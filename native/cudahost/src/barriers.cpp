// __syncthreads and its voting kin, and the named barriers.
#include <string.h>

#include "kernel_calls.h"

namespace cudahost
{
namespace
{
void open_sync(worker& at)
{
    int count = 0, all = 1, any = 0;
    for (unsigned i = 0; i < at.threads; i++)
    {
        const fiber& each = at.fibers[i];
        if (each.wait != wait_kind::sync_threads) continue;
        count += each.predicate != 0;
        all &= each.predicate != 0;
        any |= each.predicate != 0;
    }
    const char* operation = at.fibers[at.sync_first].operation;
    int result = 0;
    if (strcmp(operation, "__syncthreads_count") == 0)
        result = count;
    else if (strcmp(operation, "__syncthreads_and") == 0)
        result = all;
    else if (strcmp(operation, "__syncthreads_or") == 0)
        result = any;
    at.sync_arrived = 0;
    at.counts.barriers++;
    if (at.races_on) at.races->block_barrier();
    for (unsigned i = 0; i < at.threads; i++)
    {
        fiber& each = at.fibers[i];
        if (each.wait != wait_kind::sync_threads) continue;
        each.predicate = result;
        if (&each == at.self)
            each.wait = wait_kind::none;
        else
            at.make_ready(each);
    }
}

void open_named(worker& at, unsigned id)
{
    named_barrier& barrier = at.barriers[id];
    for (uint16_t index : barrier.waiting)
    {
        fiber& each = at.fibers[index];
        if (at.races_on) at.races->barrier_leave(id, index);
        if (&each == at.self)
            each.wait = wait_kind::none;
        else
            at.make_ready(each);
    }
    if (at.races_on) at.races->barrier_reset(id);
    barrier.waiting.clear();
    barrier.expected = barrier.arrived = 0;
    at.counts.barriers++;
}
} // namespace

bool same_site(const fiber& a, const fiber& b)
{
    return a.where.line == b.where.line && same_text(a.operation, b.operation) && same_text(a.where.file, b.where.file);
}

void barrier_thread_returned(worker& at)
{
    if (at.alive == 0 || at.sync_arrived != at.alive) return;
    if (at.sync_diverged) at.raise(classify_stall(at));
    open_sync(at);
}
} // namespace cudahost

using namespace cudahost;

CUDAHOST_EXPORT int cudahost_sync_threads(const char* operation, int predicate, const char* file, int line)
{
    worker& at = calling_worker(operation, file, line);
    fiber& self = *at.self;
    self.operation = operation;
    self.where = {nullptr, file, line};
    self.predicate = predicate;
    self.wait = wait_kind::sync_threads;
    if (at.sync_arrived == 0)
    {
        at.sync_first = self.index;
        at.sync_diverged = false;
    }
    else if (!same_site(at.fibers[at.sync_first], self))
        at.sync_diverged = true;
    at.sync_arrived++;
    // A divergence is reported when nobody can go on any more: then everybody's place is known.
    if (at.sync_arrived == at.alive && !at.sync_diverged)
        open_sync(at);
    else
        at.wait();
    return self.predicate;
}

CUDAHOST_EXPORT void cudahost_named_barrier(unsigned id, unsigned threads, int wait, const char* file, int line)
{
    const char* operation = wait ? "barrier_sync" : "barrier_arrive";
    worker& at = calling_worker(operation, file, line);
    fiber& self = *at.self;
    if (id >= barrier_count) raise_invalid(at, "names a barrier above 15, the last one there is", file, line);
    unsigned block_threads = (at.threads + warp_lanes - 1) / warp_lanes * warp_lanes;
    // Hardware counts whole warps: a partial last warp counts as 32 threads, which never all come here. So the block as it is.
    if (threads == 0 || threads == block_threads)
        threads = at.threads;
    else if (threads % warp_lanes != 0)
        raise_invalid(at, "passes a named barrier a number of threads that is not a multiple of 32", file, line);
    if (threads > at.threads) raise_invalid(at, "waits at a named barrier for more threads than the block has", file, line);

    named_barrier& barrier = at.barriers[id];
    self.operation = operation;
    self.where = {nullptr, file, line};
    self.barrier = id;
    if (barrier.expected == 0)
    {
        barrier.expected = threads;
        barrier.first = self.index;
    }
    else if (barrier.expected != threads)
    {
        raw_fault fault;
        fault.kind = CUDAHOST_FAULT_DIVERGENT_BARRIER;
        fault.where = self.where;
        fault.other = barrier.first;
        fault.detail = "comes to a named barrier with another number of threads than those that came before it";
        self.wait = wait_kind::named_barrier;
        at.raise(fault);
    }
    barrier.arrived++;
    if (at.races_on) at.races->barrier_arrive(id, self.index);
    if (wait)
    {
        self.wait = wait_kind::named_barrier;
        barrier.waiting.push_back(self.index);
    }
    if (barrier.arrived == barrier.expected)
        open_named(at, id);
    else if (wait)
        at.wait();
}
