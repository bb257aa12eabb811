// Writes down what is needed to repeat a launch, where KSUITE_CUDAHOST_RECORD names a folder.
#ifndef CUDAHOST_RECORDING_H
#define CUDAHOST_RECORDING_H

#include <cudahost/api.h>

#include "worker.h"

namespace cudahost
{
// Nothing where recording is off. The launch is not run when its recording cannot be written: CUDAHOST_IO.
int record_launch(const cudahost_kernel& kernel, const launch& work, uint32_t dynamic_bytes, const cudahost_options& options);
} // namespace cudahost

#endif
