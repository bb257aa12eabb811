// Compiled into every library of kernels: tells the runtime where the list of its kernels begins and ends.
#include <cudahost/api.h>
#include <cudahost/entry.h>

extern "C"
{
// Made by the linker for the section that CUDAHOST_ENTRY fills.
extern const cudahost::kernel_entry* const __start_cudahost_kernels[] __attribute__((visibility("hidden")));
extern const cudahost::kernel_entry* const __stop_cudahost_kernels[] __attribute__((visibility("hidden")));

CUDAHOST_API const cudahost::kernel_table* cudahost_kernel_table()
{
    static const cudahost::kernel_table table = {
        CUDAHOST_VERSION, sizeof(cudahost::kernel_entry), __start_cudahost_kernels, __stop_cudahost_kernels};
    return &table;
}
}
