#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string>

namespace cudahost
{
// A string, not an array: the library's thread-local data has to fit the little that a loader keeps for libraries loaded late.
static thread_local std::string text;

int fail(int status, const char* format, ...)
{
    char buffer[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof(buffer), format, arguments);
    va_end(arguments);
    text = buffer;
    return status;
}

const char* last_error() { return text.c_str(); }
} // namespace cudahost
