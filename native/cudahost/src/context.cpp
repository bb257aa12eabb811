#include "context.h"

#if CUDAHOST_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(__x86_64__)
// Saves what a call must preserve, then the stack pointer; loads the other side's. The floating-point control words are the same
// in all kernels and stay as they are.
extern "C" void cudahost_context_swap(void** saved, void* loaded);
__asm__(".text\n"
        ".p2align 4\n"
        ".hidden cudahost_context_swap\n"
        ".globl cudahost_context_swap\n"
        ".type cudahost_context_swap, @function\n"
        "cudahost_context_swap:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size cudahost_context_swap, . - cudahost_context_swap\n");
#endif

namespace cudahost
{
void context_prepare(context& made, uint8_t* stack, size_t bytes, size_t skew, void (*entry)())
{
    made.bottom = stack;
    made.bytes = bytes;
    made.fake_stack = nullptr;
#if defined(__x86_64__)
    // As the swap leaves it: six registers, the address to return to, and a null return address that ends backtraces. A function
    // begins with its stack pointer 8 off a multiple of 16.
    uintptr_t* top = reinterpret_cast<uintptr_t*>(stack + bytes - skew - 72);
    top[0] = 0;
    top[-1] = reinterpret_cast<uintptr_t>(entry);
    for (int i = 2; i <= 7; i++) top[-i] = 0;
    made.pointer = top - 7;
#else
    getcontext(&made.place);
    made.place.uc_stack.ss_sp = stack;
    made.place.uc_stack.ss_size = bytes - skew;
    made.place.uc_link = nullptr;
    makecontext(&made.place, entry, 0);
#endif
}

void context_switch(context& from, context& to)
{
#if CUDAHOST_ASAN
    __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.bytes);
#endif
#if defined(__x86_64__)
    cudahost_context_swap(&from.pointer, to.pointer);
#else
    swapcontext(&from.place, &to.place);
#endif
#if CUDAHOST_ASAN
    __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

void context_entered(context& from)
{
#if CUDAHOST_ASAN
    const void* bottom = nullptr;
    size_t bytes = 0;
    __sanitizer_finish_switch_fiber(nullptr, &bottom, &bytes);
    // Only an OS thread's stack is unknown until somebody comes from it.
    if (from.bottom == nullptr)
    {
        from.bottom = bottom;
        from.bytes = bytes;
    }
#else
    (void)from;
#endif
}
} // namespace cudahost
