#include "crash.h"

#include <atomic>
#include <new>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker.h"

namespace cudahost
{
namespace
{
constexpr size_t handler_stack_bytes = 65536;
std::atomic<bool> wanted{false};

// snprintf is not promised to be safe here; the process ends anyway, and the text is worth more than the risk.
void tell(int signal_number, siginfo_t* info, void*)
{
    char text[512];
    int length;
    const worker* at = current;
    if (at != nullptr && at->self != nullptr)
    {
        uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
        bool below = address < at->stack_begin && at->stack_begin - address <= 65536;
        length = snprintf(text, sizeof(text), "cudahost: kernel '%s', block (%u, %u, %u), thread (%u, %u, %u) crashed at address %p: %s\n",
            at->job->entry->name, at->block_index.x, at->block_index.y, at->block_index.z, at->thread_index.x, at->thread_index.y,
            at->thread_index.z, info->si_addr,
            below ? "it needs more stack; set KSUITE_CUDAHOST_STACK to more bytes."
                  : "an access that no check saw coming. Run it under gdb.");
    }
    else
        length = snprintf(text, sizeof(text), "cudahost: crashed at address %p, outside a kernel.\n", info->si_addr);
    ssize_t ignored = write(2, text, static_cast<size_t>(length));
    (void)ignored;
    raise(signal_number);
}
} // namespace

void tell_of_crashes()
{
    wanted = true;
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = tell;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER | SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

void prepare_worker_for_crashes()
{
    if (!wanted) return;
    // The stack that overflowed cannot carry the handler. Never unmapped: workers live as long as the process.
    void* stack = mmap(nullptr, handler_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) throw std::bad_alloc();
    stack_t alternate = {};
    alternate.ss_sp = stack;
    alternate.ss_size = handler_stack_bytes;
    sigaltstack(&alternate, nullptr);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGSEGV);
    sigaddset(&signals, SIGBUS);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}
} // namespace cudahost
