// Nothing but multiply-adds on registers, in CHAINS independent chains of WIDTH-wide vectors: what the device can do at most.
// A chain waits for its own last result, so there must be more chains than latency times issue rate; more than the registers
// hold would spill. The host tries several and takes the best.
//
// Build options: -DWIDTH=1|4|8|16 (floats in a vector), -DCHAINS=n.

#include "../dialect.h"

#if WIDTH == 1
typedef float chain_t;
#else
typedef PASTE(float, WIDTH) chain_t;
#endif

// fma() where the hardware fuses; elsewhere it would be emulated, and a multiply and an add are what kernels use. (CUDA fuses those.)
#if defined(DIALECT_OPENCL) && defined(FP_FAST_FMAF)
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

// Launch: any grid. 2 * CHAINS * WIDTH * steps operations a work-item.
KERNEL void fma_peak(GLOBAL float* RESTRICT sink, const float factor, const int steps)
{
    const chain_t a = (chain_t)(factor);
    // Small steps keep the sums finite and normal.
    const chain_t b = (chain_t)(1e-3f);
    chain_t sums[CHAINS];
    UNROLL for (int c = 0; c < CHAINS; ++c) sums[c] = (chain_t)((float)c);
    for (int i = 0; i < steps; ++i)
    {
        UNROLL for (int c = 0; c < CHAINS; ++c) sums[c] = MULTIPLY_ADD(a, b, sums[c]);
    }
    chain_t total = sums[0];
    UNROLL for (int c = 1; c < CHAINS; ++c) total += sums[c];
    GLOBAL float* lanes = sink + GLOBAL_X * WIDTH;
#if WIDTH == 1
    lanes[0] = total;
#else
    PASTE(vstore, WIDTH)
    (total, 0, lanes);
#endif
}
