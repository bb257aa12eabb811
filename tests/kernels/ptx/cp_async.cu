// What shared memory holds after asynchronous copies.

#include "ptx.h"

#define OLD_WORD 0xa5a5a5a5u

// Launch of the three cp_async_<size>: one block of 32 threads. source: 512 bytes; sizes: how many bytes each lane's copy reads. Lane l
// copies
// <size> bytes from source + 16 l to its own 16 bytes of shared memory, which held OLD_WORD. target: those 512 bytes afterwards.
#define BEGIN_COPY                  \
    LOCAL_ARRAY(uint, staged, 128); \
    for (int i = 0; i < 4; i++) staged[4 * ITEM_X + i] = OLD_WORD

#define END_COPY                   \
    ptx::cp_async_commit();        \
    ptx::cp_async_wait_group<0>(); \
    LOCAL_BARRIER();               \
    for (int i = ITEM_X; i < 128; i += 32) target[i] = staged[i]

KERNEL GROUP_SHAPE(32, 1) void cp_async_16(
    GLOBAL const uint* RESTRICT source, GLOBAL const int* RESTRICT sizes, GLOBAL uint* RESTRICT target)
{
    BEGIN_COPY;
    ptx::cp_async_16(staged + 4 * ITEM_X, source + 4 * ITEM_X, (uint)sizes[ITEM_X]);
    END_COPY;
}

KERNEL GROUP_SHAPE(32, 1) void cp_async_8(
    GLOBAL const uint* RESTRICT source, GLOBAL const int* RESTRICT sizes, GLOBAL uint* RESTRICT target)
{
    BEGIN_COPY;
    ptx::cp_async_8(staged + 4 * ITEM_X, source + 4 * ITEM_X, (uint)sizes[ITEM_X]);
    END_COPY;
}

KERNEL GROUP_SHAPE(32, 1) void cp_async_4(
    GLOBAL const uint* RESTRICT source, GLOBAL const int* RESTRICT sizes, GLOBAL uint* RESTRICT target)
{
    BEGIN_COPY;
    ptx::cp_async_4(staged + 4 * ITEM_X, source + 4 * ITEM_X, (uint)sizes[ITEM_X]);
    END_COPY;
}

// Launch: one block of 32 threads. source: 6 x 512 bytes; each lane copies 16 bytes of each. Groups: {0}, {1, 2}, {}, {3}, {4}, and copy
// 5 is never committed. seen[wait][copy][lane]: word 0 of each copy's destination after wait_group 4, 3, 2, 1, 0 and after wait_all (six
// waits), of the copies that have to be there by then. After wait `early` (-1: none) the first of the others is read too: a GPU may show
// old or new bytes there, the host executor faults.
KERNEL GROUP_SHAPE(32, 1) void cp_async_groups(GLOBAL const uint* RESTRICT source, GLOBAL uint* RESTRICT seen, int early)
{
    LOCAL_ARRAY(uint, staged, 6 * 128);
    for (int i = 0; i < 24; i++) staged[24 * ITEM_X + i] = OLD_WORD;
    LOCAL_BARRIER();
    for (int copy = 0; copy < 6; copy++)
    {
        const int at = copy * 128 + 4 * ITEM_X;
        ptx::cp_async_16(staged + at, source + at);
        if (copy == 0 || copy == 2 || copy == 3 || copy == 4) ptx::cp_async_commit();
        if (copy == 2) ptx::cp_async_commit();
    }

#define LOOK(wait, arrived)                                          \
    for (int copy = 0; copy < (arrived) + (early == (wait)); copy++) \
    seen[((wait)*6 + copy) * 32 + ITEM_X] = *(volatile uint*)(staged + copy * 128 + 4 * ITEM_X)

    ptx::cp_async_wait_group<4>();
    LOOK(0, 1);
    ptx::cp_async_wait_group<3>();
    LOOK(1, 3);
    ptx::cp_async_wait_group<2>();
    LOOK(2, 3);
    ptx::cp_async_wait_group<1>();
    LOOK(3, 4);
    ptx::cp_async_wait_group<0>();
    LOOK(4, 5);
    ptx::cp_async_wait_all();
    LOOK(5, 6);
}
