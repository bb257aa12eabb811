// Finds races in shared memory: two accesses to a byte by two threads, one of them a write, and nothing that orders them. Ordered are
// accesses on both sides of a block barrier, of a named barrier between those who arrive and those who leave, and of __syncwarp among
// the lanes of its mask; shuffles and votes order nothing, as in CUDA. Vector clocks; block barriers begin a new epoch instead.
#ifndef CUDAHOST_RACES_H
#define CUDAHOST_RACES_H

#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace cudahost
{
struct race
{
    int other = -1; // index of the thread that the access races with; -1: no race
    bool other_wrote = false;
    const void* other_code = nullptr;
};

class race_detector
{
  public:
    explicit race_detector(size_t arena_bytes);
    ~race_detector();
    race_detector(const race_detector&) = delete;
    race_detector& operator=(const race_detector&) = delete;

    void begin_block(unsigned threads);
    void block_barrier() { begin_epoch(); }
    void warp_barrier(unsigned warp, unsigned lanes);
    void barrier_arrive(unsigned barrier, unsigned thread);
    void barrier_leave(unsigned barrier, unsigned thread);
    void barrier_reset(unsigned barrier);

    // Notes an access and says what it races with. Atomic operations do not race with each other.
    race access(unsigned thread, size_t offset, size_t bytes, bool write, bool atomic, const void* code);

  private:
    // Lanes of one warp that have read a byte.
    struct readers
    {
        uint32_t epoch;
        uint32_t clock; // the least of theirs
        uint32_t lanes;
        uint32_t warp;
        const void* code;
    };

    // What is known of one byte. Two warps' readers are enough: a writer belongs to one of them at most.
    struct cell
    {
        uint32_t write_epoch;
        uint32_t write_clock;
        uint16_t write_thread;
        bool write_atomic;
        const void* write_code;
        readers read[2];
    };

    void begin_epoch();
    uint32_t* row(unsigned thread);
    bool ordered(unsigned earlier, uint32_t clock, unsigned later);
    void note_read(cell& at, unsigned thread, const void* code);

    size_t mapped_bytes_;
    cell* cells_;
    unsigned threads_ = 0;
    uint32_t epoch_ = 0;
    bool named_used_ = false; // since the epoch began
    std::vector<uint32_t> clocks_;
    std::vector<uint32_t> rows_; // [thread][other thread]: the last of its clocks that is known to have passed
    std::vector<uint32_t> row_epochs_;
    std::vector<uint32_t> barriers_; // [barrier][thread]
};
} // namespace cudahost

#endif
