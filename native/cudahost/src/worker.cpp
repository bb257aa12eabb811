#include "worker.h"

#include <errno.h>
#include <new>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if CUDAHOST_ASAN
#include <sanitizer/asan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define CUDAHOST_STACK_REGISTER(begin, end) VALGRIND_STACK_REGISTER(begin, end)
#else
#define CUDAHOST_STACK_REGISTER(begin, end) (void)0
#endif

namespace cudahost
{
__thread worker* current __attribute__((tls_model("initial-exec"))) = nullptr;

namespace
{
constexpr size_t guard_bytes = 65536;
// Where on their stacks threads begin differs, so that the same variable of 32 lanes does not fall into one set of the cache.
constexpr size_t skew_step = 256;
constexpr size_t skew_period = 16;

// Kernel text is compiled with -fsplit-stack where there is that: every function compares the stack it is going to need with this
// limit, before it touches any of it. 0 is no limit.
void set_stack_limit(uintptr_t limit)
{
#if defined(__x86_64__)
    __asm__ volatile("movq %0, %%fs:0x70"
                     :
                     : "r"(limit));
#else
    (void)limit;
#endif
}
} // namespace

size_t configured_stack_bytes()
{
    static const size_t bytes = []
    {
        size_t wanted = CUDAHOST_ASAN ? size_t(512) << 10 : size_t(64) << 10;
        const char* text = getenv("KSUITE_CUDAHOST_STACK");
        if (text != nullptr && text[0] != 0)
        {
            char* end = nullptr;
            errno = 0;
            unsigned long long value = strtoull(text, &end, 10);
            if (errno != 0 || *end != 0 || value < least_stack_bytes || value > most_stack_bytes) return size_t(0);
            wanted = value;
        }
        size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        return (wanted + page - 1) / page * page;
    }();
    return bytes;
}

worker::worker()
{
    arena_base = shared.base();
    shadow = shared.shadow();
    stack_bytes = configured_stack_bytes();
    for (unsigned i = 0; i < max_block_threads; i++) fibers[i].index = static_cast<uint16_t>(i);
}

worker::~worker()
{
    for (uint8_t* stack : stacks) munmap(stack - guard_bytes, stack_bytes + guard_bytes);
}

// A stack grows down into its guard. Null where there is no memory, or no mapping, left.
uint8_t* worker::map_stack()
{
    void* range = mmap(nullptr, stack_bytes + guard_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) return nullptr;
    uint8_t* stack = static_cast<uint8_t*>(range) + guard_bytes;
    if (mprotect(stack, stack_bytes, PROT_READ | PROT_WRITE) != 0)
    {
        munmap(range, stack_bytes + guard_bytes);
        return nullptr;
    }
    stacks.push_back(stack);
    CUDAHOST_STACK_REGISTER(stack, stack + stack_bytes);
    return stack;
}

// Null where there is no memory for another stack. Never throws: a thread's stack cannot be unwound past its beginning.
carrier* worker::take_carrier()
{
    carrier* taken;
    if (free_carriers.empty())
    {
        uint8_t* stack = map_stack();
        if (stack == nullptr) return nullptr;
        carriers.push_back(std::make_unique<carrier>());
        taken = carriers.back().get();
        taken->stack = stack;
        taken->skew = carriers.size() % skew_period * skew_step;
    }
    else
    {
        taken = free_carriers.back();
        free_carriers.pop_back();
    }
    context_prepare(taken->place, taken->stack, stack_bytes, taken->skew, carrier_main);
    return taken;
}

uint3 worker::index_of(unsigned thread) const
{
    unsigned x = block_shape.x, y = block_shape.y;
    return {thread % x, thread / x % y, thread / (x * y)};
}

bool worker::on_other_stack(uintptr_t address, size_t bytes) const
{
    for (uint8_t* stack : stacks)
    {
        size_t offset = address - reinterpret_cast<uintptr_t>(stack);
        if (offset < stack_bytes) return bytes <= stack_bytes - offset;
    }
    return false;
}

void worker::make_ready(fiber& thread)
{
    thread.state = thread_state::running;
    thread.wait = wait_kind::none;
    ready[(ready_head + ready_count++) % max_block_threads] = thread.index;
}

// Threads that can go on come first: so a warp gets as far as it can before the next one begins.
fiber* worker::next()
{
    if (ready_count > 0)
    {
        fiber* first = &fibers[ready[ready_head]];
        ready_head = (ready_head + 1) % max_block_threads;
        ready_count--;
        return first;
    }
    return unstarted < threads ? &fibers[unstarted++] : nullptr;
}

void worker::become(fiber& thread)
{
    self = &thread;
    thread_index = index_of(thread.index);
    stack_begin = reinterpret_cast<uintptr_t>(thread.runs_on->stack);
    set_stack_limit(stack_begin + stack_reserve);
    accesses_left = accesses_before_yield;
}

void worker::resume(fiber& thread)
{
    carrier* from = self->runs_on;
    if (thread.state == thread_state::not_started)
    {
        thread.runs_on = take_carrier();
        if (thread.runs_on == nullptr)
        {
            no_stack = true;
            context_switch(from->place, home);
            __builtin_unreachable();
        }
    }
    become(thread);
    counts.switches++;
    context_switch(from->place, thread.runs_on->place);
}

void worker::wait()
{
    fiber* waiter = self;
    waiter->state = thread_state::waiting;
    waiter->spins = 0;
    fiber* to = next();
    if (to == nullptr) raise_stall();
    if (to != waiter) resume(*to);
}

void worker::yield(const place& where)
{
    fiber* waiter = self;
    check_time(where);
    waiter->spins = 0;
    accesses_left = accesses_before_yield;
    waiter->operation = nullptr;
    waiter->where = where;
    // Those that have not begun come before those that have made way: all of these may be waiting for one of them.
    fiber* to = unstarted < threads ? &fibers[unstarted++] : nullptr;
    make_ready(*waiter);
    if (to == nullptr) to = next();
    if (to != waiter) resume(*to);
}

void worker::raise(const raw_fault& what)
{
    fault = what;
    fault_thread = what.thread >= 0 ? &fibers[what.thread] : self;
    context_switch(self->runs_on->place, home);
    __builtin_unreachable();
}

void worker::raise_stall() { raise(classify_stall(*this)); }

void worker::raise_timeout(const place& where)
{
    raw_fault timeout;
    timeout.kind = CUDAHOST_FAULT_TIMEOUT;
    timeout.where = where;
    self->operation = nullptr;
    self->where = where;
    self->wait = wait_kind::none;
    raise(timeout);
}

void worker::finish(fiber& thread)
{
    thread.state = thread_state::returned;
    thread.async_copies.clear();
    alive--;
    warp_state& warp = warps[thread.index / warp_lanes];
    warp.alive &= ~(1u << thread.index % warp_lanes);
    if (warp.waiting != 0) collective_lane_returned(*this, thread);
    if (sync_arrived > 0) barrier_thread_returned(*this);
}

// Where every stack begins: runs thread after thread until one has been suspended that can go on.
void carrier_main()
{
    worker& at = *current;
    context_entered(at.home);
    for (;;)
    {
        fiber& thread = *at.self;
        carrier* own = thread.runs_on;
        thread.state = thread_state::running;
        at.counts.threads++;
        at.job->entry->call(at.job->arguments);
        at.finish(thread);
        fiber* to = at.next();
        if (to == nullptr)
        {
            if (at.alive > 0) at.raise_stall();
            at.free_carriers.push_back(own);
            context_switch(own->place, at.home);
            __builtin_unreachable();
        }
        if (to->state == thread_state::not_started)
        {
            to->runs_on = own;
            at.become(*to);
            continue;
        }
        at.free_carriers.push_back(own);
        at.become(*to);
        at.counts.switches++;
        context_switch(own->place, to->runs_on->place);
        __builtin_unreachable();
    }
}

void worker::reset_after_fault()
{
    // Threads that were given up left their stacks as they stood.
    free_carriers.clear();
    for (const auto& each : carriers)
    {
#if CUDAHOST_ASAN
        __asan_unpoison_memory_region(each->stack, stack_bytes);
#endif
        free_carriers.push_back(each.get());
    }
}

bool worker::run_block(const launch& work, uint64_t block)
{
    job = &work;
    threads = work.block.x * work.block.y * work.block.z;
    block_shape = work.block;
    grid_shape = work.grid;
    block_index = {static_cast<unsigned>(block % work.grid.x), static_cast<unsigned>(block / work.grid.x % work.grid.y),
        static_cast<unsigned>(block / work.grid.x / work.grid.y)};
    races_on = work.races;
    computing = false;
    if (races_on && races == nullptr) races = std::make_unique<race_detector>(arena::capacity);
    shared.begin_block(work.dynamic_bytes);
    if (races_on) races->begin_block(threads);

    alive = threads;
    unstarted = 0;
    ready_head = ready_count = 0;
    sync_arrived = 0;
    sync_diverged = false;
    for (named_barrier& barrier : barriers)
    {
        barrier.expected = barrier.arrived = 0;
        barrier.waiting.clear();
    }
    unsigned warp_count = (threads + warp_lanes - 1) / warp_lanes;
    for (unsigned i = 0; i < warp_count; i++)
    {
        unsigned lanes = threads - i * warp_lanes;
        warps[i].alive = lanes >= warp_lanes ? ~0u : (1u << lanes) - 1;
        warps[i].waiting = 0;
    }
    for (unsigned i = 0; i < threads; i++)
    {
        fibers[i].state = thread_state::not_started;
        fibers[i].wait = wait_kind::none;
        fibers[i].async_group = 0;
        fibers[i].async_copies.clear();
        fibers[i].spins = 0;
        fibers[i].operation = nullptr;
        fibers[i].where = place();
    }
    fault.kind = CUDAHOST_FAULT_NONE;
    fault_thread = nullptr;
    no_stack = false;

    fiber* first = next();
    first->runs_on = take_carrier();
    if (first->runs_on == nullptr) throw std::bad_alloc();
    become(*first);
    context_switch(home, first->runs_on->place);
    self = nullptr;
    set_stack_limit(0);
    if (no_stack) throw std::bad_alloc();
    bool finished = fault.kind == CUDAHOST_FAULT_NONE;
    if (shared.static_bytes() > counts.shared_static) counts.shared_static = shared.static_bytes();
    if (finished) counts.blocks++;
    return finished;
}
} // namespace cudahost
