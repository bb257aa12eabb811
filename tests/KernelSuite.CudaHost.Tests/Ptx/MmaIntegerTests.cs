using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>mma.sync with signed 8-bit operands: exact, so compared exactly, with sums that wrap.</summary>
public sealed class MmaIntegerTests
{
    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Sums_of_products_are_exact_and_wrap(string id)
    {
        MmaBatch<int> batch = Random(Fragments.M16N8K32);
        int[] result = batch.Run(TestDevices.Shared(id), "ptx/mma.cu", "mma_s8");
        Assert.Equal(Expected(batch), result);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_wrong_fragment_table_is_noticed(string id)
    {
        Fragments right = Fragments.M16N8K32;
        MmaBatch<int> batch = Random(right with { A = (lane, i) => right.A(lane, i ^ 8) });
        int[] result = batch.Run(TestDevices.Shared(id), "ptx/mma.cu", "mma_s8");
        Assert.NotEqual(Expected(batch), result);
    }

    private static MmaBatch<int> Random(Fragments fragments)
    {
        var random = new Random(11);
        var batch = new MmaBatch<int>(fragments, 32);
        for (int i = 0; i < batch.A.Length; i++) batch.A[i] = (byte)random.Next(256);
        for (int i = 0; i < batch.B.Length; i++) batch.B[i] = (byte)random.Next(256);
        for (int i = 0; i < batch.C.Length; i++) batch.C[i] = int.MaxValue - random.Next(1000);
        // The extremes: 32 products of -128 x -128.
        batch.AOf(0).Fill(0x80);
        batch.BOf(0).Fill(0x80);
        return batch;
    }

    private static int[] Expected(MmaBatch<int> batch)
    {
        var expected = new int[batch.C.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            int product = i / 128;
            int sum = batch.C[i];
            for (int k = 0; k < batch.K; k++)
                sum = unchecked(sum + ((sbyte)batch.AOf(product)[(i % 128 / 8 * batch.K) + k] * (sbyte)batch.BOf(product)[(k * 8) + (i % 8)]));
            expected[i] = sum;
        }

        return expected;
    }
}
