#include "library.h"

#include <algorithm>
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <mutex>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "launch.h"

using namespace cudahost;

namespace
{
std::mutex guard;
std::vector<std::unique_ptr<cudahost_library>> libraries; // in the order of opening

struct segment_search
{
    uintptr_t inside;
    std::vector<segment>* segments;
};

// The loaded parts of the module that holds an address: what its kernels may read besides device memory.
int collect_segments(dl_phdr_info* info, size_t, void* state)
{
    segment_search& search = *static_cast<segment_search*>(state);
    bool holds = false;
    for (int i = 0; i < info->dlpi_phnum; i++)
    {
        const ElfW(Phdr)& part = info->dlpi_phdr[i];
        if (part.p_type == PT_LOAD && search.inside - (info->dlpi_addr + part.p_vaddr) < part.p_memsz) holds = true;
    }
    if (!holds) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
    {
        const ElfW(Phdr)& part = info->dlpi_phdr[i];
        if (part.p_type == PT_LOAD) search.segments->push_back({info->dlpi_addr + part.p_vaddr, part.p_memsz, (part.p_flags & PF_W) != 0});
    }
    return 1;
}

int load(const std::string& path, std::unique_ptr<cudahost_library>& made)
{
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return fail(CUDAHOST_LOAD_FAILED, "The kernel library could not be loaded: %s.", dlerror());
    typedef const kernel_table* (*table_function)();
    table_function get = reinterpret_cast<table_function>(dlsym(handle, "cudahost_kernel_table"));
    const kernel_table* table = get == nullptr ? nullptr : get();
    if (table == nullptr || table->version != CUDAHOST_VERSION || table->entry_bytes != sizeof(kernel_entry))
    {
        dlclose(handle);
        if (get == nullptr) return fail(CUDAHOST_LOAD_FAILED,
            "%s is not a library of kernels for cudahost: it exports no cudahost_kernel_table.", path.c_str());
        return fail(CUDAHOST_LOAD_FAILED, "%s was built for another version of cudahost than this one, %d. Build both again.", path.c_str(),
            CUDAHOST_VERSION);
    }
    made = std::make_unique<cudahost_library>();
    made->path = path;
    made->handle = handle;
    segment_search search = {reinterpret_cast<uintptr_t>(table), &made->segments};
    dl_iterate_phdr(collect_segments, &search);
    for (const kernel_entry* const* each = table->first; each != table->last; each++)
    {
        const kernel_entry& entry = **each;
        auto same = [&](const std::unique_ptr<cudahost_program>& program)
        { return program->source == entry.source && program->options == entry.options; };
        auto found = std::find_if(made->programs.begin(), made->programs.end(), same);
        if (found == made->programs.end())
        {
            made->programs.push_back(std::make_unique<cudahost_program>());
            found = made->programs.end() - 1;
            (*found)->source = entry.source;
            (*found)->options = entry.options;
        }
        (*found)->kernels.push_back({&entry, made.get()});
    }
    std::sort(made->programs.begin(), made->programs.end(),
        [](const auto& a, const auto& b)
        { return a->source != b->source ? a->source < b->source : a->options < b->options; });
    return CUDAHOST_OK;
}
} // namespace

int32_t cudahost_library_open(const char* path, cudahost_library** library)
{
    if (path == nullptr || library == nullptr) return fail(CUDAHOST_INVALID, "cudahost_library_open: path and library must not be null.");
    char resolved[PATH_MAX];
    if (realpath(path, resolved) == nullptr) return fail(CUDAHOST_LOAD_FAILED, "The kernel library %s: %s.", path, strerror(errno));
    std::lock_guard<std::mutex> lock(guard);
    for (const auto& each : libraries)
    {
        if (each->path != resolved) continue;
        each->opened++;
        *library = each.get();
        return CUDAHOST_OK;
    }
    std::unique_ptr<cudahost_library> made;
    int status = load(resolved, made);
    if (status != CUDAHOST_OK) return status;
    made->opened = 1;
    *library = made.get();
    libraries.push_back(std::move(made));
    return CUDAHOST_OK;
}

