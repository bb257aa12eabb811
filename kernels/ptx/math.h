// Fast approximations of the special function unit. Subnormal inputs and results are flushed to zeros of the same sign (.ftz),
// tanh_approx's excepted. Errors are the PTX ISA's maxima.
#ifndef KERNEL_PTX_MATH_H
#define KERNEL_PTX_MATH_H

namespace ptx
{

// 2^x, relative error 2^-22; 2^-inf = 0.
DEVICE_FN float exp2_approx(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;"
        : "=f"(y)
        : "f"(x));
    return y;
}

// log2 x: absolute error 2^-22 for x in (1/2, 2), relative error 2^-22 elsewhere; +-0 gives -inf, x < 0 NaN.
DEVICE_FN float log2_approx(float x)
{
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;"
        : "=f"(y)
        : "f"(x));
    return y;
}

// 1 / x, relative error 2^-23; +-0 gives +-inf.
DEVICE_FN float rcp_approx(float x)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;"
        : "=f"(y)
        : "f"(x));
    return y;
}

// 1 / sqrt x, relative error 2^-22.4; +-0 gives +-inf, x < 0 NaN.
DEVICE_FN float rsqrt_approx(float x)
{
    float y;
    asm("rsqrt.approx.ftz.f32 %0, %1;"
        : "=f"(y)
        : "f"(x));
    return y;
}

// tanh x, relative error 2^-11.
DEVICE_FN float tanh_approx(float x)
{
    float y;
    asm("tanh.approx.f32 %0, %1;"
        : "=f"(y)
        : "f"(x));
    return y;
}

} // namespace ptx

#endif
