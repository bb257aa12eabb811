namespace KernelSuite.CudaHost.Tests.Gemm;

/// <summary>
/// Counts shared-memory bank conflicts: 32 banks of 4 bytes. A warp's 16-byte accesses are served in four phases of eight lanes
/// (ldmatrix: the eight rows of one matrix); within a phase lanes that want the same bank in different 128-byte lines are served one
/// after the other.
/// </summary>
internal static class SharedBanks
{
    /// <summary>Extra passes that one warp's access needs: 0 is the best.</summary>
    /// <param name="offsets">Each lane's byte offset; multiples of 16.</param>
    public static int Conflicts(ReadOnlySpan<int> offsets)
    {
        Assert.Equal(32, offsets.Length);
        int conflicts = 0;
        for (int phase = 0; phase < 4; phase++)
        {
            var lines = new HashSet<int>[32];
            foreach (int offset in offsets.Slice(phase * 8, 8))
            {
                Assert.Equal(0, offset % 16);
                for (int word = offset / 4; word < (offset / 4) + 4; word++) (lines[word % 32] ??= []).Add(word / 32);
            }

            conflicts += lines.Max(bank => bank?.Count ?? 0) - 1;
        }

        return conflicts;
    }
}
