// Twins of ptx/math.h: the value in double, rounded to float once, with subnormals flushed as the wrappers state. A GPU's values differ
// within the errors stated there.
#ifndef CUDAHOST_PTX_MATH_H
#define CUDAHOST_PTX_MATH_H

namespace cudahost
{
CUDAHOST_RUNTIME float cudahost_exp2_approx(float x);
CUDAHOST_RUNTIME float cudahost_log2_approx(float x);
CUDAHOST_RUNTIME float cudahost_rcp_approx(float x);
CUDAHOST_RUNTIME float cudahost_rsqrt_approx(float x);
CUDAHOST_RUNTIME float cudahost_tanh_approx(float x);
} // namespace cudahost

namespace ptx
{
inline float exp2_approx(float x) { return cudahost::cudahost_exp2_approx(x); }
inline float log2_approx(float x) { return cudahost::cudahost_log2_approx(x); }
inline float rcp_approx(float x) { return cudahost::cudahost_rcp_approx(x); }
inline float rsqrt_approx(float x) { return cudahost::cudahost_rsqrt_approx(x); }
inline float tanh_approx(float x) { return cudahost::cudahost_tanh_approx(x); }
} // namespace ptx

#endif
