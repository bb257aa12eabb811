#include "launch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cudahost/api.h>
#include <exception>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <thread>

#include "crash.h"
#include "errors.h"
#include "library.h"
#include "memory.h"
#include "recording.h"

namespace cudahost
{
namespace
{
constexpr uint32_t default_shared_limit = 227 * 1024;
constexpr uint32_t most_shared_limit = 1024 * 1024;
constexpr uint32_t most_workers = 256;
constexpr uint32_t most_parameters = 1024;
constexpr uint64_t most_parameter_bytes = 4096;

std::mutex launching;
thread_local std::unique_ptr<cudahost_statistics> last_statistics;

// Threads that wait for launches. Their signals are blocked: the process's handlers run on threads of its own, with stacks they know.
class pool
{
  public:
    // Runs the blocks of a launch on `count` workers; true when all ran to their end, else with the first fault in words.
    bool run(launch& work, unsigned count, cudahost_fault& fault, counters& totals)
    {
        expired_ = false;
        work.expired = &expired_;
        {
            std::unique_lock<std::mutex> lock(guard_);
            while (threads_.size() < count) start_thread();
            work_ = &work;
            next_block_ = 0;
            stopped_ = false;
            fault_ = &fault;
            totals_ = counters();
            wanted_ = running_ = count;
            generation_++;
        }
        wake_.notify_all();
        std::unique_lock<std::mutex> lock(guard_);
        auto ended = [&]
        { return running_ == 0; };
        if (work.timeout_seconds > 0 && !done_.wait_for(lock, std::chrono::seconds(work.timeout_seconds), ended)) expired_ = true;
        done_.wait(lock, ended);
        totals = totals_;
        return !stopped_;
    }

