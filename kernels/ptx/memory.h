// Vector loads through the read-only path (ld.global.nc): for data that nobody writes while the kernel runs.
#ifndef KERNEL_PTX_MEMORY_H
#define KERNEL_PTX_MEMORY_H

namespace ptx
{

// 16 bytes; the address is a multiple of 16.
DEVICE_FN void load_global_nc(unsigned (&r)[4], const void* global)
{
    asm volatile("ld.global.nc.v4.u32 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "l"(__cvta_generic_to_global(global)));
}

DEVICE_FN void load_global_nc(float (&r)[4], const void* global)
{
    asm volatile("ld.global.nc.v4.f32 {%0,%1,%2,%3}, [%4];"
                 : "=f"(r[0]), "=f"(r[1]), "=f"(r[2]), "=f"(r[3])
                 : "l"(__cvta_generic_to_global(global)));
}

// 8 bytes; the address is a multiple of 8.
DEVICE_FN void load_global_nc(unsigned (&r)[2], const void* global)
{
    asm volatile("ld.global.nc.v2.u32 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1])
                 : "l"(__cvta_generic_to_global(global)));
}

} // namespace ptx

#endif
