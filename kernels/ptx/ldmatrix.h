// ldmatrix: 8 x 8 matrices of 16-bit elements from shared memory into mma fragments, one to four a call. All 32 lanes of a warp must
// execute the same call together.
//
// Each matrix row is 16 bytes and starts at a multiple of 16 bytes. Lane l gives the address of row l & 7 of matrix l >> 3; lanes past
// the last matrix give nothing (their pointer is ignored). r[i] is then, of matrix i:
//   plain    elements [g][2t], [g][2t+1]      the A fragment of a row-major A, or the B fragment of a B that lies n-major (k contiguous)
//   _trans   elements [2t][g], [2t+1][g]      the B fragment of a B that lies k-major (n contiguous)
// 8 rows are served at once: they should lie in different banks (see the swizzle of the kernels that call it).
#ifndef KERNEL_PTX_LDMATRIX_H
#define KERNEL_PTX_LDMATRIX_H

namespace ptx
{

namespace detail
{

// The 32-bit address within the shared window, as ldmatrix and cp.async take it.
DEVICE_FN unsigned shared_address(const void* shared) { return (unsigned)__cvta_generic_to_shared(shared); }

} // namespace detail

DEVICE_FN void ldmatrix_x1(unsigned (&r)[1], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];"
                 : "=r"(r[0])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

DEVICE_FN void ldmatrix_x2(unsigned (&r)[2], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

DEVICE_FN void ldmatrix_x4(unsigned (&r)[4], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

DEVICE_FN void ldmatrix_x1_trans(unsigned (&r)[1], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];"
                 : "=r"(r[0])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

DEVICE_FN void ldmatrix_x2_trans(unsigned (&r)[2], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

DEVICE_FN void ldmatrix_x4_trans(unsigned (&r)[4], const void* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(detail::shared_address(row))
                 : "memory");
}

} // namespace ptx

#endif