  private:
    void start_thread()
    {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try
        {
            unsigned index = static_cast<unsigned>(threads_.size());
            threads_.emplace_back([this, index]
                { serve(index); });
        }
        catch (...)
        {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void serve(unsigned index)
    {
        std::unique_ptr<worker> own;
        uint64_t seen = 0;
        for (;;)
        {
            const launch* work;
            {
                std::unique_lock<std::mutex> lock(guard_);
                wake_.wait(lock, [&]
                    { return generation_ != seen; });
                seen = generation_;
                if (index >= wanted_) continue;
                work = work_;
            }
            counters counts;
            try
            {
                if (own == nullptr)
                {
                    prepare_worker_for_crashes();
                    own = std::make_unique<worker>();
                }
                run_blocks(*own, *work);
                counts = own->counts;
            }
            catch (const std::exception&)
            {
                // Mapping stacks and shadow memory is all that can fail.
                current = nullptr;
                if (own != nullptr) own->reset_after_fault();
                cudahost_fault fault = {};
                snprintf(fault.message, sizeof(fault.message),
                    "The stacks or the shared memory of a block could not be mapped: the system is out of memory or of mappings "
                    "(vm.max_map_count). Use fewer workers (KSUITE_CUDAHOST_WORKERS) or smaller blocks.");
                stop(fault);
            }
            std::unique_lock<std::mutex> lock(guard_);
            totals_.blocks += counts.blocks;
            totals_.threads += counts.threads;
            totals_.switches += counts.switches;
            totals_.barriers += counts.barriers;
            totals_.collectives += counts.collectives;
            totals_.async_copies += counts.async_copies;
            totals_.shared_static = std::max(totals_.shared_static, counts.shared_static);
            if (--running_ == 0) done_.notify_all();
        }
    }

    void run_blocks(worker& own, const launch& work)
    {
        own.counts = counters();
        current = &own;
        for (;;)
        {
            uint64_t block = next_block_.fetch_add(1);
            if (block >= work.block_count || stopped_) break;
            if (expired_)
            {
                // Between two blocks: no thread is to blame.
                cudahost_fault fault = {};
                fault.kind = CUDAHOST_FAULT_TIMEOUT;
                snprintf(fault.kernel, sizeof(fault.kernel), "%s", work.entry->name);
                snprintf(fault.message, sizeof(fault.message),
                    "Kernel '%s' is stopped: the launch has taken more than %u seconds. %llu of its %llu blocks have run.",
                    work.entry->name, work.timeout_seconds, static_cast<unsigned long long>(block),
                    static_cast<unsigned long long>(work.block_count));
                stop(fault);
                break;
            }
            if (own.run_block(work, block)) continue;
            current = nullptr;
            cudahost_fault fault;
            describe_fault(own, own.fault, fault);
            own.reset_after_fault();
            stop(fault);
            break;
        }
        current = nullptr;
    }

    // The first fault of a launch is the one that is told.
    void stop(const cudahost_fault& fault)
    {
        std::unique_lock<std::mutex> lock(guard_);
        if (!stopped_) *fault_ = fault;
        stopped_ = true;
    }

    std::mutex guard_;
    std::condition_variable wake_;
    std::condition_variable done_;
    std::vector<std::thread> threads_;
    uint64_t generation_ = 0;
    unsigned wanted_ = 0;
    unsigned running_ = 0;
    const launch* work_ = nullptr;
    std::atomic<uint64_t> next_block_{0};
    std::atomic<bool> stopped_{false};
    std::atomic<bool> expired_{false};
    cudahost_fault* fault_ = nullptr;
    counters totals_;
};

// Never destroyed: its threads sleep until the process ends.
pool& the_pool()
{
    static pool* made = new pool();
    return *made;
}

int check_shape(const kernel_entry& entry, const uint32_t grid[3], const uint32_t block[3])
{
    static const uint32_t grid_limit[3] = {0x7fffffffu, 65535, 65535};
    static const uint32_t shape_limit[3] = {1024, 1024, 64};
    static const char axis[3] = {'x', 'y', 'z'};
    for (int i = 0; i < 3; i++)
    {
        if (grid[i] == 0 || grid[i] > grid_limit[i])
            return fail(CUDAHOST_INVALID, "Kernel '%s': grid.%c is %u; it must be 1 to %u.", entry.name, axis[i], grid[i], grid_limit[i]);
        if (block[i] == 0 || block[i] > shape_limit[i])
            return fail(CUDAHOST_INVALID, "Kernel '%s': block.%c is %u; it must be 1 to %u.", entry.name, axis[i], block[i],
                shape_limit[i]);
    }
    uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
    if (threads > max_block_threads)
        return fail(CUDAHOST_INVALID, "Kernel '%s': a block of %u x %u x %u has %llu threads; at most 1024 are possible.", entry.name,
            block[0], block[1], block[2], static_cast<unsigned long long>(threads));
    if (threads > block_limit(entry))
        return fail(CUDAHOST_INVALID, "Kernel '%s': a block of %llu threads is more than its launch bounds, GROUP_SHAPE(%u, %u), allow.",
            entry.name, static_cast<unsigned long long>(threads), entry.shape_x, entry.shape_y);
    return CUDAHOST_OK;
}

// The arguments' values, each 16-byte aligned, so that the caller's may go.
int copy_arguments(const kernel_entry& entry, void* const* arguments, std::vector<uint64_t>& values, std::vector<void*>& pointers)
{
    if (entry.parameter_count > 0 && arguments == nullptr)
        return fail(CUDAHOST_INVALID, "Kernel '%s' has %u parameters, but arguments is null.", entry.name, entry.parameter_count);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < entry.parameter_count; i++) bytes += entry.parameter_bytes[i];
    if (entry.parameter_count > most_parameters || bytes > most_parameter_bytes)
        return fail(CUDAHOST_INVALID, "Kernel '%s' has parameters of %llu bytes; at most 4096 are possible.", entry.name,
            static_cast<unsigned long long>(bytes));
    size_t words = 2;
    for (uint32_t i = 0; i < entry.parameter_count; i++) words += (entry.parameter_bytes[i] + 15) / 16 * 2;
    values.assign(words, 0);
    uint8_t* cursor = reinterpret_cast<uint8_t*>((reinterpret_cast<uintptr_t>(values.data()) + 15) / 16 * 16);
    for (uint32_t i = 0; i < entry.parameter_count; i++)
    {
        if (arguments[i] == nullptr) return fail(CUDAHOST_INVALID, "Kernel '%s': argument %u is null.", entry.name, i);
        memcpy(cursor, arguments[i], entry.parameter_bytes[i]);
        pointers.push_back(cursor);
        cursor += (entry.parameter_bytes[i] + 15) / 16 * 16;
    }
    return CUDAHOST_OK;
}

unsigned worker_count(uint32_t wanted, uint64_t blocks)
{
    uint64_t count = wanted == 0 ? std::max(1u, std::thread::hardware_concurrency()) : wanted;
    return static_cast<unsigned>(std::min<uint64_t>({count, blocks, most_workers}));
}

int run_launch(const cudahost_kernel& kernel, const uint32_t grid[3], const uint32_t block[3], uint32_t dynamic_bytes,
    void* const* arguments, const cudahost_options& options, cudahost_fault& fault)
{
    const kernel_entry& entry = *kernel.entry;
    if (configured_stack_bytes() == 0)
        return fail(CUDAHOST_INVALID, "KSUITE_CUDAHOST_STACK is '%.100s'. Expected %zu to %zu bytes.", getenv("KSUITE_CUDAHOST_STACK"),
            least_stack_bytes, most_stack_bytes);
    int status = check_shape(entry, grid, block);
    if (status != CUDAHOST_OK) return status;
    launch work;
    work.entry = &entry;
    work.module_path = kernel.library->path.c_str();
    work.segments = &kernel.library->segments;
    work.grid = {grid[0], grid[1], grid[2]};
    work.block = {block[0], block[1], block[2]};
    // At most 2^31 * 2^16 * 2^16: fits.
    work.block_count = uint64_t(grid[0]) * grid[1] * grid[2];
    work.dynamic_bytes = dynamic_bytes;
    work.shared_limit = options.shared_limit == 0 ? default_shared_limit : options.shared_limit;
    work.races = options.races != 0;
    work.timeout_seconds = options.timeout_seconds;
    if (work.shared_limit > most_shared_limit)
        return fail(CUDAHOST_INVALID, "A shared memory limit of %u bytes is more than 1 MiB.", options.shared_limit);
    std::vector<uint64_t> values;
    std::vector<void*> pointers;
    status = copy_arguments(entry, arguments, values, pointers);
    if (status != CUDAHOST_OK) return status;
    work.arguments = pointers.data();
    if (dynamic_bytes > work.shared_limit)
    {
        fault.kind = CUDAHOST_FAULT_SHARED_LIMIT;
        fault.bytes = dynamic_bytes;
        snprintf(fault.kernel, sizeof(fault.kernel), "%s", entry.name);
        snprintf(fault.message, sizeof(fault.message),
            "Kernel '%s' is launched with %u bytes of dynamic shared memory, more than the %zu bytes that a block may have.", entry.name,
            dynamic_bytes, work.shared_limit);
        return fail(CUDAHOST_FAULT, "%s", fault.message);
    }

    std::lock_guard<std::mutex> lock(launching);
    // Where device memory lies is settled now: workers read it without a lock.
    memory_total(nullptr, nullptr);
    status = record_launch(kernel, work, dynamic_bytes, options);
    if (status != CUDAHOST_OK) return status;
    counters totals;
    bool finished = the_pool().run(work, worker_count(options.workers, work.block_count), fault, totals);
    if (last_statistics == nullptr) last_statistics = std::make_unique<cudahost_statistics>();
    *last_statistics = {totals.blocks, totals.threads, totals.switches, totals.barriers, totals.collectives, totals.async_copies,
        totals.shared_static, dynamic_bytes};
    if (finished) return CUDAHOST_OK;
    return fail(fault.kind == CUDAHOST_FAULT_NONE ? CUDAHOST_OUT_OF_MEMORY : CUDAHOST_FAULT, "%s", fault.message);
}
} // namespace

launch_lock::launch_lock() : lock_(launching) {}
} // namespace cudahost

using namespace cudahost;

int32_t cudahost_launch(const cudahost_kernel* kernel, const uint32_t grid[3], const uint32_t block[3], uint32_t dynamic_shared_bytes,
    void* const* arguments, const cudahost_options* options, cudahost_fault* fault)
{
    cudahost_fault own_fault = {};
    if (fault == nullptr)
        fault = &own_fault;
    else
        *fault = own_fault;
    if (kernel == nullptr || grid == nullptr || block == nullptr)
        return fail(CUDAHOST_INVALID, "cudahost_launch: kernel, grid and block must not be null.");
    try
    {
        return run_launch(*kernel, grid, block, dynamic_shared_bytes, arguments,
            options == nullptr ? cudahost_options() : *options, *fault);
    }
    catch (const std::exception& error)
    {
        return fail(CUDAHOST_OUT_OF_MEMORY, "The launch of '%s' could not be set up: %s.", kernel->entry->name, error.what());
    }
}

int32_t cudahost_launch_statistics(cudahost_statistics* statistics)
{
    if (statistics == nullptr) return fail(CUDAHOST_INVALID, "cudahost_launch_statistics: statistics must not be null.");
    if (last_statistics == nullptr) return fail(CUDAHOST_INVALID, "This thread has launched nothing yet.");
    *statistics = *last_statistics;
    return CUDAHOST_OK;
}
