// Atomic operations on global and shared memory, and the fences. Included by kernel.h. They are carried out by the runtime, checked
// like a store to the address, and never race with each other; a thread that spins on one lets the others of its block run.
#ifndef CUDAHOST_ATOMICS_H
#define CUDAHOST_ATOMICS_H

namespace cudahost
{
enum atomic_kind
{
    atomic_add,
    atomic_sub,
    atomic_min,
    atomic_max,
    atomic_exchange,
    atomic_and,
    atomic_or,
    atomic_xor,
    atomic_increment,
    atomic_decrement
};

CUDAHOST_RUNTIME int cudahost_atomic_i32(int kind, int* address, int value);
CUDAHOST_RUNTIME unsigned cudahost_atomic_u32(int kind, unsigned* address, unsigned value);
CUDAHOST_RUNTIME unsigned long long cudahost_atomic_u64(int kind, unsigned long long* address, unsigned long long value);
CUDAHOST_RUNTIME long long cudahost_atomic_i64(int kind, long long* address, long long value);
CUDAHOST_RUNTIME float cudahost_atomic_add_f32(float* address, float value);
CUDAHOST_RUNTIME double cudahost_atomic_add_f64(double* address, double value);
CUDAHOST_RUNTIME unsigned cudahost_atomic_cas_u16(unsigned short* address, unsigned short compare, unsigned short value);
CUDAHOST_RUNTIME unsigned cudahost_atomic_cas_u32(unsigned* address, unsigned compare, unsigned value);
CUDAHOST_RUNTIME unsigned long long cudahost_atomic_cas_u64(
    unsigned long long* address, unsigned long long compare, unsigned long long value);
CUDAHOST_RUNTIME void cudahost_fence();
} // namespace cudahost

#define CUDAHOST_ATOMIC(name, kind, type, call, cast) \
    static inline type name(type* address, type value) { return (type)cudahost::call(cudahost::kind, (cast*)address, (cast)value); }
#define CUDAHOST_ATOMIC_32(name, kind)                         \
    CUDAHOST_ATOMIC(name, kind, int, cudahost_atomic_i32, int) \
    CUDAHOST_ATOMIC(name, kind, unsigned, cudahost_atomic_u32, unsigned)
#define CUDAHOST_ATOMIC_64(name, kind) \
    CUDAHOST_ATOMIC_32(name, kind)     \
    CUDAHOST_ATOMIC(name, kind, unsigned long long, cudahost_atomic_u64, unsigned long long)

CUDAHOST_ATOMIC_64(atomicAdd, atomic_add)
CUDAHOST_ATOMIC_32(atomicSub, atomic_sub)
CUDAHOST_ATOMIC_64(atomicMin, atomic_min)
CUDAHOST_ATOMIC(atomicMin, atomic_min, long long, cudahost_atomic_i64, long long)
CUDAHOST_ATOMIC_64(atomicMax, atomic_max)
CUDAHOST_ATOMIC(atomicMax, atomic_max, long long, cudahost_atomic_i64, long long)
CUDAHOST_ATOMIC_64(atomicExch, atomic_exchange)
CUDAHOST_ATOMIC_64(atomicAnd, atomic_and)
CUDAHOST_ATOMIC_64(atomicOr, atomic_or)
CUDAHOST_ATOMIC_64(atomicXor, atomic_xor)
CUDAHOST_ATOMIC(atomicInc, atomic_increment, unsigned, cudahost_atomic_u32, unsigned)
CUDAHOST_ATOMIC(atomicDec, atomic_decrement, unsigned, cudahost_atomic_u32, unsigned)

#undef CUDAHOST_ATOMIC
#undef CUDAHOST_ATOMIC_32
#undef CUDAHOST_ATOMIC_64

static inline float atomicAdd(float* address, float value)
{
    return cudahost::cudahost_atomic_add_f32(address, value);
}
static inline double atomicAdd(double* address, double value) { return cudahost::cudahost_atomic_add_f64(address, value); }
static inline float atomicExch(float* address, float value)
{
    unsigned bits = cudahost::cudahost_atomic_u32(
        cudahost::atomic_exchange, (unsigned*)address, (unsigned)cudahost::exchange_bits(value));
    return cudahost::exchanged_value<float>(bits);
}
static inline int atomicCAS(int* address, int compare, int value)
{
    return (int)cudahost::cudahost_atomic_cas_u32((unsigned*)address, (unsigned)compare, (unsigned)value);
}
static inline unsigned atomicCAS(unsigned* address, unsigned compare, unsigned value)
{
    return cudahost::cudahost_atomic_cas_u32(address, compare, value);
}
static inline unsigned short atomicCAS(unsigned short* address, unsigned short compare, unsigned short value)
{
    return (unsigned short)cudahost::cudahost_atomic_cas_u16(address, compare, value);
}
static inline unsigned long long atomicCAS(unsigned long long* address, unsigned long long compare, unsigned long long value)
{
    return cudahost::cudahost_atomic_cas_u64(address, compare, value);
}

static inline void __threadfence() { cudahost::cudahost_fence(); }
static inline void __threadfence_block() { cudahost::cudahost_fence(); }
static inline void __threadfence_system() { cudahost::cudahost_fence(); }

#endif
