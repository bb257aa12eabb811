// PTX instructions that CUDA C++ has no words for, one small device function each. CUDA only (.cu files), compute capability 8.0 and newer,
// CUDA 11.8 and newer; no toolkit headers. Where KSUITE_CUDAHOST is defined the same functions come from <cudahost/ptx.h>: twins that
// execute on the CPU. Each part states its instructions' layouts and limits as the PTX ISA does; tests/kernels/ptx has a kernel for each.
//
//   ptx/types.h     half_t, bfloat16_t, e4m3_t: storage types
//   ptx/convert.h   to_float, from_float, pack2, unpack2, pack4, unpack4
//   ptx/mma.h       mma_m16n8k16 (f16, bf16), mma_m16n8k32_s8, mma_m16n8k32_e4m3
//   ptx/ldmatrix.h  ldmatrix_x1, _x2, _x4 and their _trans forms
//   ptx/async.h     cp_async_4, _8, _16, cp_async_commit, cp_async_wait_group, cp_async_wait_all
//   ptx/math.h      exp2_approx, log2_approx, rcp_approx, rsqrt_approx, tanh_approx
//   ptx/memory.h    load_global_nc
//   ptx/barrier.h   bar_sync, bar_arrive, lane_id
//
// Warp shuffles, votes and block barriers are CUDA C++ already; warp_reduce.h builds reductions from them.
//
// Throughout, lane l of a warp has groupID g = l >> 2 and threadID-in-group t = l & 3, the ISA's names; element 0 of a packed register
// lies in its lowest bits.
#ifndef KERNEL_PTX_H
#define KERNEL_PTX_H

#include "dialect.h"

#if defined(KSUITE_CUDAHOST)
#include <cudahost/ptx.h>
#else
#include "ptx/types.h"
#include "ptx/convert.h"
#include "ptx/mma.h"
#include "ptx/ldmatrix.h"
#include "ptx/async.h"
#include "ptx/math.h"
#include "ptx/memory.h"
#include "ptx/barrier.h"
#endif

#endif
