namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>
/// Which matrix element each lane's registers hold, as the PTX ISA writes it: by element a_i, b_i, c_i of a lane's fragment, counted from
/// the lowest bits of its first register. groupID = lane >> 2, threadID_in_group = lane &amp; 3.
/// </summary>
internal sealed record Fragments
{
    public delegate (int Row, int Column) Place(int lane, int i);

    /// <summary>Columns of A and rows of B.</summary>
    public required int K { get; init; }

    /// <summary>Elements in a register of A or B.</summary>
    public required int PerRegister { get; init; }

    public required Place A { get; init; }

    public required Place B { get; init; }

    public required Place C { get; init; }

    /// <summary>mma.m16n8k16 with 16-bit elements.</summary>
    public static Fragments M16N8K16 { get; } = new()
    {
        K = 16,
        PerRegister = 2,
        A = (lane, i) =>
        {
            int groupId = lane >> 2;
            int threadInGroup = lane % 4;
            int row = i is 0 or 1 or 4 or 5 ? groupId : groupId + 8;
            int column = (threadInGroup * 2) + (i & 1) + (i < 4 ? 0 : 8);
            return (row, column);
        },
        B = (lane, i) =>
        {
            int groupId = lane >> 2;
            int threadInGroup = lane % 4;
            int row = (threadInGroup * 2) + (i & 1) + (i < 2 ? 0 : 8);
            return (row, groupId);
        },
        C = Accumulators,
    };

    /// <summary>mma.m16n8k32 with 8-bit elements.</summary>
    public static Fragments M16N8K32 { get; } = new()
    {
        K = 32,
        PerRegister = 4,
        A = (lane, i) =>
        {
            int groupId = lane >> 2;
            int threadInGroup = lane % 4;
            int row = i is (>= 0 and < 4) or (>= 8 and < 12) ? groupId : groupId + 8;
            int column = (threadInGroup * 4) + (i & 3) + (i < 8 ? 0 : 16);
            return (row, column);
        },
        B = (lane, i) =>
        {
            int groupId = lane >> 2;
            int threadInGroup = lane % 4;
            int row = (threadInGroup * 4) + (i & 3) + (i < 4 ? 0 : 16);
            return (row, groupId);
        },
        C = Accumulators,
    };

    /// <summary>Packs one product's A, as [16][K] codes, into [4][32] registers.</summary>
    public void PackA(ReadOnlySpan<ushort> codes, Span<uint> registers) => Pack(codes, registers, A, 4, K);

    /// <summary>Packs one product's B, as [K][8] codes, into [2][32] registers.</summary>
    public void PackB(ReadOnlySpan<ushort> codes, Span<uint> registers) => Pack(codes, registers, B, 2, 8);

    /// <summary>Lays one product's C, [16][8], out as [4][32].</summary>
    public void PackC<T>(ReadOnlySpan<T> matrix, Span<T> registers)
    {
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                (int row, int column) = C(lane, i);
                registers[(i * 32) + lane] = matrix[(row * 8) + column];
            }
        }
    }

    /// <summary>The reverse of <see cref="PackC{T}"/>.</summary>
    public void UnpackC<T>(ReadOnlySpan<T> registers, Span<T> matrix)
    {
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                (int row, int column) = C(lane, i);
                matrix[(row * 8) + column] = registers[(i * 32) + lane];
            }
        }
    }

    private static (int Row, int Column) Accumulators(int lane, int i)
    {
        int groupId = lane >> 2;
        int threadInGroup = lane % 4;
        int row = i < 2 ? groupId : groupId + 8;
        int column = (threadInGroup * 2) + (i & 1);
        return (row, column);
    }

    private void Pack(ReadOnlySpan<ushort> codes, Span<uint> registers, Place place, int count, int columns)
    {
        int bits = 32 / PerRegister;
        for (int lane = 0; lane < 32; lane++)
        {
            for (int register = 0; register < count; register++)
            {
                uint packed = 0;
                for (int e = 0; e < PerRegister; e++)
                {
                    (int row, int column) = place(lane, (register * PerRegister) + e);
                    packed |= (uint)(codes[(row * columns) + column] & ((1 << bits) - 1)) << (bits * e);
                }

                registers[(register * 32) + lane] = packed;
            }
        }
    }
}
