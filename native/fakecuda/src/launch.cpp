// Launches and occupancy.
#include "driver.h"

#include <algorithm>

using namespace fakecuda;

FAKE_API int cuLaunchKernel(Function* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned shared, Stream* stream, void** parameters, void** extra)
{
    FAKE_ENTRY("cuLaunchKernel");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    if ((status = check_object(function->module, context, "module")) != Success) return status;
    const Device& device = state().devices[size_t(context->device)];
    const bool empty = grid_x == 0 || grid_y == 0 || grid_z == 0 || block_x == 0 || block_y == 0 || block_z == 0;
    const bool large = grid_y > 65535 || grid_z > 65535 || block_x > 1024 || block_y > 1024 || block_z > 64;
    if (empty || large || extra != nullptr) return InvalidValue;
    if (parameters == nullptr && !function->parameters.empty()) return InvalidValue;
    const uint64_t threads = uint64_t(block_x) * block_y * block_z;
    if (threads > uint64_t(std::min(function->max_threads, device.max_threads))) return InvalidValue;
    if (shared > unsigned(function->max_dynamic)) return InvalidValue;
    if (!state().recording && state().eager) return Success;

    // The argument values are taken now, as the driver does.
    Launch launch{function->name, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, context->device, {}};
    for (size_t i = 0; i < function->parameters.size(); i++)
    {
        const auto* first = static_cast<const unsigned char*>(parameters[i]);
        launch.arguments.emplace_back(first, first + function->parameters[i]);
    }

    if (state().recording && state().launches.size() < 10000) state().launches.push_back(launch);
    auto execute = [launch = std::move(launch), context]
    {
        state().clock += 9000;
        const int fault = run_kernel(launch, *context);
        if (fault != Success) context->sticky = fault;
    };
    enqueue(*stream, {std::move(execute)});
    return Success;
}

// Not the hardware's formula in every detail: threads, shared memory and registers each bound the number of blocks.
FAKE_API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* function, int block_size, size_t dynamic_shared)
{
    FAKE_ENTRY("cuOccupancyMaxActiveBlocksPerMultiprocessor");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(function->module, context, "module")) != Success) return status;
    if (block_size < 1) return InvalidValue;
    const Device& device = state().devices[size_t(context->device)];
    const size_t shared = dynamic_shared + size_t(function->static_shared);
    const int by_threads = 2048 / block_size;
    const int by_registers = 65536 / (block_size * std::max(function->registers, 1));
    const int by_shared = shared == 0 ? 32 : int(size_t(device.shared_opt_in) / shared);
    *blocks = std::min({by_threads, by_registers, by_shared, 32});
    return Success;
}
