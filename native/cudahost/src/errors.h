// The text behind a status: one a thread, kept until the thread's next failing call.
#ifndef CUDAHOST_ERRORS_H
#define CUDAHOST_ERRORS_H

namespace cudahost
{
// Keeps the text for cudahost_last_error and returns the status.
__attribute__((format(printf, 2, 3))) int fail(int status, const char* format, ...);
const char* last_error();
} // namespace cudahost

#endif
