// mma.sync on the host: the lanes' fragments are gathered into matrices, multiplied plainly, and C is handed back.
#include <cudahost/ptx.h>

#include <cstdint>

namespace cudahost
{
namespace
{
struct Fragments
{
    const unsigned* a;
    const unsigned* b;
    const char* file;
    int line;
};

unsigned element16(unsigned packed, int i) { return packed >> (16 * i) & 0xffffu; }
unsigned element8(unsigned packed, int i) { return packed >> (8 * i) & 0xffu; }

// 768 elements of each product are widened: looked up, the product takes 1.2 us, converted 3.7 us (g++ 12, one core).
struct E4M3Values
{
    float of[256];

    E4M3Values()
    {
        for (int code = 0; code < 256; code++) of[code] = ptx::to_float(ptx::e4m3_t{(unsigned char)code});
    }
};

const E4M3Values e4m3_values;

// How an element is widened, and how a product is added to a sum.
struct Half
{
    typedef float value;
    typedef float sum;
    static float widen(unsigned bits) { return ptx::to_float(ptx::half_t{(unsigned short)bits}); }
    static float add(float c, float a, float b) { return c + a * b; }
};

struct BFloat
{
    typedef float value;
    typedef float sum;
    static float widen(unsigned bits) { return ptx::to_float(ptx::bfloat16_t{(unsigned short)bits}); }
    static float add(float c, float a, float b) { return (float)((double)c + (double)a * (double)b); }
};

struct E4M3
{
    typedef float value;
    typedef float sum;
    static float widen(unsigned bits) { return e4m3_values.of[bits]; }
    static float add(float c, float a, float b) { return c + a * b; }
};

struct Int8
{
    typedef int value;
    typedef int sum;
    static int widen(unsigned bits) { return (int8_t)bits; }
    static int add(int c, int a, int b) { return (int)((unsigned)c + (unsigned)(a * b)); }
};

void require_all(const void* const operands[32], const char* what)
{
    const Fragments* present = nullptr;
    bool complete = true;
    for (int lane = 0; lane < 32; lane++)
    {
        if (operands[lane] != nullptr)
            present = static_cast<const Fragments*>(operands[lane]);
        else
            complete = false;
    }
    if (!complete) invalid_operation(what, present->file, present->line);
}

// K = 16 with two elements a register, K = 32 with four.
template <class T, int K>
void multiply(const void* const operands[32], void* const results[32], unsigned)
{
    require_all(operands, "executes mma.sync in a warp that lacks lanes; all 32 must come");
    constexpr int kPerRegister = K / 8;
    typename T::value a[16][K], b[K][8];
    typename T::sum c[16][8];
    for (int lane = 0; lane < 32; lane++)
    {
        const Fragments& fragments = *static_cast<const Fragments*>(operands[lane]);
        const auto* accumulators = static_cast<const typename T::sum*>(results[lane]);
        const int g = lane >> 2, t = lane & 3;
        for (int e = 0; e < kPerRegister; e++)
        {
            const auto element = [e](unsigned packed)
            { return T::widen(kPerRegister == 2 ? element16(packed, e) : element8(packed, e)); };
            const int k = kPerRegister * t + e;
            a[g][k] = element(fragments.a[0]);
            a[g + 8][k] = element(fragments.a[1]);
            a[g][k + K / 2] = element(fragments.a[2]);
            a[g + 8][k + K / 2] = element(fragments.a[3]);
            b[k][g] = element(fragments.b[0]);
            b[k + K / 2][g] = element(fragments.b[1]);
        }
        c[g][2 * t] = accumulators[0];
        c[g][2 * t + 1] = accumulators[1];
        c[g + 8][2 * t] = accumulators[2];
        c[g + 8][2 * t + 1] = accumulators[3];
    }

    for (int i = 0; i < 16; i++)
        for (int k = 0; k < K; k++)
            for (int j = 0; j < 8; j++) c[i][j] = T::add(c[i][j], a[i][k], b[k][j]);

    for (int lane = 0; lane < 32; lane++)
    {
        auto* accumulators = static_cast<typename T::sum*>(results[lane]);
        const int g = lane >> 2, t = lane & 3;
        accumulators[0] = c[g][2 * t];
        accumulators[1] = c[g][2 * t + 1];
        accumulators[2] = c[g + 8][2 * t];
        accumulators[3] = c[g + 8][2 * t + 1];
    }
}
} // namespace

void cudahost_mma_f16(float* c, const unsigned* a, const unsigned* b, const char* file, int line)
{
    const Fragments fragments = {a, b, file, line};
    warp_collective("mma.m16n8k16.f16", 0xffffffffu, &fragments, c, &multiply<Half, 16>, file, line);
}

void cudahost_mma_bf16(float* c, const unsigned* a, const unsigned* b, const char* file, int line)
{
    const Fragments fragments = {a, b, file, line};
    warp_collective("mma.m16n8k16.bf16", 0xffffffffu, &fragments, c, &multiply<BFloat, 16>, file, line);
}

void cudahost_mma_s8(int* c, const unsigned* a, const unsigned* b, const char* file, int line)
{
    const Fragments fragments = {a, b, file, line};
    warp_collective("mma.m16n8k32.s8", 0xffffffffu, &fragments, c, &multiply<Int8, 32>, file, line);
}

void cudahost_mma_e4m3(float* c, const unsigned* a, const unsigned* b, const char* file, int line)
{
    const Fragments fragments = {a, b, file, line};
    warp_collective("mma.m16n8k32.e4m3", 0xffffffffu, &fragments, c, &multiply<E4M3, 32>, file, line);
}
} // namespace cudahost
