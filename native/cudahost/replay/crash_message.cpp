#include "crash_message.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

namespace
{
const char text[] =
    "cudahost-replay: the kernel crashed in a way that no check saw coming. Most likely a thread needs more stack than\n"
    "KSUITE_CUDAHOST_STACK gives (65536 by default): set it higher. Otherwise run this under gdb.\n";

void tell(int signal_number)
{
    ssize_t ignored = write(2, text, sizeof(text) - 1);
    (void)ignored;
    raise(signal_number);
}
} // namespace

void tell_of_crashes()
{
    // The stack that overflowed cannot carry the handler; each thread would need an alternate one, so only this thread has it, and
    // workers, whose signals are blocked, end at once.
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = tell;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}
