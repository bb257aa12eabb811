// Kernels that the fake device knows by name, so that data can be followed from end to end. Others do nothing.
#include "driver.h"

#include <cstring>

namespace fakecuda
{
namespace
{
template <typename T>
T argument(const Launch& launch, size_t index)
{
    T value{};
    const bool fits = index < launch.arguments.size() && launch.arguments[index].size() == sizeof(T);
    if (fits) std::memcpy(&value, launch.arguments[index].data(), sizeof(T));
    return value;
}

// Memory that a kernel touches; a wrong address is what it would be on a GPU, and goes on record as well.
float* floats(uintptr_t address, size_t count, const Context& context)
{
    return count == 0 || check_range(address, count * sizeof(float), &context, "a kernel") ? reinterpret_cast<float*>(address) : nullptr;
}

int axpy(const Launch& launch, const Context& context)
{
    const int count = argument<int>(launch, 3);
    const size_t threads = size_t(launch.grid[0]) * launch.block[0];
    const size_t elements = std::min(threads, size_t(std::max(count, 0)));
    const float* x = floats(argument<uintptr_t>(launch, 0), elements, context);
    float* y = floats(argument<uintptr_t>(launch, 1), elements, context);
    if (x == nullptr || y == nullptr) return IllegalAddress;
    const float a = argument<float>(launch, 2);
    for (size_t i = 0; i < elements; i++) y[i] = a * x[i] + y[i];
    return Success;
}

int fill(const Launch& launch, const Context& context)
{
    const size_t elements = size_t(std::max(argument<int>(launch, 2), 0));
    float* y = floats(argument<uintptr_t>(launch, 0), elements, context);
    if (y == nullptr) return IllegalAddress;
    for (size_t i = 0; i < elements; i++) y[i] = argument<float>(launch, 1);
    return Success;
}

int eight(const Launch& launch, const Context& context)
{
    const size_t elements = size_t(launch.grid[0]) * launch.block[0];
    float* y = floats(argument<uintptr_t>(launch, 0), elements, context);
    if (y == nullptr) return IllegalAddress;
    for (size_t i = 0; i < elements; i++) y[i] = float(i / launch.block[0]);
    return Success;
}

int is_null(const Launch& launch, const Context& context)
{
    float* answer = floats(argument<uintptr_t>(launch, 1), 1, context);
    if (answer == nullptr) return IllegalAddress;
    const int said = argument<uintptr_t>(launch, 0) == 0 ? 1 : 0;
    std::memcpy(answer, &said, sizeof said);
    return Success;
}
} // namespace

int run_kernel(const Launch& launch, const Context& context)
{
    if (launch.kernel == "axpy") return axpy(launch, context);
    if (launch.kernel == "fill") return fill(launch, context);
    if (launch.kernel == "eight") return eight(launch, context);
    if (launch.kernel == "is_null") return is_null(launch, context);
    if (launch.kernel == "fault") return IllegalAddress;
    return Success;
}
} // namespace fakecuda
