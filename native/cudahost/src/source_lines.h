// From an address in code to file and line, asked only when there is a fault to report.
#ifndef CUDAHOST_SOURCE_LINES_H
#define CUDAHOST_SOURCE_LINES_H

#include <stdint.h>
#include <string>

namespace cudahost
{
struct source_line
{
    std::string module;
    uint64_t module_offset = 0;
    std::string file; // empty where it is not known
    int line = 0;
};

// The statement that holds a return address. Runs addr2line where there is one; without it the module and the offset have to do.
source_line source_of(const void* code);
} // namespace cudahost

#endif
