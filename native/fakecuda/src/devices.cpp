// Version, devices, contexts.
#include "driver.h"

#include <algorithm>
#include <cstring>

using namespace fakecuda;

namespace
{
struct Name
{
    int code;
    const char* name;
    const char* words;
};

const Name names[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {709, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {802, "CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const Name* find_name(int code)
{
    const auto* found = std::find_if(std::begin(names), std::end(names), [code](const Name& name)
        { return name.code == code; });
    return found == std::end(names) ? nullptr : found;
}

Device* device_at(int device)
{
    return device >= 0 && size_t(device) < state().devices.size() ? &state().devices[size_t(device)] : nullptr;
}
} // namespace

FAKE_API int cuDriverGetVersion(int* version)
{
    static EntryPoint& entry = entry_point("cuDriverGetVersion");
    const Call call(entry, false);
    if (call.status() != Success) return call.status();
    *version = state().version;
    return Success;
}

FAKE_API int cuInit(unsigned flags)
{
    static EntryPoint& entry = entry_point("cuInit");
    const Call call(entry, false);
    if (call.status() != Success) return call.status();
    if (flags != 0) return InvalidValue;
    if (state().devices.empty()) return NoDevice;
    state().initialized = true;
    return Success;
}

FAKE_API int cuGetErrorName(int code, const char** text)
{
    const Name* found = find_name(code);
    *text = found == nullptr ? nullptr : found->name;
    return found == nullptr ? InvalidValue : Success;
}

FAKE_API int cuGetErrorString(int code, const char** text)
{
    const Name* found = find_name(code);
    *text = found == nullptr ? nullptr : found->words;
    return found == nullptr ? InvalidValue : Success;
}

FAKE_API int cuDeviceGetCount(int* count)
{
    FAKE_ENTRY("cuDeviceGetCount");
    *count = int(state().devices.size());
    return Success;
}

FAKE_API int cuDeviceGet(int* device, int ordinal)
{
    FAKE_ENTRY("cuDeviceGet");
    if (device_at(ordinal) == nullptr) return InvalidDevice;
    *device = ordinal;
    return Success;
}

FAKE_API int cuDeviceGetName(char* name, int length, int device)
{
    FAKE_ENTRY("cuDeviceGetName");
    const Device* found = device_at(device);
    if (found == nullptr || length < 1) return InvalidDevice;
    std::strncpy(name, found->name.c_str(), size_t(length) - 1);
    name[length - 1] = 0;
    return Success;
}

FAKE_API int cuDeviceTotalMem_v2(size_t* bytes, int device)
{
    FAKE_ENTRY("cuDeviceTotalMem_v2");
    const Device* found = device_at(device);
    if (found == nullptr) return InvalidDevice;
    *bytes = found->memory;
    return Success;
}

FAKE_API int cuDeviceGetAttribute(int* value, int attribute, int device)
{
    FAKE_ENTRY("cuDeviceGetAttribute");
    const Device* found = device_at(device);
    if (found == nullptr) return InvalidDevice;
    switch (attribute)
    {
        case 1:
            *value = found->max_threads;
            return Success;
        case 2:
        case 3:
            *value = 1024;
            return Success;
        case 4:
            *value = 64;
            return Success;
        case 5:
            *value = 2147483647;
            return Success;
        case 6:
        case 7:
            *value = 65535;
            return Success;
        case 8:
            *value = found->shared_per_block;
            return Success;
        case 13:
            *value = found->clock_khz;
            return Success;
        case 16:
            *value = found->multiprocessors;
            return Success;
        case 20:
            *value = found->compute_mode;
            return Success;
        case 75:
            *value = found->capability / 10;
            return Success;
        case 76:
            *value = found->capability % 10;
            return Success;
        case 97:
            *value = found->shared_opt_in;
            return Success;
        default:
            return InvalidValue;
    }
}

FAKE_API int cuDevicePrimaryCtxRetain(Context** context, int device)
{
    FAKE_ENTRY("cuDevicePrimaryCtxRetain");
    Device* found = device_at(device);
    if (found == nullptr) return InvalidDevice;
    if (found->compute_mode == 2) return InvalidDevice;
    if (found->primary == nullptr)
    {
        found->primary = new Context();
        found->primary->device = device;
        note_object("contexts", found->primary);
    }

    found->retains++;
    state().live["retains"]++;
    *context = found->primary;
    return Success;
}

FAKE_API int cuDevicePrimaryCtxRelease_v2(int device)
{
    FAKE_ENTRY("cuDevicePrimaryCtxRelease_v2");
    Device* found = device_at(device);
    if (found == nullptr) return InvalidDevice;
    if (found->retains == 0)
    {
        violation("a primary context was released more often than retained");
        return InvalidContext;
    }

    state().live["retains"]--;
    if (--found->retains > 0) return Success;
    Context& context = *found->primary;
    run_context(context);
    destroy_memory(context);
    destroy_objects(context);
    forget_object("contexts", &context);
    found->primary = nullptr;
    return Success;
}

FAKE_API int cuCtxGetCurrent(Context** context)
{
    FAKE_ENTRY("cuCtxGetCurrent");
    *context = current_context();
    return Success;
}

FAKE_API int cuCtxSetCurrent(Context* context)
{
    FAKE_ENTRY("cuCtxSetCurrent");
    if (context != nullptr && !context->alive)
    {
        violation("a destroyed context was made current");
        return InvalidContext;
    }

    current_context() = context;
    return Success;
}

FAKE_API int cuCtxSynchronize()
{
    FAKE_ENTRY("cuCtxSynchronize");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    run_context(*context);
    return context->sticky;
}
