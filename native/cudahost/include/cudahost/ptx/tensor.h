// Twins of ptx/mma.h and ptx/ldmatrix.h. All 32 lanes must come, from the same line; a lane that has returned is a fault.
//
// mma: products are exact; each sum starts from C and adds the products in ascending k, rounded to float after each (a GPU's order and
// intermediate widths are its own, so results agree within the bounds of summation, not bit for bit). bfloat16 products can leave float's
// range: each is added in double, then rounded. s8: exact, modulo 2^32. e4m3 is there on every host.
//
// ldmatrix: each address that is used must be 16 readable, written, 16-aligned bytes of shared memory.
#ifndef CUDAHOST_PTX_TENSOR_H
#define CUDAHOST_PTX_TENSOR_H

namespace cudahost
{
CUDAHOST_RUNTIME void cudahost_mma_f16(float* c, const unsigned* a, const unsigned* b, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_mma_bf16(float* c, const unsigned* a, const unsigned* b, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_mma_s8(int* c, const unsigned* a, const unsigned* b, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_mma_e4m3(float* c, const unsigned* a, const unsigned* b, CUDAHOST_SITE_PARAMETERS);
CUDAHOST_RUNTIME void cudahost_ldmatrix(unsigned* r, const void* row, int count, int transposed, CUDAHOST_SITE_PARAMETERS);
} // namespace cudahost

namespace ptx
{
template <class T>
inline void mma_m16n8k16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], CUDAHOST_SITE) = delete;

template <>
inline void mma_m16n8k16<half_t>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], const char* file, int line)
{
    cudahost::cudahost_mma_f16(c, a, b, file, line);
}

template <>
inline void mma_m16n8k16<bfloat16_t>(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], const char* file, int line)
{
    cudahost::cudahost_mma_bf16(c, a, b, file, line);
}

inline void mma_m16n8k32_s8(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], CUDAHOST_SITE)
{
    cudahost::cudahost_mma_s8(c, a, b, file, line);
}

inline void mma_m16n8k32_e4m3(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], CUDAHOST_SITE)
{
    cudahost::cudahost_mma_e4m3(c, a, b, file, line);
}

inline void ldmatrix_x1(unsigned (&r)[1], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 1, 0, file, line); }
inline void ldmatrix_x2(unsigned (&r)[2], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 2, 0, file, line); }
inline void ldmatrix_x4(unsigned (&r)[4], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 4, 0, file, line); }
inline void ldmatrix_x1_trans(unsigned (&r)[1], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 1, 1, file, line); }
inline void ldmatrix_x2_trans(unsigned (&r)[2], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 2, 1, file, line); }
inline void ldmatrix_x4_trans(unsigned (&r)[4], const void* row, CUDAHOST_SITE) { cudahost::cudahost_ldmatrix(r, row, 4, 1, file, line); }
} // namespace ptx

#endif
