// Modules: PTX, and cubins, which here are PTX behind the first bytes of an ELF file. Only what a loader sees is read.
#include "driver.h"

#include <cctype>
#include <cstdlib>
#include <cstring>

namespace fakecuda
{
int newest_ptx(int driver)
{
    // 11.x compiles up to 7.x; 12.x up to 8.x.
    return (driver / 1000 - 4) * 10 + driver % 1000 / 10;
}

namespace
{
const char elf[] = "\x7f"
                   "ELF";

// The number behind a directive such as ".target sm_", or -1.
int number_after(const std::string& text, const char* directive)
{
    const size_t at = text.find(directive);
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + std::strlen(directive));
}

int size_of(const std::string& type)
{
    return std::atoi(type.c_str() + 2) / 8;
}

// Reads ".param {.align n} .type name{[count]}" up to the closing parenthesis.
std::vector<int> read_parameters(const std::string& text, size_t& at)
{
    std::vector<int> sizes;
    const size_t end = text.find(')', at);
    while (at < end)
    {
        const size_t start = text.find(".param", at);
        if (start == std::string::npos || start > end) break;
        const size_t stop = std::min(text.find(',', start), end);
        const std::string one = text.substr(start + 6, stop - start - 6);
        int size = 0;
        for (size_t i = 0; i < one.size(); i++)
        {
            const bool is_type = one[i] == '.' && i + 2 < one.size() && std::strchr("bsuf", one[i + 1]) != nullptr;
            if (is_type && std::isdigit(static_cast<unsigned char>(one[i + 2])))
            {
                size = size_of(one.substr(i));
                break;
            }
        }

        const size_t bracket = one.find('[');
        if (bracket != std::string::npos) size *= std::atoi(one.c_str() + bracket + 1);
        sizes.push_back(size);
        at = stop + 1;
    }

    at = end;
    return sizes;
}

void read_functions(const std::string& text, Module& module)
{
    size_t at = 0;
    while ((at = text.find(".entry", at)) != std::string::npos)
    {
        at += 6;
        while (std::isspace(static_cast<unsigned char>(text[at]))) at++;
        const size_t start = at;
        while (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_' || text[at] == '$') at++;
        Function function;
        function.module = &module;
        function.name = text.substr(start, at - start);
        function.parameters = read_parameters(text, at);
        const KernelTraits& traits = state().traits[function.name];
        function.max_threads = traits.max_threads;
        function.registers = traits.registers;
        function.local_bytes = traits.local_bytes;
        function.static_shared = traits.static_shared;
        function.max_dynamic = (48 << 10) - traits.static_shared;
        module.functions[function.name] = function;
    }
}

void write_log(const std::string& text, unsigned count, const int* options, void** values, int buffer_option, int size_option)
{
    char* buffer = nullptr;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++)
    {
        if (options[i] == buffer_option) buffer = static_cast<char*>(values[i]);
        if (options[i] == size_option) size = size_t(values[i]);
    }

    if (buffer == nullptr || size == 0) return;
    std::strncpy(buffer, text.c_str(), size - 1);
    buffer[size - 1] = 0;
}

int load(Module& module, const char* image, const Context& context)
{
    const bool is_cubin = std::memcmp(image, elf, 4) == 0;
    const std::string text(is_cubin ? image + 4 : image);
    const int capability = state().devices[size_t(context.device)].capability;
    const int target = number_after(text, ".target sm_");
    const size_t version = text.find(".version ");
    if (target < 0 || version == std::string::npos) return is_cubin ? InvalidImage : InvalidPtx;
    if (is_cubin && (target / 10 != capability / 10 || target > capability)) return NoBinaryForGpu;
    if (!is_cubin)
    {
        if (target > capability) return NoBinaryForGpu;
        const int major = std::atoi(text.c_str() + version + 9);
        const int minor = std::atoi(text.c_str() + text.find('.', version + 9) + 1);
        if (major * 10 + minor > newest_ptx(state().version)) return UnsupportedPtxVersion;
    }

    module.capability = is_cubin ? target : capability;
    read_functions(text, module);
    return Success;
}
} // namespace
} // namespace fakecuda

using namespace fakecuda;

FAKE_API int cuModuleLoadDataEx(Module** module, const void* image, unsigned count, const int* options, void** values)
{
    static EntryPoint& entry = entry_point("cuModuleLoadDataEx");
    const Call call(entry);
    int status = call.status();
    Context* context = nullptr;
    if (status == Success) context = usable_context(status);
    auto made = std::make_unique<Module>();
    made->context = context;
    if (status == Success) status = load(*made, static_cast<const char*>(image), *context);
    const std::string failed = state().jit_log.empty() ? "fake compiler: error " + std::to_string(status) : state().jit_log;
    write_log(status == Success ? state().jit_log : "", count, options, values, 3, 4);
    write_log(status == Success ? "" : failed, count, options, values, 5, 6);
    if (status != Success) return status;
    *module = made.release();
    note_object("modules", *module);
    return Success;
}

FAKE_API int cuModuleUnload(Module* module)
{
    FAKE_ENTRY("cuModuleUnload");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(module, context, "module")) != Success) return status;
    for (const Stream* stream : context->streams)
    {
        if (!stream->queue.empty()) violation("a module was unloaded while work is queued");
    }

    forget_object("modules", module);
    return Success;
}

FAKE_API int cuModuleGetFunction(Function** function, Module* module, const char* name)
{
    FAKE_ENTRY("cuModuleGetFunction");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(module, context, "module")) != Success) return status;
    const auto found = module->functions.find(name);
    if (found == module->functions.end()) return NotFound;
    *function = &found->second;
    return Success;
}

FAKE_API int cuFuncGetAttribute(int* value, int attribute, Function* function)
{
    FAKE_ENTRY("cuFuncGetAttribute");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(function->module, context, "module")) != Success) return status;
    switch (attribute)
    {
        case 0:
            *value = function->max_threads;
            return Success;
        case 1:
            *value = function->static_shared;
            return Success;
        case 3:
            *value = function->local_bytes;
            return Success;
        case 4:
            *value = function->registers;
            return Success;
        case 5:
        case 6:
            *value = function->module->capability;
            return Success;
        case 8:
            *value = function->max_dynamic;
            return Success;
        default:
            return InvalidValue;
    }
}

FAKE_API int cuFuncSetAttribute(Function* function, int attribute, int value)
{
    FAKE_ENTRY("cuFuncSetAttribute");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(function->module, context, "module")) != Success) return status;
    const Device& device = state().devices[size_t(context->device)];
    if (attribute != 8 || value < 0 || value + function->static_shared > device.shared_opt_in) return InvalidValue;
    function->max_dynamic = value;
    return Success;
}
