using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>ldmatrix against the ISA: which element of which row every lane receives, for rows that lie anywhere.</summary>
public sealed class LdmatrixTests
{
    private const uint Untouched = 0xDEADBEEF;

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Every_lane_holds_the_elements_that_the_ISA_names(string id)
    {
        uint[] registers = Dump(id);
        Assert.Empty(Differences(registers, PlainElements, TransposedElements));
        // Registers that a form does not have stay as they were.
        foreach ((int form, int count) in new[] { (0, 1), (1, 2), (3, 1), (4, 2) })
            Assert.All(registers[((form * 128) + (count * 32))..((form + 1) * 128)], word => Assert.Equal(Untouched, word));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_wrong_table_is_noticed(string id)
    {
        uint[] registers = Dump(id);
        Assert.NotEmpty(Differences(registers, TransposedElements, TransposedElements));
        Assert.NotEmpty(Differences(registers, PlainElements, PlainElements));
        // Groups and threads swapped: lane = 8 t + g.
        Assert.NotEmpty(Differences(registers, lane => PlainElements(((lane & 7) << 2) | (lane >> 3)), TransposedElements));
        // Matrices 1 and 2 swapped.
        (registers[288], registers[320]) = (registers[320], registers[288]);
        Assert.Equal(2, Differences(registers, PlainElements, TransposedElements).Count);
    }

    /// <summary>Matrix row that lane <paramref name="lane"/> addresses, among the tile's 128 rows of 16 bytes: all different, in no
    /// order.</summary>
    private static int RowOf(int lane) => ((37 * lane) + 11) % 128;

    /// <summary>The two elements of a lane, low half first: (row, column) of the 8 x 8 matrix.</summary>
    private static ((int Row, int Column) Low, (int Row, int Column) High) PlainElements(int lane)
    {
        int row = lane / 4;
        int column = lane % 4 * 2;
        return ((row, column), (row, column + 1));
    }

    private static ((int Row, int Column) Low, (int Row, int Column) High) TransposedElements(int lane)
    {
        int column = lane / 4;
        int row = lane % 4 * 2;
        return ((row, column), (row + 1, column));
    }

    private static uint[] Dump(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/ldmatrix.cu", "ldmatrix");
        // Each 16-bit element holds its own index.
        run.Buffer(Enumerable.Range(0, 512).Select(i => (uint)(2 * i) | ((uint)((2 * i) + 1) << 16)).ToArray());
        run.Buffer(Enumerable.Range(0, 32).Select(lane => 16 * RowOf(lane)).ToArray());
        int registers = run.Buffer(Enumerable.Repeat(Untouched, 6 * 4 * 32).ToArray());
        run.Launch(new LaunchShape(1, ItemsX: 32));
        return run.Read<uint>(registers);
    }

    private static List<string> Differences(
        uint[] registers,
        Func<int, ((int Row, int Column) Low, (int Row, int Column) High)> plain,
        Func<int, ((int Row, int Column) Low, (int Row, int Column) High)> transposed)
    {
        var differences = new List<string>();
        int[] counts = [1, 2, 4, 1, 2, 4];
        for (int form = 0; form < 6; form++)
        {
            for (int matrix = 0; matrix < counts[form]; matrix++)
            {
                for (int lane = 0; lane < 32; lane++)
                {
                    ((int Row, int Column) low, (int Row, int Column) high) = form < 3 ? plain(lane) : transposed(lane);
                    uint expected = Element(matrix, low) | (Element(matrix, high) << 16);
                    uint actual = registers[(form * 128) + (matrix * 32) + lane];
                    if (actual != expected) differences.Add($"form {form}, matrix {matrix}, lane {lane}: 0x{actual:x8} instead of 0x{expected:x8}");
                }
            }
        }

        return differences;
    }

    private static uint Element(int matrix, (int Row, int Column) place) => (uint)((8 * RowOf((8 * matrix) + place.Row)) + place.Column);
}
