// Warp operations: shuffles, votes, matches and reductions over the lanes of a mask. Included by kernel.h.
#ifndef CUDAHOST_WARP_H
#define CUDAHOST_WARP_H

namespace cudahost
{
enum shuffle_kind
{
    shuffle_index,
    shuffle_up,
    shuffle_down,
    shuffle_xor
};

enum reduce_kind
{
    reduce_add,
    reduce_min_signed,
    reduce_max_signed,
    reduce_min_unsigned,
    reduce_max_unsigned,
    reduce_and,
    reduce_or,
    reduce_xor
};

CUDAHOST_RUNTIME uint64_t cudahost_shuffle(
    int kind, unsigned mask, uint64_t bits, unsigned operand, unsigned width, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME unsigned cudahost_ballot(const char* operation, unsigned mask, int predicate, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME unsigned cudahost_match(int all, unsigned mask, uint64_t bits, int* same, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME unsigned cudahost_reduce(int kind, unsigned mask, unsigned value, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME unsigned cudahost_active_mask();
CUDAHOST_RUNTIME void cudahost_sync_warp(unsigned mask, CUDAHOST_SITE_PARAMETERS);

// Bits of a 4- or 8-byte value, widened; what the lanes exchange.
template <typename T>
__attribute__((always_inline)) inline uint64_t exchange_bits(T value)
{
    static_assert(sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8,
        "warp operations take values of 1, 2, 4 or 8 bytes");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    return bits;
}

template <typename T>
__attribute__((always_inline)) inline T exchanged_value(uint64_t bits)
{
    T value;
    __builtin_memcpy(&value, &bits, sizeof(T));
    return value;
}
} // namespace cudahost

// A lane that reads from one outside the mask gets a signalling NaN's bits: CUDA leaves the value undefined.
template <typename T>
static inline T __shfl_sync(unsigned mask, T value, int lane, int width = 32, CUDAHOST_SITE)
{
    return cudahost::exchanged_value<T>(cudahost::cudahost_shuffle(
        cudahost::shuffle_index, mask, cudahost::exchange_bits(value), (unsigned)lane, (unsigned)width, file, line));
}
template <typename T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, CUDAHOST_SITE)
{
    return cudahost::exchanged_value<T>(cudahost::cudahost_shuffle(
        cudahost::shuffle_up, mask, cudahost::exchange_bits(value), delta, (unsigned)width, file, line));
}
template <typename T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, CUDAHOST_SITE)
{
    return cudahost::exchanged_value<T>(cudahost::cudahost_shuffle(
        cudahost::shuffle_down, mask, cudahost::exchange_bits(value), delta, (unsigned)width, file, line));
}
template <typename T>
static inline T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, CUDAHOST_SITE)
{
    return cudahost::exchanged_value<T>(cudahost::cudahost_shuffle(
        cudahost::shuffle_xor, mask, cudahost::exchange_bits(value), (unsigned)lane_mask, (unsigned)width, file, line));
}

static inline unsigned __ballot_sync(unsigned mask, int predicate, CUDAHOST_SITE)
{
    return cudahost::cudahost_ballot("__ballot_sync", mask, predicate, file, line);
}
static inline int __any_sync(unsigned mask, int predicate, CUDAHOST_SITE)
{
    return cudahost::cudahost_ballot("__any_sync", mask, predicate, file, line) != 0;
}
static inline int __all_sync(unsigned mask, int predicate, CUDAHOST_SITE)
{
    return cudahost::cudahost_ballot("__all_sync", mask, !predicate, file, line) == 0;
}
template <typename T>
static inline unsigned __match_any_sync(unsigned mask, T value, CUDAHOST_SITE)
{
    return cudahost::cudahost_match(0, mask, cudahost::exchange_bits(value), nullptr, file, line);
}
template <typename T>
static inline unsigned __match_all_sync(unsigned mask, T value, int* same, CUDAHOST_SITE)
{
    int all = 0;
    unsigned lanes = cudahost::cudahost_match(1, mask, cudahost::exchange_bits(value), &all, file, line);
    *same = all;
    return lanes;
}

static inline unsigned __reduce_add_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_add, mask, value, file, line);
}
static inline int __reduce_add_sync(unsigned mask, int value, CUDAHOST_SITE)
{
    return (int)cudahost::cudahost_reduce(cudahost::reduce_add, mask, (unsigned)value, file, line);
}
static inline unsigned __reduce_min_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_min_unsigned, mask, value, file, line);
}
static inline int __reduce_min_sync(unsigned mask, int value, CUDAHOST_SITE)
{
    return (int)cudahost::cudahost_reduce(cudahost::reduce_min_signed, mask, (unsigned)value, file, line);
}
static inline unsigned __reduce_max_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_max_unsigned, mask, value, file, line);
}
static inline int __reduce_max_sync(unsigned mask, int value, CUDAHOST_SITE)
{
    return (int)cudahost::cudahost_reduce(cudahost::reduce_max_signed, mask, (unsigned)value, file, line);
}
static inline unsigned __reduce_and_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_and, mask, value, file, line);
}
static inline unsigned __reduce_or_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_or, mask, value, file, line);
}
static inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, CUDAHOST_SITE)
{
    return cudahost::cudahost_reduce(cudahost::reduce_xor, mask, value, file, line);
}

static inline unsigned __activemask() { return cudahost::cudahost_active_mask(); }
static inline void __syncwarp(unsigned mask = 0xffffffffu, CUDAHOST_SITE) { cudahost::cudahost_sync_warp(mask, file, line); }

#endif
