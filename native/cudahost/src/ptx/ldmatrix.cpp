// ldmatrix, vector loads and lane numbers on the host.
#include "../kernel_calls.h"

#include <cudahost/ptx.h>

namespace cudahost
{
namespace
{
struct Row
{
    const void* address;
    const char* file;
    int line;
};

template <int Count, bool Transposed>
void distribute(const void* const operands[32], void* const results[32], unsigned)
{
    const Row* rows[32];
    bool complete = true;
    for (int lane = 0; lane < 32; lane++)
    {
        rows[lane] = static_cast<const Row*>(operands[lane]);
        complete = complete && rows[lane] != nullptr;
    }
    for (int lane = 0; lane < 32 && !complete; lane++)
        if (rows[lane] != nullptr)
            invalid_operation("executes ldmatrix in a warp that lacks lanes; all 32 must come",
                rows[lane]->file, rows[lane]->line);

    for (int matrix = 0; matrix < Count; matrix++)
    {
        unsigned short elements[8][8];
        for (int row = 0; row < 8; row++) memcpy(elements[row], rows[8 * matrix + row]->address, 16);
        for (int lane = 0; lane < 32; lane++)
        {
            const int g = lane >> 2, t = lane & 3;
            const unsigned low = Transposed ? elements[2 * t][g] : elements[g][2 * t];
            const unsigned high = Transposed ? elements[2 * t + 1][g] : elements[g][2 * t + 1];
            static_cast<unsigned*>(results[lane])[matrix] = low | high << 16;
        }
    }
}
} // namespace

int cudahost_lane()
{
    const auto thread = cudahost_thread_index();
    const auto shape = cudahost_block_shape();
    return (int)((thread.x + shape.x * (thread.y + shape.y * thread.z)) & 31u);
}

void cudahost_ldmatrix(unsigned* r, const void* row, int count, int transposed, const char* file, int line)
{
    if (cudahost_lane() < 8 * count)
    {
        const worker& at = calling_worker("ldmatrix", file, line);
        const uintptr_t address = reinterpret_cast<uintptr_t>(row);
        if (address - at.arena_base >= arena::capacity) invalid_operation("loads with ldmatrix from memory that is not shared", file, line);
        check_read(row, 16, 16, file, line);
    }
    static constexpr struct
    {
        const char* name;
        warp_compute compute;
    } kForms[2][3] = {
        {{"ldmatrix.x1", &distribute<1, false>}, {"ldmatrix.x2", &distribute<2, false>}, {"ldmatrix.x4", &distribute<4, false>}},
        {{"ldmatrix.x1.trans", &distribute<1, true>}, {"ldmatrix.x2.trans", &distribute<2, true>},
            {"ldmatrix.x4.trans", &distribute<4, true>}}};
    const auto& form = kForms[transposed][count >> 1];
    const Row own = {row, file, line};
    warp_collective(form.name, 0xffffffffu, &own, r, form.compute, file, line);
}

void cudahost_load(void* registers, const void* address, unsigned bytes, const char* file, int line)
{
    check_read(address, bytes, bytes, file, line);
    memcpy(registers, address, bytes);
}
} // namespace cudahost
