#include <cudahost/ptx.h>

#include <cmath>

namespace cudahost
{
namespace
{
float flushed(float x)
{
    return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x;
}

// One rounding, then the flush; every NaN is the canonical one.
float result(double value)
{
    const float x = flushed((float)value);
    return std::isnan(x) ? ptx::detail::float_of(0x7fffffffu) : x;
}
} // namespace

float cudahost_exp2_approx(float x) { return result(std::exp2((double)flushed(x))); }

float cudahost_log2_approx(float x) { return result(std::log2((double)flushed(x))); }

float cudahost_rcp_approx(float x) { return result(1.0 / (double)flushed(x)); }

float cudahost_rsqrt_approx(float x) { return result(1.0 / std::sqrt((double)flushed(x))); }

float cudahost_tanh_approx(float x)
{
    const float y = (float)std::tanh((double)x);
    return std::isnan(y) ? ptx::detail::float_of(0x7fffffffu) : y;
}
} // namespace cudahost
