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

#if defined(CUDAHOST_SPLIT_STACK)
// Where a function of kernel text finds less stack than it needs (-fsplit-stack), it calls this before it has touched any: the compilers'
// runtime would add stack, ours ends the launch. The return address says which function it was; registers hold its arguments.
__asm__(".text\n"
        ".hidden __morestack\n"
        ".globl __morestack\n"
        ".type __morestack, @function\n"
        "__morestack:\n"
        "    movq (%rsp), %rdi\n"
        "    call cudahost_stack_exhausted@PLT\n"
        "    ud2\n"
        ".size __morestack, . - __morestack\n");
#endif

#if !defined(__SANITIZE_ADDRESS__)
// The linker sends the library's own calls of these here (--wrap), so that copies too large for single loads are checked like them.
extern "C"
{
    void* __tsan_memcpy(void* target, const void* source, size_t bytes);
    void* __tsan_memmove(void* target, const void* source, size_t bytes);
    void* __tsan_memset(void* target, int value, size_t bytes);

    void* __wrap_memcpy(void* target, const void* source, size_t bytes) { return __tsan_memcpy(target, source, bytes); }
    void* __wrap_memmove(void* target, const void* source, size_t bytes) { return __tsan_memmove(target, source, bytes); }
    void* __wrap_memset(void* target, int value, size_t bytes) { return __tsan_memset(target, value, bytes); }
}
#endif
