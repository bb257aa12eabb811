// Runs a grid on the pool of workers.
#ifndef CUDAHOST_LAUNCH_H
#define CUDAHOST_LAUNCH_H

#include <mutex>

#include "worker.h"

namespace cudahost
{
// Held while a launch runs; a second launch waits for it.
class launch_lock
{
  public:
    launch_lock();

  private:
    std::lock_guard<std::mutex> lock_;
};

// Threads that a block of a kernel may have.
inline unsigned block_limit(const kernel_entry& entry)
{
    unsigned long long shape = static_cast<unsigned long long>(entry.shape_x) * entry.shape_y;
    return shape == 0 || shape > max_block_threads ? max_block_threads : static_cast<unsigned>(shape);
}
} // namespace cudahost

#endif
