// Events, with times of the fake clock.
#include "driver.h"

using namespace fakecuda;

FAKE_API int cuEventCreate(Event** event, unsigned flags)
{
    FAKE_ENTRY("cuEventCreate");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    *event = new Event();
    (*event)->context = context;
    (*event)->timing = (flags & 2) == 0;
    note_object("events", *event);
    return Success;
}

FAKE_API int cuEventDestroy_v2(Event* event)
{
    FAKE_ENTRY("cuEventDestroy_v2");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(event, context, "event")) != Success) return status;
    event->point.reset();
    forget_object("events", event);
    return Success;
}

FAKE_API int cuEventRecord(Event* event, Stream* stream)
{
    FAKE_ENTRY("cuEventRecord");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(event, context, "event")) != Success) return status;
    if ((status = check_object(stream, context, "stream")) != Success) return status;
    auto point = std::make_shared<Point>();
    point->stream = stream;
    event->point = point;
    auto mark = [point]
    {
        point->done = true;
        point->nanoseconds = state().clock;
    };
    enqueue(*stream, {mark});
    return Success;
}

// Each question moves the stream on by one piece of work, so that asking ends.
FAKE_API int cuEventQuery(Event* event)
{
    FAKE_ENTRY("cuEventQuery");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(event, context, "event")) != Success) return status;
    if (event->point == nullptr || event->point->done) return Success;
    run_next(*event->point->stream);
    if (context->sticky != Success) return context->sticky;
    return event->point->done ? Success : NotReady;
}

FAKE_API int cuEventSynchronize(Event* event)
{
    FAKE_ENTRY("cuEventSynchronize");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(event, context, "event")) != Success) return status;
    if (event->point != nullptr) run_until(event->point);
    return context->sticky;
}

FAKE_API int cuEventElapsedTime(float* milliseconds, Event* start, Event* end)
{
    FAKE_ENTRY("cuEventElapsedTime");
    int status;
    Context* context = usable_context(status);
    if (context == nullptr) return status;
    if ((status = check_object(start, context, "event")) != Success) return status;
    if ((status = check_object(end, context, "event")) != Success) return status;
    if (!start->timing || !end->timing || start->point == nullptr || end->point == nullptr) return InvalidHandle;
    if (!start->point->done || !end->point->done) return NotReady;
    *milliseconds = float(double(int64_t(end->point->nanoseconds - start->point->nanoseconds)) / 1e6);
    return Success;
}
