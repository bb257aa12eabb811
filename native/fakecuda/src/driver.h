// The state of the fake driver. One lock over all of it: the tests look for wrong calls, not for speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#if defined(_WIN32)
#define FAKE_API extern "C" __declspec(dllexport)
#else
#define FAKE_API extern "C" __attribute__((visibility("default")))
#endif

namespace fakecuda
{
// Values of CUresult, from NVIDIA's manual.
enum Status : int
{
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    NotInitialized = 3,
    NoDevice = 100,
    InvalidDevice = 101,
    InvalidImage = 200,
    InvalidContext = 201,
    NoBinaryForGpu = 209,
    InvalidPtx = 218,
    UnsupportedPtxVersion = 222,
    InvalidHandle = 400,
    NotFound = 500,
    NotReady = 600,
    IllegalAddress = 700,
    LaunchOutOfResources = 701,
};

// A failure that a script asked for: calls number `from` to `from + count - 1` of an entry point give `code`.
struct Forced
{
    int code;
    long from;
    long count;
};

struct EntryPoint
{
    std::string name;
    long calls = 0; // since the last reset
    std::vector<Forced> forced;
};

struct Context;

struct Device
{
    std::string name = "Fake GPU";
    int capability = 80; // 10 * major + minor
    size_t memory = size_t(4) << 30;
    size_t used = 0;
    int multiprocessors = 8;
    int compute_mode = 0;
    int shared_per_block = 48 << 10;
    int shared_opt_in = 163 << 10;
    int max_threads = 1024;
    int clock_khz = 1410000;
    Context* primary = nullptr;
    int retains = 0;
};

// Objects stay allocated when they are destroyed, so that a later use of the handle is recognised.
struct Object
{
    Context* context = nullptr;
    bool alive = true;
};

struct Context : Object
{
    int device = 0;
    int sticky = Success; // the code that ended it
    std::vector<struct Stream*> streams;
};

// A point in a stream that an event stands for.
struct Point
{
    struct Stream* stream = nullptr;
    bool done = false;
    uint64_t nanoseconds = 0;
};

struct Work
{
    Work(std::function<void()> work, const char* used = nullptr) : run(std::move(work)), host(used) {}

    std::function<void()> run;
    const char* host; // host memory that it will touch, if any
};

struct Stream : Object
{
    std::deque<Work> queue;
};

struct Event : Object
{
    bool timing = true;
    std::shared_ptr<Point> point;
};

// Device memory, or page-locked host memory.
struct Block : Object
{
    char* start = nullptr; // what the caller sees; canaries lie around it
    size_t bytes = 0;
};

struct Function
{
    struct Module* module = nullptr;
    std::string name;
    std::vector<int> parameters; // sizes
    int max_threads = 1024;
    int registers = 32;
    int local_bytes = 0;
    int static_shared = 0;
    int max_dynamic = 48 << 10;
};

struct Module : Object
{
    std::map<std::string, Function> functions;
    int capability = 80;
};

// What a script says about a kernel, by name; it counts for modules that are loaded later.
struct KernelTraits
{
    int max_threads = 1024;
    int registers = 32;
    int local_bytes = 0;
    int static_shared = 0;
};

struct Launch
{
    std::string kernel;
    unsigned grid[3];
    unsigned block[3];
    unsigned shared;
    int device;
    std::vector<std::vector<unsigned char>> arguments;
};

struct State
{
    std::recursive_mutex gate;
    bool initialized = false;
    int version = 12040;
    bool eager = false;    // work is done when it is queued, instead of when somebody waits
    bool recording = true; // launches are kept for the report
    uint64_t clock = 1000000;
    size_t host_memory = size_t(1) << 40; // how much page-locked memory may be had
    std::string jit_log;
    std::deque<Device> devices;
    std::map<std::string, EntryPoint> entry_points;
    std::map<std::string, KernelTraits> traits;
    std::map<uintptr_t, Block*> memory; // living device memory by address
    std::map<uintptr_t, Block*> host;   // living page-locked memory by address
    std::map<uintptr_t, Block*> freed;  // device memory in quarantine
    std::vector<Launch> launches;
    std::vector<std::string> violations;
    std::map<std::string, long> live; // by kind
};

State& state();
EntryPoint& entry_point(const std::string& name);

// Guards one call: holds the lock, counts, and knows whether a script wants it to fail.
class Call
{
  public:
    explicit Call(EntryPoint& entry, bool needs_init = true);
    int status() const { return failure; }

  private:
    std::lock_guard<std::recursive_mutex> lock;
    int failure;
};

// Opens every entry point: returns early where a script says so or cuInit is missing.
#define FAKE_ENTRY(name)                                                   \
    static fakecuda::EntryPoint& fake_entry = fakecuda::entry_point(name); \
    const fakecuda::Call fake_call(fake_entry);                            \
    if (fake_call.status() != fakecuda::Success) return fake_call.status()

// The context current on this thread, if it is usable; else the status that the call has to give.
Context* usable_context(int& status);
Context*& current_context();

// Remembers something that a correct program does not do.
void violation(const std::string& text);
std::string address_text(const void* address);

// An object handed in: alive and of the current context, or an error and a violation.
int check_object(const Object* object, const Context* context, const char* what);

// streams.cpp
void enqueue(Stream& stream, Work work);
void run_next(Stream& stream);
void run_all(Stream& stream);
void run_until(const std::shared_ptr<Point>& point);
void run_context(Context& context);

// memory.cpp
bool check_range(uintptr_t address, size_t bytes, const Context* context, const char* what);
Block* host_block(const void* address, size_t bytes);
void check_canaries(const Block& block);
void destroy_memory(Context& context);

// modules.cpp, kernels.cpp, driver.cpp
void destroy_objects(Context& context);
void note_object(const char* kind, Object* object);
void forget_object(const char* kind, Object* object);
int newest_ptx(int driver);
int run_kernel(const Launch& launch, const Context& context);
} // namespace fakecuda
