// Kernel libraries that are open, their programs and kernels.
#ifndef CUDAHOST_LIBRARY_H
#define CUDAHOST_LIBRARY_H

#include <cudahost/api.h>
#include <memory>
#include <string>
#include <vector>

#include "worker.h"

struct cudahost_kernel
{
    const cudahost::kernel_entry* entry;
    const cudahost_library* library;
};

struct cudahost_program
{
    std::string source;
    std::string options;
    std::vector<cudahost_kernel> kernels;
};

struct cudahost_library
{
    std::string path;
    void* handle = nullptr;
    unsigned opened = 0;
    std::vector<cudahost::segment> segments;
    std::vector<std::unique_ptr<cudahost_program>> programs;
};

#endif