int32_t cudahost_library_close(cudahost_library* library)
{
    // Never while a kernel of it may be running.
    launch_lock running;
    std::lock_guard<std::mutex> lock(guard);
    auto found = std::find_if(libraries.begin(), libraries.end(), [&](const auto& each)
        { return each.get() == library; });
    if (found == libraries.end()) return fail(CUDAHOST_INVALID, "cudahost_library_close: not an open library.");
    if (--library->opened > 0) return CUDAHOST_OK;
    void* handle = library->handle;
    libraries.erase(found);
    dlclose(handle);
    return CUDAHOST_OK;
}

uint32_t cudahost_library_program_count(const cudahost_library* library)
{
    return library == nullptr ? 0 : static_cast<uint32_t>(library->programs.size());
}

const cudahost_program* cudahost_library_program(const cudahost_library* library, uint32_t index)
{
    return library == nullptr || index >= library->programs.size() ? nullptr : library->programs[index].get();
}

int32_t cudahost_program_find(const char* source, const char* options, const cudahost_program** program)
{
    if (source == nullptr || program == nullptr)
        return fail(CUDAHOST_INVALID, "cudahost_program_find: source and program must not be null.");
    if (options == nullptr) options = "";
    std::lock_guard<std::mutex> lock(guard);
    std::string others;
    unsigned count = 0;
    for (auto each = libraries.rbegin(); each != libraries.rend(); ++each)
    {
        for (const auto& candidate : (*each)->programs)
        {
            if (candidate->source != source) continue;
            if (candidate->options == options)
            {
                *program = candidate.get();
                return CUDAHOST_OK;
            }
            if (count++ < 8) others += "\n  " + (candidate->options.empty() ? "(none)" : candidate->options);
        }
    }
    if (libraries.empty()) return fail(CUDAHOST_NOT_FOUND, "No kernel library is open, so there is no program '%s'.", source);
    if (count == 0) return fail(CUDAHOST_NOT_FOUND, "None of the %zu open kernel libraries has a program '%s'.", libraries.size(), source);
    if (count > 8) others += "\n  and " + std::to_string(count - 8) + " more";
    return fail(CUDAHOST_NOT_FOUND,
        "The program '%s' is not compiled with the options '%s'. Add them to the variants-cuda.txt beside it. It is there with:%s", source,
        options, others.c_str());
}

uint32_t cudahost_program_kernel_count(const cudahost_program* program)
{
    return program == nullptr ? 0 : static_cast<uint32_t>(program->kernels.size());
}

const char* cudahost_program_source(const cudahost_program* program) { return program == nullptr ? "" : program->source.c_str(); }
const char* cudahost_program_options(const cudahost_program* program) { return program == nullptr ? "" : program->options.c_str(); }

const cudahost_kernel* cudahost_program_kernel(const cudahost_program* program, uint32_t index)
{
    return program == nullptr || index >= program->kernels.size() ? nullptr : &program->kernels[index];
}

int32_t cudahost_program_find_kernel(const cudahost_program* program, const char* name, const cudahost_kernel** kernel)
{
    if (program == nullptr || name == nullptr || kernel == nullptr)
        return fail(CUDAHOST_INVALID, "cudahost_program_find_kernel: program, name and kernel must not be null.");
    std::string others;
    for (const cudahost_kernel& each : program->kernels)
    {
        if (strcmp(each.entry->name, name) == 0)
        {
            *kernel = &each;
            return CUDAHOST_OK;
        }
        others += std::string(others.empty() ? "" : ", ") + each.entry->name;
    }
    return fail(CUDAHOST_NOT_FOUND, "The program '%s' has no kernel '%s'; it has: %s.", program->source.c_str(), name, others.c_str());
}

int32_t cudahost_kernel_get_info(const cudahost_kernel* kernel, cudahost_kernel_info* info)
{
    if (kernel == nullptr || info == nullptr) return fail(CUDAHOST_INVALID, "cudahost_kernel_get_info: kernel and info must not be null.");
    const kernel_entry& entry = *kernel->entry;
    info->program = entry.source;
    info->options = entry.options;
    info->name = entry.name;
    info->parameter_bytes = entry.parameter_bytes;
    info->parameter_count = entry.parameter_count;
    info->group_shape[0] = entry.shape_x;
    info->group_shape[1] = entry.shape_y;
    info->max_threads = block_limit(entry);
    return CUDAHOST_OK;
}
