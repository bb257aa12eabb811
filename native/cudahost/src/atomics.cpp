// Atomic operations: checked, then carried out by the processor's own, since blocks run on several cores.
#include "access.h"
#include "kernel_calls.h"

namespace cudahost
{
namespace
{
// A thread that waits for another by spinning would keep it from ever running: after this many it lets the others go on.
constexpr unsigned spins_before_yield = 64;

template <typename T>
void before(const T* address, const void* code)
{
    worker& at = calling_worker("an atomic operation", nullptr, 0);
    place where;
    where.code = code;
    if (++at.self->spins >= spins_before_yield) at.yield(where);
    check_access(at, reinterpret_cast<uintptr_t>(address), sizeof(T), sizeof(T), access_kind::atomic, where);
}

template <typename T>
T operate(int kind, T* address, T value)
{
    switch (kind)
    {
        case 0:
            return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);
        case 1:
            return __atomic_fetch_sub(address, value, __ATOMIC_SEQ_CST);
        case 4:
            return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);
        case 5:
            return __atomic_fetch_and(address, value, __ATOMIC_SEQ_CST);
        case 6:
            return __atomic_fetch_or(address, value, __ATOMIC_SEQ_CST);
        case 7:
            return __atomic_fetch_xor(address, value, __ATOMIC_SEQ_CST);
        default:
            break;
    }
    T old = __atomic_load_n(address, __ATOMIC_SEQ_CST), wanted;
    do
    {
        switch (kind)
        {
            case 2:
                wanted = value < old ? value : old;
                break;
            case 3:
                wanted = value > old ? value : old;
                break;
            case 8:
                wanted = old >= value ? T(0) : T(old + 1);
                break;
            default:
                wanted = old == 0 || old > value ? value : T(old - 1);
                break;
        }
    } while (!__atomic_compare_exchange_n(address, &old, wanted, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return old;
}

template <typename T, typename bits>
T add(T* address, T value)
{
    bits* target = reinterpret_cast<bits*>(address);
    bits old = __atomic_load_n(target, __ATOMIC_SEQ_CST), wanted;
    T before_it;
    do
    {
        memcpy(&before_it, &old, sizeof(T));
        T sum = before_it + value;
        memcpy(&wanted, &sum, sizeof(T));
    } while (!__atomic_compare_exchange_n(target, &old, wanted, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return before_it;
}

template <typename T>
T compare_and_swap(T* address, T compare, T value)
{
    __atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return compare;
}
} // namespace
} // namespace cudahost

using namespace cudahost;

#define CUDAHOST_ATOMIC(name, type)                                \
    CUDAHOST_EXPORT type name(int kind, type* address, type value) \
    {                                                              \
        before(address, __builtin_return_address(0));              \
        return operate(kind, address, value);                      \
    }
CUDAHOST_ATOMIC(cudahost_atomic_i32, int)
CUDAHOST_ATOMIC(cudahost_atomic_u32, unsigned)
CUDAHOST_ATOMIC(cudahost_atomic_u64, unsigned long long)
CUDAHOST_ATOMIC(cudahost_atomic_i64, long long)

CUDAHOST_EXPORT float cudahost_atomic_add_f32(float* address, float value)
{
    before(address, __builtin_return_address(0));
    return add<float, uint32_t>(address, value);
}
CUDAHOST_EXPORT double cudahost_atomic_add_f64(double* address, double value)
{
    before(address, __builtin_return_address(0));
    return add<double, uint64_t>(address, value);
}
CUDAHOST_EXPORT unsigned cudahost_atomic_cas_u16(unsigned short* address, unsigned short compare, unsigned short value)
{
    before(address, __builtin_return_address(0));
    return compare_and_swap(address, compare, value);
}
CUDAHOST_EXPORT unsigned cudahost_atomic_cas_u32(unsigned* address, unsigned compare, unsigned value)
{
    before(address, __builtin_return_address(0));
    return compare_and_swap(address, compare, value);
}
CUDAHOST_EXPORT unsigned long long cudahost_atomic_cas_u64(
    unsigned long long* address, unsigned long long compare, unsigned long long value)
{
    before(address, __builtin_return_address(0));
    return compare_and_swap(address, compare, value);
}
CUDAHOST_EXPORT void cudahost_fence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
