// What tests call: scripts, reset, report. A script is lines or parts between semicolons:
//   NAME fail CODE [at K] [for N]   calls K to K+N-1 of an entry point, counted from the last reset, give CODE (K: 1, N: 1; 0 is forever)
//   driver VERSION                  what cuDriverGetVersion gives
//   devices N                       how many devices there are
//   device I (capability|memory|mode|multiprocessors) VALUE
//   kernel NAME (threads|registers|local|shared) VALUE
//   mode (eager|deferred)           work is done when it is queued, or when somebody waits for it
//   record (on|off)                 launches are kept for the report; off and eager together execute none
//   clock advance NANOSECONDS
//   host_memory BYTES               how much page-locked memory one allocation may have
//   jitlog TEXT                     what the compiler says about the modules that are loaded next
#include "driver.h"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

using namespace fakecuda;

namespace
{
bool add_failure(const std::string& name, std::istringstream& words)
{
    Forced forced{0, 1, 1};
    if (!(words >> forced.code)) return false;
    std::string word;
    while (words >> word)
    {
        long number;
        if (!(words >> number) || number < 0) return false;
        if (word == "at")
            forced.from = number;
        else if (word == "for")
            forced.count = number == 0 ? LONG_MAX : number;
        else
            return false;
    }

    entry_point(name).forced.push_back(forced);
    return true;
}

bool set_device(std::istringstream& words)
{
    size_t index;
    std::string what;
    long long value;
    if (!(words >> index >> what >> value) || index >= state().devices.size() || value < 0) return false;
    Device& device = state().devices[index];
    if (what == "capability")
        device.capability = int(value);
    else if (what == "memory")
        device.memory = size_t(value);
    else if (what == "mode")
        device.compute_mode = int(value);
    else if (what == "multiprocessors")
        device.multiprocessors = int(value);
    else
        return false;
    return true;
}

bool set_kernel(std::istringstream& words)
{
    std::string name, what;
    int value;
    if (!(words >> name >> what >> value)) return false;
    KernelTraits& traits = state().traits[name];
    if (what == "threads")
        traits.max_threads = value;
    else if (what == "registers")
        traits.registers = value;
    else if (what == "local")
        traits.local_bytes = value;
    else if (what == "shared")
        traits.static_shared = value;
    else
        return false;
    return true;
}

bool set_choice(std::istringstream& words, const char* on, const char* off, bool& value)
{
    std::string word;
    if (!(words >> word) || (word != on && word != off)) return false;
    value = word == on;
    return true;
}

bool set_devices(std::istringstream& words)
{
    size_t count;
    if (!(words >> count) || count > 64) return false;
    for (size_t i = count; i < state().devices.size(); i++)
    {
        if (state().devices[i].retains > 0) return false;
    }

    state().devices.resize(count);
    return true;
}

bool obey(const std::string& line)
{
    std::istringstream words(line);
    std::string first, second;
    if (!(words >> first)) return true;
    if (first == "driver") return bool(words >> state().version);
    if (first == "devices") return set_devices(words);
    if (first == "device") return set_device(words);
    if (first == "kernel") return set_kernel(words);
    if (first == "mode") return set_choice(words, "eager", "deferred", state().eager);
    if (first == "record") return set_choice(words, "on", "off", state().recording);
    if (first == "host_memory") return bool(words >> state().host_memory);
    if (first == "jitlog")
    {
        std::getline(words >> std::ws, state().jit_log);
        return true;
    }

    uint64_t nanoseconds;
    if (first == "clock" && words >> second && second == "advance" && words >> nanoseconds)
    {
        state().clock += nanoseconds;
        return true;
    }

    return words >> second && second == "fail" && add_failure(first, words);
}

std::string quoted(const std::string& text)
{
    std::string out = "\"";
    for (const char letter : text)
    {
        if (letter == '"' || letter == '\\') out += '\\';
        out += static_cast<unsigned char>(letter) < 32 ? ' ' : letter;
    }

    return out + "\"";
}

std::string triple(const unsigned* values)
{
    return "[" + std::to_string(values[0]) + "," + std::to_string(values[1]) + "," + std::to_string(values[2]) + "]";
}

std::string describe(const Launch& launch)
{
    std::string arguments;
    for (const auto& bytes : launch.arguments)
    {
        std::string hex;
        for (const unsigned char byte : bytes)
        {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", byte);
            hex += digits;
        }

        arguments += (arguments.empty() ? "" : ",") + quoted(hex);
    }

    const std::string shape = ",\"grid\":" + triple(launch.grid) + ",\"block\":" + triple(launch.block);
    const std::string head = "{\"kernel\":" + quoted(launch.kernel) + ",\"device\":" + std::to_string(launch.device) + shape;
    return head + ",\"shared\":" + std::to_string(launch.shared) + ",\"arguments\":[" + arguments + "]}";
}

std::string report()
{
    for (const auto& entry : state().memory) check_canaries(*entry.second);
    for (const auto& entry : state().host) check_canaries(*entry.second);
    std::string live, calls, violations, launches;
    for (const auto& [kind, count] : state().live) live += (live.empty() ? "" : ",") + quoted(kind) + ":" + std::to_string(count);
    for (const auto& [name, entry] : state().entry_points)
    {
        if (entry.calls > 0) calls += (calls.empty() ? "" : ",") + quoted(name) + ":" + std::to_string(entry.calls);
    }

    for (const std::string& text : state().violations) violations += (violations.empty() ? "" : ",") + quoted(text);
    for (const Launch& launch : state().launches) launches += (launches.empty() ? "" : ",") + describe(launch);
    return "{\"live\":{" + live + "},\"calls\":{" + calls + "},\"violations\":[" + violations + "],\"launches\":[" + launches + "]}";
}

// Scripts of child processes come through the environment.
const bool scripted_by_environment = []
{
    const char* script = std::getenv("KSUITE_FAKECUDA_SCRIPT");
    if (script == nullptr) return false;
    std::string line;
    std::istringstream parts(script);
    while (std::getline(parts, line, ';'))
    {
        if (obey(line)) continue;
        std::fprintf(stderr, "fakecuda: cannot obey '%s'\n", line.c_str());
        std::abort();
    }

    return true;
}();
} // namespace

