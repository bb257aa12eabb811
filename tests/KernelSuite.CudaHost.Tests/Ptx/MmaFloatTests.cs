using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>mma.sync with floating-point operands against sums in double.</summary>
public sealed class MmaFloatTests
{
    public static TheoryData<string, string> DevicesAndTypes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string id in TestDevices.CudaLanguageIds)
                foreach (MmaType type in MmaType.All)
                    data.Add(id, type.Name);
            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void A_single_one_in_A_selects_a_row_of_B(string id, string name)
    {
        MmaType type = MmaType.Of(name);
        int k = type.Fragments.K;
        var batch = new MmaBatch<float>(type.Fragments, 16 * k);
        for (int i = 0; i < batch.Count; i++)
        {
            batch.AOf(i)[i] = type.Code(1);
            // 8 consecutive small integers in each row of B, another row each time: exact in every type.
            for (int e = 0; e < k * 8; e++) batch.BOf(i)[e] = type.Code(1 + (e % 8) + ((e / 8) % 2 * 8));
            for (int e = 0; e < 128; e++) batch.COf(i)[e] = e;
        }

        float[] result = type.Run(batch, id);
        for (int i = 0; i < batch.Count; i++)
        {
            int row = i / k;
            int column = i % k;
            for (int e = 0; e < 128; e++)
            {
                double product = e / 8 == row ? type.Value(batch.BOf(i)[(column * 8) + (e % 8)]) : 0;
                Assert.Equal(e + product, result[(i * 128) + e]);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void A_single_one_in_B_selects_a_column_of_A(string id, string name)
    {
        MmaType type = MmaType.Of(name);
        int k = type.Fragments.K;
        var batch = new MmaBatch<float>(type.Fragments, k * 8);
        for (int i = 0; i < batch.Count; i++)
        {
            batch.BOf(i)[i] = type.Code(1);
            for (int e = 0; e < 16 * k; e++) batch.AOf(i)[e] = type.Code(((e / k) + e) % 16 - 8);
        }

        float[] result = type.Run(batch, id);
        for (int i = 0; i < batch.Count; i++)
        {
            for (int e = 0; e < 128; e++)
            {
                double expected = e % 8 == i % 8 ? type.Value(batch.AOf(i)[(e / 8 * k) + (i / 8)]) : 0;
                Assert.Equal(expected, result[(i * 128) + e]);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void Products_are_right_within_the_bound_of_summation(string id, string name)
    {
        MmaType type = MmaType.Of(name);
        MmaBatch<float> batch = Random(type, 64);
        float[] result = type.Run(batch, id);
        Assert.Equal(0, CountBeyondBound(type, id, batch, result, dropped: -1));
        // The check itself: a reference without one product of each sum must not agree.
        Assert.True(CountBeyondBound(type, id, batch, result, dropped: 5) > result.Length / 2);
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void A_wrong_fragment_table_is_noticed(string id, string name)
    {
        MmaType type = MmaType.Of(name);
        Fragments right = type.Fragments;
        int n = right.PerRegister;
        Fragments[] wrongs =
        [
            // Registers 1 and 2 of A swapped, registers of B swapped, groups and threads of C swapped, elements within registers swapped.
            right with { A = (lane, i) => right.A(lane, (i / n) is 1 or 2 ? ((3 - (i / n)) * n) + (i % n) : i) },
            right with { B = (lane, i) => right.B(lane, i ^ n) },
            right with { C = (lane, i) => right.C(((lane & 7) << 2) | (lane >> 3), i) },
            right with { A = (lane, i) => right.A(lane, i ^ 1) },
        ];
        foreach (Fragments wrong in wrongs)
        {
            MmaBatch<float> batch = Random(type with { Fragments = wrong }, 4);
            float[] result = type.Run(batch, id);
            Assert.True(CountBeyondBound(type, id, batch, result, dropped: -1) > result.Length / 2);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void A_NaN_reaches_its_row_or_column_and_nothing_else(string id, string name)
    {
        MmaType type = MmaType.Of(name);
        int k = type.Fragments.K;
        MmaBatch<float> batch = Random(type, 2);
        batch.AOf(0)[(11 * k) + 3] = type.NaN;
        batch.BOf(1)[((k - 1) * 8) + 6] = type.NaN;
        float[] result = type.Run(batch, id);
        for (int e = 0; e < 128; e++)
        {
            Assert.Equal(e / 8 == 11, float.IsNaN(result[e]));
            Assert.Equal(e % 8 == 6, float.IsNaN(result[128 + e]));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void Every_8_bit_code_is_multiplied_as_its_value(string id, string name)
    {
        // 16-bit types too: their codes' upper halves, which reach every exponent.
        MmaType type = MmaType.Of(name);
        int k = type.Fragments.K;
        var batch = new MmaBatch<float>(type.Fragments, 256 / 8);
        int shift = type.Bits - 8;
        for (int i = 0; i < batch.Count; i++)
        {
            // Row m of A has one code, in column m; B has the same code, so that row m of the product is that code times 1 or 0 or NaN.
            for (int m = 0; m < 8; m++) batch.AOf(i)[(m * k) + m] = (ushort)(((8 * i) + m) << shift);
            for (int m = 0; m < 8; m++) batch.BOf(i)[(m * 8) + m] = type.Code(1);
        }

        float[] result = type.Run(batch, id);
        for (int code = 0; code < 256; code++)
        {
            double expected = type.Value((ushort)(code << shift));
            float actual = result[(code / 8 * 128) + (code % 8 * 9)];
            if (double.IsNaN(expected)) Assert.True(float.IsNaN(actual), $"0x{code:x2}: {actual}");
            else Assert.Equal(expected, actual);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void On_the_host_a_sum_is_formed_in_the_documented_order(string id, string name)
    {
        Device device = TestDevices.Shared(id);
        Skip.IfNot(device.Info.Kind == DeviceKind.Emulator, "A GPU's order is its own.");
        MmaType type = MmaType.Of(name);
        MmaBatch<float> batch = Random(type, 16);
        float[] result = type.Run(batch, id);
        for (int i = 0; i < result.Length; i++)
        {
            float sum = batch.C[i];
            // A sum in double of two floats' product and a float, rounded once more, is what one rounding would give but for rare ties.
            for (int j = 0; j < batch.K; j++)
            {
                (double a, double b) = Factors(type, batch, i, j);
                sum = (float)(sum + (a * b));
            }

            Assert.Equal(BitConverter.SingleToInt32Bits(sum), BitConverter.SingleToInt32Bits(result[i]));
        }
    }

    private static MmaBatch<float> Random(MmaType type, int count)
    {
        var random = new Random(7);
        var batch = new MmaBatch<float>(type.Fragments, count);
        for (int i = 0; i < batch.A.Length; i++) batch.A[i] = type.Code((4 * random.NextSingle()) - 2);
        for (int i = 0; i < batch.B.Length; i++) batch.B[i] = type.Code((4 * random.NextSingle()) - 2);
        for (int i = 0; i < batch.C.Length; i++) batch.C[i] = (8 * random.NextSingle()) - 4;
        return batch;
    }

    private static (double A, double B) Factors(MmaType type, MmaBatch<float> batch, int index, int k)
    {
        int product = index / 128;
        int row = index % 128 / 8;
        int column = index % 8;
        return (type.Value(batch.AOf(product)[(row * batch.K) + k]), type.Value(batch.BOf(product)[(k * 8) + column]));
    }

    /// <summary>
    /// Sums that miss the reference by more than (K + 1) u sum(|a b|) + |c|. u is 2^-23: a tensor core need not round its partial sums to
    /// nearest; for e4m3 on a GPU 2^-13, as such units keep fewer bits while they sum.
    /// </summary>
    private static int CountBeyondBound(MmaType type, string id, MmaBatch<float> batch, float[] result, int dropped)
    {
        bool emulated = TestDevices.Shared(id).Info.Kind == DeviceKind.Emulator;
        double unit = type.Bits == 8 && !emulated ? 1.0 / (1 << 13) : 1.0 / (1 << 23);
        int beyond = 0;
        for (int i = 0; i < result.Length; i++)
        {
            double sum = batch.C[i];
            double magnitude = Math.Abs(sum);
            for (int k = 0; k < batch.K; k++)
            {
                (double a, double b) = Factors(type, batch, i, k);
                if (k != dropped) sum += a * b;
                magnitude += Math.Abs(a * b);
            }

            if (!(Math.Abs(result[i] - sum) <= (batch.K + 1) * unit * magnitude)) beyond++;
        }

        return beyond;
    }
}
