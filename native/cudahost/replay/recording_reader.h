// Reads what KSUITE_CUDAHOST_RECORD wrote. The files are outside input: every number is checked before it is used.
#ifndef CUDAHOST_RECORDING_READER_H
#define CUDAHOST_RECORDING_READER_H

#include <stdint.h>
#include <stdexcept>
#include <string>
#include <vector>

struct recorded_allocation
{
    uint64_t address = 0;
    uint64_t bytes = 0;
};

struct recording
{
    std::string library, program, options, kernel;
    uint32_t grid[3] = {0, 0, 0};
    uint32_t block[3] = {0, 0, 0};
    uint32_t dynamic_bytes = 0;
    uint32_t shared_limit = 0;
    uint32_t races = 0;
    std::vector<std::vector<uint8_t>> arguments;
    std::vector<recorded_allocation> allocations;
};

struct recording_error : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

// Reads <folder>/launch.txt; throws recording_error with the line that is wrong.
recording read_recording(const std::string& folder);

#endif
