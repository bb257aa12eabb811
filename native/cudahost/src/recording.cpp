#include "recording.h"

#include <atomic>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/stat.h>

#include "errors.h"
#include "library.h"
#include "memory.h"

namespace cudahost
{
namespace
{
constexpr uint64_t default_limit = uint64_t(1) << 30;
std::atomic<unsigned> recorded{0};

struct contents
{
    uint64_t bytes = 0;
    std::vector<allocation_facts> allocations;
};

// False where the variable is set to something else than a number.
bool size_limit(uint64_t& limit)
{
    limit = default_limit;
    const char* text = getenv("KSUITE_CUDAHOST_RECORD_LIMIT");
    if (text == nullptr || text[0] == 0) return true;
    char* end = nullptr;
    errno = 0;
    limit = strtoull(text, &end, 10);
    return errno == 0 && *end == 0 && text[0] != '-';
}

bool make_folder(const std::string& path) { return mkdir(path.c_str(), 0777) == 0 || errno == EEXIST; }

int io_error(const std::string& path)
{
    return fail(CUDAHOST_IO, "The launch's recording could not be written to %s: %s.", path.c_str(), strerror(errno));
}
} // namespace

int record_launch(const cudahost_kernel& kernel, const launch& work, uint32_t dynamic_bytes, const cudahost_options& options)
{
    const char* root = getenv("KSUITE_CUDAHOST_RECORD");
    if (root == nullptr || root[0] == 0) return CUDAHOST_OK;
    contents held;
    memory_visit(
        [](const allocation_facts& facts, void* state)
        {
            contents& target = *static_cast<contents*>(state);
            target.bytes += facts.bytes;
            target.allocations.push_back(facts);
        },
        &held);
    uint64_t limit;
    if (!size_limit(limit))
        return fail(CUDAHOST_INVALID, "KSUITE_CUDAHOST_RECORD_LIMIT is '%.100s'. Expected a number of bytes.",
            getenv("KSUITE_CUDAHOST_RECORD_LIMIT"));
    if (held.bytes > limit)
        return fail(CUDAHOST_IO,
            "The launch of '%s' is not recorded, and not run: %llu bytes are allocated, more than the %llu bytes of "
            "KSUITE_CUDAHOST_RECORD_LIMIT.",
            kernel.entry->name, static_cast<unsigned long long>(held.bytes), static_cast<unsigned long long>(limit));

    char name[256];
    snprintf(name, sizeof(name), "/%04u-%.128s", ++recorded, kernel.entry->name);
    std::string folder = std::string(root) + name;
    if (!make_folder(root) || !make_folder(folder)) return io_error(folder);

    std::string memory_path = folder + "/memory.bin";
    FILE* file = fopen(memory_path.c_str(), "wb");
    if (file == nullptr) return io_error(memory_path);
    bool written = true;
    for (const allocation_facts& each : held.allocations)
        written &= fwrite(reinterpret_cast<const void*>(each.begin), 1, each.bytes, file) == each.bytes;
    if (fclose(file) != 0 || !written) return io_error(memory_path);

    // Last: a folder with this file is whole.
    std::string path = folder + "/launch.txt";
    file = fopen(path.c_str(), "w");
    if (file == nullptr) return io_error(path);
    fprintf(file, "cudahost-recording 1\nlibrary %s\nprogram %s\noptions %s\nkernel %s\n", kernel.library->path.c_str(),
        kernel.entry->source, kernel.entry->options, kernel.entry->name);
    fprintf(file, "grid %u %u %u\nblock %u %u %u\ndynamic %u\nshared-limit %zu\nraces %d\nworkers %u\n", work.grid.x, work.grid.y,
        work.grid.z, work.block.x, work.block.y, work.block.z, dynamic_bytes, work.shared_limit, work.races ? 1 : 0, options.workers);
    for (uint32_t i = 0; i < kernel.entry->parameter_count; i++)
    {
        fprintf(file, "argument ");
        const uint8_t* bytes = static_cast<const uint8_t*>(work.arguments[i]);
        for (uint32_t b = 0; b < kernel.entry->parameter_bytes[i]; b++) fprintf(file, "%02x", bytes[b]);
        fprintf(file, "\n");
    }
    for (const allocation_facts& each : held.allocations)
        fprintf(file, "allocation 0x%llx %zu\n", static_cast<unsigned long long>(each.begin), each.bytes);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) return io_error(path);
    return CUDAHOST_OK;
}
} // namespace cudahost
