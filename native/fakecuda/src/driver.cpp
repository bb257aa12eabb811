// Bookkeeping that every entry point shares: counting, scripted failures, contexts of threads, living objects.
#include "driver.h"

#include <cstdio>
#include <set>

namespace fakecuda
{
namespace
{

// Living objects with their kinds, to be swept when their context goes.
std::map<Object*, std::string>& living()
{
    static auto* objects = new std::map<Object*, std::string>();
    return *objects;
}

// Handles ever given out; anything else is no handle.
std::set<const Object*>& known()
{
    static auto* objects = new std::set<const Object*>();
    return *objects;
}
} // namespace

// Never destroyed: finalisers of the host program may call when the process is already ending.
State& state()
{
    static State* instance = []
    {
        auto* made = new State();
        made->devices.resize(2);
        return made;
    }();
    return *instance;
}

EntryPoint& entry_point(const std::string& name)
{
    const std::lock_guard<std::recursive_mutex> lock(state().gate);
    EntryPoint& entry = state().entry_points[name];
    entry.name = name;
    return entry;
}

Call::Call(EntryPoint& entry, bool needs_init) : lock(state().gate), failure(Success)
{
    const long number = ++entry.calls;
    for (const Forced& forced : entry.forced)
    {
        if (number >= forced.from && number - forced.from < forced.count) failure = forced.code;
    }

    if (failure == Success && needs_init && !state().initialized) failure = NotInitialized;
}

Context*& current_context()
{
    thread_local Context* current = nullptr;
    return current;
}

Context* usable_context(int& status)
{
    Context* context = current_context();
    status = context == nullptr || !context->alive ? int(InvalidContext) : context->sticky;
    return status == Success ? context : nullptr;
}

void violation(const std::string& text)
{
    if (state().violations.size() < 1000) state().violations.push_back(text);
}

std::string address_text(const void* address)
{
    char text[32];
    std::snprintf(text, sizeof text, "%p", address);
    return text;
}

int check_object(const Object* object, const Context* context, const char* what)
{
    if (known().count(object) == 0)
    {
        violation(std::string("not a ") + what + ": " + address_text(object));
        return InvalidHandle;
    }

    if (!object->alive)
    {
        violation(std::string("a destroyed ") + what + " was used");
        return InvalidHandle;
    }

    if (object->context != context)
    {
        violation(std::string("a ") + what + " was used while the context of another device was current");
        return InvalidHandle;
    }

    return Success;
}

void note_object(const char* kind, Object* object)
{
    known().insert(object);
    living()[object] = kind;
    state().live[kind]++;
}

void forget_object(const char* kind, Object* object)
{
    object->alive = false;
    living().erase(object);
    state().live[kind]--;
}

// What still lives in a context that is destroyed goes with it. In a lost context nothing else can be done; otherwise it is a leak.
void destroy_objects(Context& context)
{
    std::map<std::string, int> left;
    for (auto at = living().begin(); at != living().end();)
    {
        Object* object = at->first;
        if (object->context != &context || object == &context)
        {
            ++at;
            continue;
        }

        left[at->second]++;
        state().live[at->second]--;
        object->alive = false;
        at = living().erase(at);
    }

    if (context.sticky != Success) return;
    for (const auto& [kind, count] : left) violation("context released with " + std::to_string(count) + " living " + kind);
}
} // namespace fakecuda
