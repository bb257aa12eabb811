using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Gemm;

/// <summary>
/// Every access of <c>gemm_64</c> to a tile of 64 rows of 128 bytes, lane by lane: with chunks permuted by chunk ^ (row &amp; 7) no two
/// lanes wait for each other; with the plain layout they do. The walk needs no device; that the kernel uses these very offsets is a test
/// of its own.
/// </summary>
public sealed class BankConflictTests
{
    private const int RowBytes = 128;

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [Fact]
    public void The_swizzled_tile_has_no_conflicts()
    {
        Assert.Equal(0, Sum(Copies(Swizzled)));
        Assert.Equal(0, Sum(PiecesOfA(Swizzled)));
        Assert.Equal(0, Sum(PiecesOfB(Swizzled)));
    }

    [Fact]
    public void The_plain_tile_has_conflicts()
    {
        // Rows are written whole, which suits any permutation within rows; eight rows of one column share four banks.
        Assert.Equal(0, Sum(Copies(Plain)));
        Assert.Equal(32 * 4 * 7, Sum(PiecesOfA(Plain)));
        Assert.Equal(32 * 4 * 7, Sum(PiecesOfB(Plain)));
    }

    [Fact]
    public void A_swizzle_by_the_wrong_row_bits_has_conflicts()
    {
        static int Shifted(int row, int chunk) => (row * RowBytes) + ((chunk ^ ((row >> 1) & 7)) * 16);
        Assert.True(Sum(PiecesOfA(Shifted)) > 0);
    }

    [Fact]
    public void Conflicts_are_counted_by_bank_and_line()
    {
        int[] consecutive = [.. Enumerable.Range(0, 32).Select(lane => 16 * lane)];
        Assert.Equal(0, SharedBanks.Conflicts(consecutive));
        int[] broadcast = new int[32];
        Assert.Equal(0, SharedBanks.Conflicts(broadcast));
        int[] column = [.. Enumerable.Range(0, 32).Select(lane => 128 * lane)];
        Assert.Equal(4 * 7, SharedBanks.Conflicts(column));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_kernels_offsets_are_those_walked_here(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "gemm/gemm_64.cu", "gemm_64_offsets", "-DSTORAGE=16");
        int copies = run.Buffer(new int[4 * 128]);
        int a = run.Buffer(new int[4 * 8 * 32]);
        int b = run.Buffer(new int[4 * 8 * 32]);
        run.Launch(new LaunchShape(1, ItemsX: 128));
        Assert.Equal(Copies(Swizzled).SelectMany(offsets => offsets), run.Read<int>(copies));
        Assert.Equal(PiecesOfA(Swizzled).SelectMany(offsets => offsets), run.Read<int>(a));
        Assert.Equal(PiecesOfB(Swizzled).SelectMany(offsets => offsets), run.Read<int>(b));
    }

    private static int Swizzled(int row, int chunk) => (row * RowBytes) + ((chunk ^ (row % 8)) * 16);

    private static int Plain(int row, int chunk) => (row * RowBytes) + (chunk * 16);

    private static int Sum(IEnumerable<int[]> accesses) => accesses.Sum(offsets => SharedBanks.Conflicts(offsets));

    /// <summary>cp.async writes: four passes of 128 threads, eight neighbouring threads a row, by warp.</summary>
    private static IEnumerable<int[]> Copies(Func<int, int, int> place)
    {
        for (int pass = 0; pass < 4; pass++)
        {
            for (int warp = 0; warp < 4; warp++)
                yield return [.. Enumerable.Range(32 * warp, 32).Select(thread => place((16 * pass) + (thread / 8), thread % 8))];
        }
    }

    /// <summary>ldmatrix.x4 of A: warps 0 and 1 read rows 0 to 31, 2 and 3 the rest; 16 x 16 pieces, the left eight columns' rows
    /// first.</summary>
    private static IEnumerable<int[]> PiecesOfA(Func<int, int, int> place)
    {
        for (int warp = 0; warp < 4; warp++)
        {
            for (int k = 0; k < 64; k += 16)
            {
                for (int row = warp / 2 * 32; row < (warp / 2 * 32) + 32; row += 16) yield return Piece(place, row, k);
            }
        }
    }

    /// <summary>ldmatrix.x4.trans of B, whose rows are k: even warps read columns 0 to 31, odd ones the rest.</summary>
    private static IEnumerable<int[]> PiecesOfB(Func<int, int, int> place)
    {
        for (int warp = 0; warp < 4; warp++)
        {
            for (int k = 0; k < 64; k += 16)
            {
                for (int column = warp % 2 * 32; column < (warp % 2 * 32) + 32; column += 16) yield return Piece(place, k, column);
            }
        }
    }

    private static int[] Piece(Func<int, int, int> place, int row, int column) =>
    [
        .. from matrix in Enumerable.Range(0, 4)
           from line in Enumerable.Range(0, 8)
           select place(row + (matrix % 2 * 8) + line, (column / 8) + (matrix / 2)),
    ];
}
