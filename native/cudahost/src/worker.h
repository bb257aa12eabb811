// One OS thread that runs blocks: the block's threads, their stacks, what they wait for, and its shared memory.
#ifndef CUDAHOST_WORKER_H
#define CUDAHOST_WORKER_H

#include <atomic>
#include <memory>
#include <stdint.h>
#include <vector>

#include "../include/cudahost/entry.h"
#include "../include/cudahost/vector_types.h"
#include "arena.h"
#include "context.h"
#include "fault.h"
#include "races.h"

namespace cudahost
{
constexpr unsigned warp_lanes = 32;
constexpr unsigned max_block_threads = 1024;
constexpr unsigned max_warps = max_block_threads / warp_lanes;
constexpr unsigned barrier_count = 16;
// At the end of a stack, for what the runtime and the C library need: kernel text stops short of it.
constexpr size_t stack_reserve = 8192;
// Loads and stores after which a thread makes way: one that waits for another by reading would keep it from ever running.
constexpr uint32_t accesses_before_yield = 1u << 18;

// A stack on which threads run. A thread that never waits leaves it to the next one without a switch.
struct carrier
{
    context place;
    uint8_t* stack = nullptr;
    size_t skew = 0; // unused bytes at its top
};

enum class wait_kind : uint8_t
{
    none,
    sync_threads,
    named_barrier,
    collective
};

enum class thread_state : uint8_t
{
    not_started,
    running, // or ready to
    waiting,
    returned
};

typedef void (*warp_compute)(const void* const operands[32], void* const results[32], unsigned mask);

struct async_copy
{
    void* target;
    const void* source;
    unsigned bytes;
    unsigned source_bytes;
    uint64_t group;
    place where;
};

// A thread of the block, with what it waits for.
struct fiber
{
    carrier* runs_on = nullptr;
    uint16_t index = 0; // in the block
    thread_state state = thread_state::not_started;
    wait_kind wait = wait_kind::none;
    const char* operation = nullptr;
    place where;          // of the operation it waits in, or of the access where it made way
    unsigned mask = 0;    // of the collective
    unsigned barrier = 0; // number of the named barrier
    const void* operands = nullptr;
    void* results = nullptr;
    warp_compute compute = nullptr;
    int predicate = 0;        // in: what it voted; out: the barrier's result
    unsigned spins = 0;       // atomic operations since the last switch
    uint64_t async_group = 0; // the group that the next copy belongs to
    std::vector<async_copy> async_copies;
};

struct warp_state
{
    unsigned alive = 0;   // lanes that exist and have not returned
    unsigned waiting = 0; // lanes that wait in a collective
};

struct named_barrier
{
    unsigned expected = 0;
    unsigned arrived = 0;
    uint16_t first = 0;
    std::vector<uint16_t> waiting;
};

struct counters
{
    uint64_t blocks = 0, threads = 0, switches = 0, barriers = 0, collectives = 0, async_copies = 0, shared_static = 0;
};

// A part of the kernel library that kernel text may read: its constants and variables.
struct segment
{
    uintptr_t begin;
    size_t bytes;
    bool writable;
};

struct launch
{
    const kernel_entry* entry = nullptr;
    const char* module_path = nullptr;
    const std::vector<segment>* segments = nullptr;
    uint3 grid = {1, 1, 1};
    uint3 block = {1, 1, 1};
    uint64_t block_count = 0;
    size_t dynamic_bytes = 0;
    size_t shared_limit = 0;
    bool races = false;
    uint32_t timeout_seconds = 0;
    const std::atomic<bool>* expired = nullptr; // set when the time is over
    void* const* arguments = nullptr;
};

void carrier_main();

struct worker
{
    worker();
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // Read by every checked access; kept together.
    uintptr_t arena_base = 0;
    uint8_t* shadow = nullptr;
    uintptr_t stack_begin = 0; // of the thread that runs
    size_t stack_bytes = 0;
    uint32_t accesses_left = accesses_before_yield; // until the thread that runs makes way
    bool races_on = false;
    bool computing = false; // inside a collective's compute: it works for all lanes
    fiber* self = nullptr;
    uint3 thread_index = {0, 0, 0};
    uint3 block_index = {0, 0, 0};
    uint3 block_shape = {1, 1, 1};
    uint3 grid_shape = {1, 1, 1};

    const launch* job = nullptr;
    unsigned threads = 0; // of the block
    unsigned alive = 0;
    unsigned unstarted = 0; // the next thread to start
    fiber fibers[max_block_threads];
    warp_state warps[max_warps];

    // __syncthreads: who has come, and where the first of them stands.
    unsigned sync_arrived = 0;
    uint16_t sync_first = 0;
    bool sync_diverged = false;
    named_barrier barriers[barrier_count];

    // Threads that can go on, first come first served.
    uint16_t ready[max_block_threads];
    unsigned ready_head = 0;
    unsigned ready_count = 0;

    std::vector<std::unique_ptr<carrier>> carriers;
    std::vector<carrier*> free_carriers;
    context home; // the OS thread's own stack
    arena shared;
    std::unique_ptr<race_detector> races;
    raw_fault fault;
    const fiber* fault_thread = nullptr;
    counters counts;

    // Runs one block to its end; false when it faulted, with `fault` filled.
    bool run_block(const launch& work, uint64_t block);
    void reset_after_fault();

    // For the thread that runs: waits until somebody makes it ready.
    void wait();
    // Lets the others go first, those that have not begun before all.
    void yield(const place& where);
    // Faults when the launch's time is over.
    void check_time(const place& where)
    {
        if (__builtin_expect(job->expired->load(std::memory_order_relaxed), 0)) raise_timeout(where);
    }
    void make_ready(fiber& thread);
    [[noreturn]] void raise(const raw_fault& what);

    uint3 index_of(unsigned thread) const;
    bool on_other_stack(uintptr_t address, size_t bytes) const;

  private:
    friend void carrier_main();
    carrier* take_carrier();
    fiber* next();
    void resume(fiber& thread);
    void finish(fiber& thread);
    void become(fiber& thread);
    [[noreturn]] void raise_stall();
    [[noreturn]] void raise_timeout(const place& where);
    uint8_t* map_stack();
    std::vector<uint8_t*> stacks;
    bool no_stack = false; // the block was given up: there was no memory for a stack
};

// The worker of this OS thread, null on any other. Initial-exec: one load on every access.
extern __thread worker* current __attribute__((tls_model("initial-exec")));

// Bytes of a thread's stack: KSUITE_CUDAHOST_STACK or 64 KiB; 0 where the variable is not a number in the range.
constexpr size_t least_stack_bytes = 16384;
constexpr size_t most_stack_bytes = size_t(64) << 20;
size_t configured_stack_bytes();

// Called when a thread returns, so that those who waited for it alone can go on.
void collective_lane_returned(worker& at, fiber& thread);
void barrier_thread_returned(worker& at);
// What a stalled block is reported as.
raw_fault classify_stall(worker& at);
} // namespace cudahost

#endif
