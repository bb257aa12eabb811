// cudahost-replay: repeats one recorded launch in a process of its own, block after block on one worker, so that a debugger, valgrind or
// AddressSanitizer sees nothing else.
#include <cudahost/api.h>
#include <fstream>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/replay_support.h"
#include "recording_reader.h"

#if defined(__SANITIZE_ADDRESS__)
// Workers sleep until the process ends, and what they hold is no leak.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

namespace
{
constexpr unsigned long most_timeout_seconds = 86400;

void check(int32_t status)
{
    if (status != CUDAHOST_OK) throw recording_error(cudahost_last_error());
}

// FNV-1a: tells whether two replays left the same bytes.
uint64_t checksum(const recorded_allocation& from)
{
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(from.address);
    uint64_t sum = 0xcbf29ce484222325u;
    for (uint64_t i = 0; i < from.bytes; i++) sum = (sum ^ bytes[i]) * 0x100000001b3u;
    return sum;
}

void fill_memory(const std::string& folder, const recording& from)
{
    std::ifstream file(folder + "/memory.bin", std::ios::binary);
    for (const recorded_allocation& each : from.allocations)
    {
        void* address = reinterpret_cast<void*>(each.address);
        check(cudahost_memory_allocate_at(address, each.bytes));
        if (!file.read(static_cast<char*>(address), static_cast<std::streamsize>(each.bytes)))
            throw recording_error("memory.bin ends before the last allocation that launch.txt lists.");
    }
}

const cudahost_kernel* find_kernel(const recording& from, const char* library_path)
{
    cudahost_library* library = nullptr;
    const cudahost_program* program = nullptr;
    const cudahost_kernel* kernel = nullptr;
    check(cudahost_library_open(library_path == nullptr ? from.library.c_str() : library_path, &library));
    check(cudahost_program_find(from.program.c_str(), from.options.c_str(), &program));
    check(cudahost_program_find_kernel(program, from.kernel.c_str(), &kernel));
    cudahost_kernel_info info;
    check(cudahost_kernel_get_info(kernel, &info));
    bool same = info.parameter_count == from.arguments.size();
    for (uint32_t i = 0; same && i < info.parameter_count; i++) same = info.parameter_bytes[i] == from.arguments[i].size();
    if (!same) throw recording_error("The kernel's parameters are not those of the recording: it has been changed since.");
    return kernel;
}

int replay(const std::string& folder, const char* library_path, bool races, uint32_t timeout_seconds)
{
    recording from = read_recording(folder);
    const cudahost_kernel* kernel = find_kernel(from, library_path);
    fill_memory(folder, from);
    std::vector<uint64_t> before;
    for (const recorded_allocation& each : from.allocations) before.push_back(checksum(each));
    std::vector<void*> arguments;
    for (std::vector<uint8_t>& each : from.arguments) arguments.push_back(each.data());
    cudahost_options options = {};
    options.workers = 1;
    options.races = races || from.races != 0;
    options.shared_limit = from.shared_limit;
    options.timeout_seconds = timeout_seconds;
    cudahost_fault fault;
    int32_t status = cudahost_launch(kernel, from.grid, from.block, from.dynamic_bytes, arguments.data(), &options, &fault);
    if (status == CUDAHOST_FAULT)
    {
        printf("%s\n", fault.message);
        if (fault.file[0] != 0) printf("  at %s:%d\n", fault.file, fault.line);
        if (fault.module_offset != 0) printf("  at %s+0x%llx\n", fault.module, static_cast<unsigned long long>(fault.module_offset));
        return 1;
    }
    check(status);
    cudahost_statistics statistics;
    check(cudahost_launch_statistics(&statistics));
    printf("%s: no fault. %llu blocks, %llu threads, %llu barriers, %llu warp operations\n", from.kernel.c_str(),
        static_cast<unsigned long long>(statistics.blocks), static_cast<unsigned long long>(statistics.threads),
        static_cast<unsigned long long>(statistics.barriers), static_cast<unsigned long long>(statistics.collectives));
    for (size_t i = 0; i < from.allocations.size(); i++)
    {
        uint64_t after = checksum(from.allocations[i]);
        printf("  0x%llx %12llu bytes  %016llx%s\n", static_cast<unsigned long long>(from.allocations[i].address),
            static_cast<unsigned long long>(from.allocations[i].bytes), static_cast<unsigned long long>(after),
            after == before[i] ? "" : "  written");
    }
    return 0;
}
} // namespace

int main(int argc, char** argv)
{
    const char* folder = nullptr;
    const char* library = nullptr;
    bool races = false, understood = true;
    unsigned long timeout_seconds = 0;
    for (int i = 1; i < argc; i++)
    {
        if (strcmp(argv[i], "--races") == 0)
            races = true;
        else if (strcmp(argv[i], "--library") == 0 && i + 1 < argc)
            library = argv[++i];
        else if (strcmp(argv[i], "--timeout") == 0 && i + 1 < argc)
        {
            char* end = nullptr;
            timeout_seconds = strtoul(argv[++i], &end, 10);
            understood &= *end == 0 && timeout_seconds >= 1 && timeout_seconds <= most_timeout_seconds;
        }
        else if (argv[i][0] != '-' && folder == nullptr)
            folder = argv[i];
        else
            understood = false;
    }
    if (folder == nullptr || !understood)
    {
        fprintf(stderr, "Usage: cudahost-replay <folder> [--races] [--timeout <seconds>] [--library <kernel library>]\n"
                        "Repeats a launch that KSUITE_CUDAHOST_RECORD=<root> wrote to <root>/<number>-<kernel>.\n"
                        "Prints the fault (exit code 1) or a checksum of every allocation (exit code 0).\n");
        return 2;
    }
    cudahost_tell_of_crashes();
    try
    {
        return replay(folder, library, races, static_cast<uint32_t>(timeout_seconds));
    }
    catch (const std::exception& error)
    {
        fprintf(stderr, "cudahost-replay: %s\n", error.what());
        return 2;
    }
}
