#include "races.h"

#include <algorithm>
#include <new>
#include <sys/mman.h>

#include "worker.h"

namespace cudahost
{
race_detector::race_detector(size_t arena_bytes)
    : mapped_bytes_(arena_bytes * sizeof(cell)), cells_(nullptr), clocks_(max_block_threads), rows_(max_block_threads * max_block_threads),
      row_epochs_(max_block_threads), barriers_(barrier_count * max_block_threads)
{
    void* range = mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) throw std::bad_alloc();
    cells_ = static_cast<cell*>(range);
}

race_detector::~race_detector() { munmap(cells_, mapped_bytes_); }

// What is noted with an older epoch counts as past, so nothing has to be cleared.
void race_detector::begin_epoch()
{
    epoch_++;
    named_used_ = false;
    std::fill(clocks_.begin(), clocks_.begin() + threads_, 1u);
}

void race_detector::begin_block(unsigned threads)
{
    threads_ = threads;
    begin_epoch();
    std::fill(barriers_.begin(), barriers_.end(), 0u);
}

uint32_t* race_detector::row(unsigned thread)
{
    uint32_t* values = &rows_[size_t(thread) * max_block_threads];
    if (row_epochs_[thread] != epoch_)
    {
        row_epochs_[thread] = epoch_;
        std::fill(values, values + threads_, 0u);
    }
    return values;
}

bool race_detector::ordered(unsigned earlier, uint32_t clock, unsigned later)
{
    return earlier == later || (row_epochs_[later] == epoch_ && rows_[size_t(later) * max_block_threads + earlier] >= clock);
}

void race_detector::warp_barrier(unsigned warp, unsigned lanes)
{
    // Without named barriers a thread knows nothing of other warps that an epoch does not say.
    unsigned first = named_used_ ? 0 : warp * warp_lanes;
    unsigned last = named_used_ ? threads_ : std::min(threads_, (warp + 1) * warp_lanes);
    uint32_t joined[max_block_threads] = {};
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((lanes >> lane & 1) == 0) continue;
        unsigned thread = warp * warp_lanes + lane;
        const uint32_t* known = row(thread);
        for (unsigned i = first; i < last; i++) joined[i] = std::max(joined[i], known[i]);
        joined[thread] = std::max(joined[thread], clocks_[thread]);
    }
    for (unsigned lane = 0; lane < warp_lanes; lane++)
    {
        if ((lanes >> lane & 1) == 0) continue;
        unsigned thread = warp * warp_lanes + lane;
        std::copy(joined + first, joined + last, row(thread) + first);
        clocks_[thread]++;
    }
}

void race_detector::barrier_arrive(unsigned barrier, unsigned thread)
{
    named_used_ = true;
    uint32_t* known = &barriers_[size_t(barrier) * max_block_threads];
    const uint32_t* own = row(thread);
    for (unsigned i = 0; i < threads_; i++) known[i] = std::max(known[i], own[i]);
    known[thread] = std::max(known[thread], clocks_[thread]);
    clocks_[thread]++;
}

void race_detector::barrier_leave(unsigned barrier, unsigned thread)
{
    const uint32_t* known = &barriers_[size_t(barrier) * max_block_threads];
    uint32_t* own = row(thread);
    for (unsigned i = 0; i < threads_; i++) own[i] = std::max(own[i], known[i]);
}

void race_detector::barrier_reset(unsigned barrier)
{
    uint32_t* known = &barriers_[size_t(barrier) * max_block_threads];
    std::fill(known, known + threads_, 0u);
}

void race_detector::note_read(cell& at, unsigned thread, const void* code)
{
    unsigned warp = thread / warp_lanes;
    unsigned bit = 1u << thread % warp_lanes;
    readers* slot = nullptr;
    for (readers& each : at.read)
    {
        if (each.epoch == epoch_ && each.warp == warp) slot = &each;
    }
    if (slot != nullptr)
    {
        bool all_ordered = true;
        for (unsigned rest = slot->lanes & ~bit; rest != 0 && all_ordered; rest &= rest - 1)
        {
            all_ordered = ordered(warp * warp_lanes + static_cast<unsigned>(__builtin_ctz(rest)), slot->clock, thread);
        }
        if (!all_ordered)
        {
            // The least clock: rather miss a race than make one up.
            slot->lanes |= bit;
            slot->clock = std::min(slot->clock, clocks_[thread]);
            return;
        }
    }
    else
    {
        slot = at.read[0].epoch == epoch_ ? &at.read[1] : &at.read[0];
    }
    *slot = {epoch_, clocks_[thread], bit, warp, code};
}

race race_detector::access(unsigned thread, size_t offset, size_t bytes, bool write, bool atomic, const void* code)
{
    race found;
    for (size_t i = offset; i < offset + bytes; i++)
    {
        cell& at = cells_[i];
        if (at.write_epoch == epoch_ && !(atomic && at.write_atomic) && !ordered(at.write_thread, at.write_clock, thread))
        {
            found.other = at.write_thread;
            found.other_wrote = true;
            found.other_code = at.write_code;
            return found;
        }
        if (!write)
        {
            note_read(at, thread, code);
            continue;
        }
        for (readers& each : at.read)
        {
            if (each.epoch != epoch_) continue;
            for (unsigned rest = each.lanes; rest != 0; rest &= rest - 1)
            {
                unsigned reader = each.warp * warp_lanes + static_cast<unsigned>(__builtin_ctz(rest));
                if (ordered(reader, each.clock, thread)) continue;
                found.other = static_cast<int>(reader);
                found.other_code = each.code;
                return found;
            }
            each.epoch = 0;
        }
        at.write_epoch = epoch_;
        at.write_clock = clocks_[thread];
        at.write_thread = static_cast<uint16_t>(thread);
        at.write_atomic = atomic;
        at.write_code = code;
    }
    return found;
}
} // namespace cudahost
