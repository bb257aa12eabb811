// A last word where a kernel crashes in a way that no check saw coming. Off unless asked for: a host process may have handlers of its
// own for the same signals.
#ifndef CUDAHOST_CRASH_H
#define CUDAHOST_CRASH_H

namespace cudahost
{
// Installs the handlers; workers that start from now on take the signals on stacks of their own.
void tell_of_crashes();
// For a worker's thread, before it runs a block.
void prepare_worker_for_crashes();
} // namespace cudahost

#endif
