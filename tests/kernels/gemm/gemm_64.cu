// C = A x B on tensor cores: the plainest kernel that has every part of a fast one. Each block computes 64 x 64 of C with four warps, 32
// x 32 each, and walks K in steps of 64; tiles of A and B arrive by cp.async, four stages deep, and leave shared memory by ldmatrix.
//
// A [M][lda], B [K][ldb]: 16-bit floats (STORAGE 16: half, 17: bfloat16), rows contiguous; lda and ldb are multiples of 8 elements and
// both start at multiples of 16 bytes, which is what 16-byte copies ask for. M, N, K are any: what lies outside is zero in shared memory
// and is not read, so neither the rows' padding nor anything behind the arrays reaches C. C [M][ldc]: float, any ldc.
//
// Launch: ceil(N / 64) x ceil(M / 64) blocks of 128 threads, 65536 bytes of dynamic shared memory: more than the 48 KiB that need no
// opt-in.

#include "ptx.h"

constexpr int kTile = 64;     // of M, N and K
constexpr int kStages = 4;    // tiles of A and B in flight or in use
constexpr int kThreads = 128; // four warps, 2 x 2 over the tile
constexpr int kRowBytes = 2 * kTile;
constexpr int kTileBytes = kTile * kRowBytes;
constexpr int kStageBytes = 2 * kTileBytes;                  // 4 stages: 65536 bytes
constexpr int kCopies = kTile * (kRowBytes / 16) / kThreads; // 16-byte copies a thread makes for each tile

#if STORAGE == 16
typedef ptx::half_t element;
#elif STORAGE == 17
typedef ptx::bfloat16_t element;
#else
#error "STORAGE must be 16 (half) or 17 (bfloat16)."
#endif

// Where 16-byte chunk `chunk` of row `row` lies in a tile. A row is 128 bytes, all 32 banks, so chunks are permuted within it by the row's
// number: eight rows' chunks of one column, which ldmatrix reads at once, then lie in different banks, and so do the eight chunks of one
// row.
DEVICE_FN int swizzled(int row, int chunk) { return row * kRowBytes + ((chunk ^ (row & 7)) << 4); }

// The places a lane touches. Copy i of thread `thread`: neighbouring threads take neighbouring chunks, eight to a row.
DEVICE_FN int copy_row(int thread, int i) { return (thread + i * kThreads) >> 3; }
DEVICE_FN int copy_chunk(int thread) { return thread & 7; }

// ldmatrix.x4 of a 16 x 16 piece at (row, chunk): lanes 0-7 and 8-15 give the upper and lower rows of the left 8 columns, 16-31 of the
// right. Plain on A (rows m, columns k) that is the order of a[0..3]; transposed on B (rows k, columns n) it is b[0..1] of two
// neighbouring n8 tiles.
DEVICE_FN int piece_offset(int row, int chunk, int lane) { return swizzled(row + (lane & 15), chunk + (lane >> 4)); }

// One 64 x 64 tile at (row0, column0) of a row-major matrix; rows and columns: the matrix's.
DEVICE_FN void copy_tile(unsigned char* tile, GLOBAL const element* matrix, long stride, int row0, int column0, int rows, int columns)
{
    const int column = column0 + 8 * copy_chunk(ITEM_X);
    const int inside = MIN_OF(MAX_OF(columns - column, 0), 8);
    UNROLL
    for (int i = 0; i < kCopies; i++)
    {
        const int row = copy_row(ITEM_X, i);
        const bool any = row0 + row < rows && inside > 0;
        GLOBAL const element* source = any ? matrix + (row0 + row) * stride + column : matrix;
        ptx::cp_async_16(tile + swizzled(row, copy_chunk(ITEM_X)), source, any ? 2 * inside : 0);
    }
}

