// How a kernel library lists its kernels: each generated file leaves one pointer a kernel in the section cudahost_kernels, and the
// library exports where that section begins and ends. Included by kernel.h; the runtime reads the same structure.
#ifndef CUDAHOST_ENTRY_H
#define CUDAHOST_ENTRY_H

#include <stddef.h>
#include <stdint.h>

namespace cudahost
{
struct kernel_entry
{
    const char* source;  // path below its root
    const char* options; // as given to the compiler
    const char* name;
    void (*call)(void* const* arguments);
    const uint32_t* parameter_bytes;
    uint32_t parameter_count;
    uint32_t shape_x; // GROUP_SHAPE, or 0
    uint32_t shape_y;
};

// What a kernel library exports under the name cudahost_kernel_table.
struct kernel_table
{
    uint32_t version; // CUDAHOST_VERSION of api.h
    uint32_t entry_bytes;
    const kernel_entry* const* first;
    const kernel_entry* const* last;
};

template <typename... P>
struct parameter_sizes
{
    static constexpr uint32_t count = sizeof...(P);
    static constexpr uint32_t bytes[sizeof...(P) + 1] = {(uint32_t)sizeof(P)..., 0};
};

template <size_t...>
struct indices
{
};
template <size_t N, size_t... I>
struct indices_up_to : indices_up_to<N - 1, N - 1, I...>
{
};
template <size_t... I>
struct indices_up_to<0, I...>
{
    typedef indices<I...> type;
};

// Takes a launch's arguments apart. Not instrumented, and kept from merging with the kernel, whose accesses are.
template <typename... P>
struct caller
{
    typedef void (*kernel)(P...);
    typedef parameter_sizes<P...> sizes;

    template <size_t... I>
    __attribute__((always_inline, no_sanitize("thread"), no_sanitize("address"))) static inline void spread(
        kernel text, void* const* arguments, indices<I...>)
    {
        text(*(P*)arguments[I]...);
    }

    __attribute__((always_inline, no_sanitize("thread"), no_sanitize("address"))) static inline void call(
        kernel text, void* const* arguments)
    {
        spread(text, arguments, typename indices_up_to<sizeof...(P)>::type());
    }
};

template <typename... P>
caller<P...> caller_of(void (*)(P...));
} // namespace cudahost

// One kernel of the file, at namespace scope beside it. CUDAHOST_SOURCE and CUDAHOST_OPTIONS are defined by the generated file.
#define CUDAHOST_ENTRY(kernel, x, y)                                                                                           \
    __attribute__((no_sanitize("thread"), no_sanitize("address"))) static void cudahost_call_##kernel(void* const* arguments)  \
    {                                                                                                                          \
        auto text = &kernel;                                                                                                   \
        __asm__(""                                                                                                             \
                : "+r"(text));                                                                                                 \
        decltype(::cudahost::caller_of(&kernel))::call(text, arguments);                                                       \
    }                                                                                                                          \
    static const ::cudahost::kernel_entry cudahost_entry_##kernel = {CUDAHOST_SOURCE, CUDAHOST_OPTIONS, #kernel,               \
        cudahost_call_##kernel, decltype(::cudahost::caller_of(&kernel))::sizes::bytes,                                        \
        decltype(::cudahost::caller_of(&kernel))::sizes::count, x, y};                                                         \
    __attribute__((section("cudahost_kernels"), used)) static const ::cudahost::kernel_entry* const cudahost_listed_##kernel = \
        &cudahost_entry_##kernel;

#endif
