// Streams: queues of work that runs in order, when somebody waits for it (or at once, in eager mode).
#include "driver.h"

#include <algorithm>

namespace fakecuda
{
// What runs on the fake device takes this much of its time.
static constexpr uint64_t work_nanoseconds = 1000;

void enqueue(Stream& stream, Work work)
{
    if (state().eager)
    {
        run_all(stream);
        if (stream.context->sticky == Success) work.run();
        state().clock += work_nanoseconds;
        return;
    }

    stream.queue.push_back(std::move(work));
}

// After a fault the rest of the context's work never runs.
void run_next(Stream& stream)
{
    if (stream.queue.empty()) return;
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (stream.context->sticky != Success) return;
    state().clock += work_nanoseconds;
    work.run();
}

void run_all(Stream& stream)
{
    while (!stream.queue.empty()) run_next(stream);
}

void run_until(const std::shared_ptr<Point>& point)
{
    while (!point->done && !point->stream->queue.empty()) run_next(*point->stream);
}

void run_context(Context& context)
{
    for (Stream* stream : context.streams) run_all(*stream);
}
} // namespace fakecuda

using namespace fakecuda;

FAKE_API int cuStreamCreate(Stream** stream, unsigned flags)
{
    FAKE_ENTRY("cuStreamCreate");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if (flags > 1) return InvalidValue;
    *stream = new Stream();
    (*stream)->context = context;
    context->streams.push_back(*stream);
    note_object("streams", *stream);
    return Success;
}

FAKE_API int cuStreamDestroy_v2(Stream* stream)
{
    FAKE_ENTRY("cuStreamDestroy_v2");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    run_all(*stream);
    context->streams.erase(std::find(context->streams.begin(), context->streams.end(), stream));
    forget_object("streams", stream);
    return Success;
}

FAKE_API int cuStreamSynchronize(Stream* stream)
{
    FAKE_ENTRY("cuStreamSynchronize");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    run_all(*stream);
    return context->sticky;
}

FAKE_API int cuStreamQuery(Stream* stream)
{
    FAKE_ENTRY("cuStreamQuery");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    run_next(*stream);
    if (context->sticky != Success) return context->sticky;
    return stream->queue.empty() ? Success : NotReady;
}

FAKE_API int cuStreamWaitEvent(Stream* stream, Event* event, unsigned flags)
{
    FAKE_ENTRY("cuStreamWaitEvent");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    if ((status = check_object(event, context, "event")) != Success) return status;
    if (flags != 0) return InvalidValue;
    if (event->point == nullptr) return Success;
    auto wait = [point = event->point]
    { run_until(point); };
    enqueue(*stream, {wait});
    return Success;
}