KERNEL GROUP_SHAPE(128, 1) void gemm_64(GLOBAL const element* RESTRICT a, GLOBAL const element* RESTRICT b, GLOBAL float* RESTRICT c,
    const int m, const int n, const int k, const int lda, const int ldb, const int ldc)
{
    DYNAMIC_LOCAL(unsigned char, stages);
    const int row0 = (int)blockIdx.y * kTile;
    const int column0 = GROUP_X * kTile;
    const int lane = ptx::lane_id();
    const int warp_row = (ITEM_X >> 6) * 32;
    const int warp_column = (ITEM_X >> 5 & 1) * 32;
    const int steps = CEIL_DIV(k, kTile);

    float sums[2][4][4];
    UNROLL
    for (int i = 0; i < 2; i++)
    {
        UNROLL
        for (int j = 0; j < 4; j++)
        {
            UNROLL
            for (int e = 0; e < 4; e++) sums[i][j][e] = 0.0f;
        }
    }

    for (int step = 0; step < kStages - 1; step++)
    {
        unsigned char* stage = stages + step * kStageBytes;
        if (step < steps)
        {
            copy_tile(stage, a, lda, row0, step * kTile, m, k);
            copy_tile(stage + kTileBytes, b, ldb, step * kTile, column0, k, n);
        }
        ptx::cp_async_commit();
    }

    for (int step = 0; step < steps; step++)
    {
        // All but the latest kStages - 2 groups are there: this step's tile is. The barrier shows it to every warp, and says that every
        // warp has left the stage that is filled next.
        ptx::cp_async_wait_group<kStages - 2>();
        LOCAL_BARRIER();
        const int ahead = step + kStages - 1;
        if (ahead < steps)
        {
            unsigned char* stage = stages + ahead % kStages * kStageBytes;
            copy_tile(stage, a, lda, row0, ahead * kTile, m, k);
            copy_tile(stage + kTileBytes, b, ldb, ahead * kTile, column0, k, n);
        }
        ptx::cp_async_commit();

        const unsigned char* tile_a = stages + step % kStages * kStageBytes;
        const unsigned char* tile_b = tile_a + kTileBytes;
        UNROLL
        for (int kk = 0; kk < kTile; kk += 16)
        {
            uint fragments_a[2][4];
            UNROLL
            for (int i = 0; i < 2; i++) ptx::ldmatrix_x4(fragments_a[i], tile_a + piece_offset(warp_row + 16 * i, kk / 8, lane));
            UNROLL
            for (int j = 0; j < 4; j += 2)
            {
                uint pieces[4];
                ptx::ldmatrix_x4_trans(pieces, tile_b + piece_offset(kk, (warp_column + 8 * j) / 8, lane));
                const uint left[2] = {pieces[0], pieces[1]};
                const uint right[2] = {pieces[2], pieces[3]};
                UNROLL
                for (int i = 0; i < 2; i++)
                {
                    ptx::mma_m16n8k16<element>(sums[i][j], fragments_a[i], left);
                    ptx::mma_m16n8k16<element>(sums[i][j + 1], fragments_a[i], right);
                }
            }
        }
    }

    UNROLL
    for (int i = 0; i < 2; i++)
    {
        UNROLL
        for (int j = 0; j < 4; j++)
        {
            UNROLL
            for (int e = 0; e < 4; e++)
            {
                const int row = row0 + warp_row + 16 * i + (lane >> 2) + 8 * (e >> 1);
                const int column = column0 + warp_column + 8 * j + 2 * (lane & 3) + (e & 1);
                if (row < m && column < n) c[(long)row * ldc + column] = sums[i][j][e];
            }
        }
    }
}

// Launch: one block of 128 threads. The byte offsets that gemm_64's accesses to one tile have, for the test that counts bank conflicts:
// copies[kCopies][128], then pieces[warp][piece][lane] for the 4 x 2 pieces of A and the 4 x 2 of B each warp reads (kk, then i or j / 2).
KERNEL GROUP_SHAPE(128, 1) void gemm_64_offsets(GLOBAL int* RESTRICT copies, GLOBAL int* RESTRICT pieces_a, GLOBAL int* RESTRICT pieces_b)
{
    const int lane = ptx::lane_id();
    const int warp = ITEM_X >> 5;
    for (int i = 0; i < kCopies; i++) copies[i * kThreads + ITEM_X] = swizzled(copy_row(ITEM_X, i), copy_chunk(ITEM_X));
    for (int piece = 0; piece < 8; piece++)
    {
        const int kk = (piece >> 1) * 16;
        const int half = (piece & 1) * 16;
        pieces_a[(warp * 8 + piece) * 32 + lane] = piece_offset((warp >> 1) * 32 + half, kk / 8, lane);
        pieces_b[(warp * 8 + piece) * 32 + lane] = piece_offset(kk, ((warp & 1) * 32 + half) / 8, lane);
    }
}