// 0, or 1 where a part of the script is not understood; what comes before it counts.
FAKE_API int fake_script(const char* script)
{
    const std::lock_guard<std::recursive_mutex> lock(state().gate);
    std::string text(script), line;
    std::replace(text.begin(), text.end(), ';', '\n');
    std::istringstream parts(text);
    while (std::getline(parts, line))
    {
        if (!obey(line)) return 1;
    }

    return 0;
}

// Forgets scripts, counts, launches and violations. Living objects stay: they belong to whoever made them.
FAKE_API void fake_reset()
{
    const std::lock_guard<std::recursive_mutex> lock(state().gate);
    State& all = state();
    all.version = 12040;
    all.eager = false;
    all.recording = true;
    all.host_memory = size_t(1) << 40;
    all.jit_log.clear();
    all.traits.clear();
    all.launches.clear();
    all.violations.clear();
    if (all.devices.size() < 2) all.devices.resize(2);
    while (all.devices.size() > 2 && all.devices.back().retains == 0) all.devices.pop_back();
    for (Device& device : all.devices)
    {
        const Device fresh;
        device.capability = fresh.capability;
        device.memory = fresh.memory;
        device.compute_mode = fresh.compute_mode;
        device.multiprocessors = fresh.multiprocessors;
    }

    for (auto& [name, entry] : all.entry_points)
    {
        entry.calls = 0;
        entry.forced.clear();
    }
}

// Writes the report as JSON with a final zero where it fits, and gives its length without the zero.
FAKE_API int fake_report(char* buffer, int size)
{
    const std::lock_guard<std::recursive_mutex> lock(state().gate);
    const std::string text = report();
    if (size > int(text.size())) std::memcpy(buffer, text.c_str(), text.size() + 1);
    return int(text.size());
}
