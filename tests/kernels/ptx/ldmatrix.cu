// What every lane holds after each form of ldmatrix.

#include "ptx.h"

// Launch: one block of 32 threads. tile: 2048 bytes. rows: each lane's byte offset into it, a multiple of 16 below 2048 where it is used.
// registers[form][register][lane]: forms x1, x2, x4, then their _trans; four registers each, those that a form lacks left as they are.
KERNEL GROUP_SHAPE(32, 1) void ldmatrix(GLOBAL const uint* RESTRICT tile, GLOBAL const int* RESTRICT rows, GLOBAL uint* RESTRICT registers)
{
    LOCAL_ARRAY(uint, staged, 512);
    for (int i = ITEM_X; i < 512; i += 32) staged[i] = tile[i];
    LOCAL_BARRIER();
    const unsigned char* row = reinterpret_cast<const unsigned char*>(staged) + rows[ITEM_X];
    uint r1[1], r2[2], r4[4];
    ptx::ldmatrix_x1(r1, row);
    registers[ITEM_X] = r1[0];
    ptx::ldmatrix_x2(r2, row);
    for (int i = 0; i < 2; i++) registers[128 + 32 * i + ITEM_X] = r2[i];
    ptx::ldmatrix_x4(r4, row);
    for (int i = 0; i < 4; i++) registers[256 + 32 * i + ITEM_X] = r4[i];
    ptx::ldmatrix_x1_trans(r1, row);
    registers[384 + ITEM_X] = r1[0];
    ptx::ldmatrix_x2_trans(r2, row);
    for (int i = 0; i < 2; i++) registers[512 + 32 * i + ITEM_X] = r2[i];
    ptx::ldmatrix_x4_trans(r4, row);
    for (int i = 0; i < 4; i++) registers[640 + 32 * i + ITEM_X] = r4[i];
}
