// The host twins of kernels/ptx.h: the same names and signatures, carried out by libksuite_cudahost. kernels/ptx.h states what each does;
// the parts here say what an emulation has to add: rounding where the ISA leaves it open, and what is checked.
//
// Twins that read or write memory, or join the lanes of a warp, end in the caller's file and line, so that a fault names the kernel's text.
#ifndef CUDAHOST_PTX_H
#define CUDAHOST_PTX_H

#include "kernel.h"
#include "ptx/convert.h"
#include "ptx/tensor.h"
#include "ptx/memory.h"
#include "ptx/math.h"

#endif
