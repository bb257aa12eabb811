using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>The approximations on a grid, within the PTX ISA's maximum errors, and their special values.</summary>
public sealed class ApproximationTests
{
    private const double Smallest = 1.17549435082228750797e-38; // 2^-126: below, values count as zero

    private static readonly Function[] Functions =
    [
        new("exp2", x => Math.Pow(2, x), Math.ScaleB(1, -22), 0),
        new("log2", Math.Log2, Math.ScaleB(1, -22), Math.ScaleB(1, -22)),
        new("rcp", x => 1 / x, Math.ScaleB(1, -23), 0),
        new("rsqrt", x => 1 / Math.Sqrt(x), Math.Pow(2, -22.4), 0),
        new("tanh", Math.Tanh, Math.ScaleB(1, -11), 0),
    ];

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Errors_stay_within_the_ISAs_maxima(string id)
    {
        float[] grid = Grid();
        float[] actual = Run(id, grid);
        for (int f = 0; f < Functions.Length; f++)
            Assert.Equal((Functions[f].Name, 0), (Functions[f].Name, CountBeyond(f, grid, actual, 1)));
        // The check itself: values that are off by four times the error are counted.
        for (int f = 0; f < Functions.Length; f++)
            Assert.True(CountBeyond(f, grid, actual, 1 + (4 * Functions[f].RelativeError)) > grid.Length / 4, Functions[f].Name);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Special_values_are_those_of_the_ISA(string id)
    {
        float subnormal = BitConverter.UInt32BitsToSingle(0x00400000);
        float[] x = [0, -0f, subnormal, -subnormal, float.PositiveInfinity, float.NegativeInfinity, float.NaN, -1];
        const float Inf = float.PositiveInfinity;
        const float NaN = float.NaN;
        float[][] expected =
        [
            [1, 1, 1, 1, Inf, 0, NaN, 0.5f],
            [-Inf, -Inf, -Inf, -Inf, Inf, NaN, NaN, NaN],
            [Inf, -Inf, Inf, -Inf, 0, -0f, NaN, -1],
            [Inf, -Inf, Inf, -Inf, 0, NaN, NaN, NaN],
            [0, -0f, subnormal, -subnormal, 1, -1, NaN, MathF.Tanh(-1)],
        ];
        float[] actual = Run(id, x);
        for (int f = 0; f < expected.Length; f++)
        {
            for (int i = 0; i < x.Length; i++)
            {
                float y = actual[(f * x.Length) + i];
                bool close = f == 4 && Math.Abs(y - expected[f][i]) <= Functions[4].RelativeError * Math.Abs(expected[f][i]);
                bool same = float.IsNaN(y) ? float.IsNaN(expected[f][i]) : BitConverter.SingleToInt32Bits(y) == BitConverter.SingleToInt32Bits(expected[f][i]);
                Assert.True(same || close, $"{Functions[f].Name}({x[i]:r}): {y:r} instead of {expected[f][i]:r}");
            }
        }
    }

    /// <summary>Both signs of every exponent, and the ranges that softmax uses in fine steps.</summary>
    private static float[] Grid()
    {
        var grid = new List<float>();
        for (int exponent = -126; exponent <= 126; exponent++)
        {
            for (int i = 0; i < 16; i++)
            {
                float x = (float)Math.ScaleB(1 + ((i + 0.37) / 16), exponent);
                grid.Add(x);
                grid.Add(-x);
            }
        }

        for (int i = 0; i < 4096; i++) grid.Add((-130f + (260f * i / 4096)) + 0.0123f);
        for (int i = 1; i < 4096; i++) grid.Add(2f * i / 4096);
        return [.. grid];
    }

    private static float[] Run(string id, float[] x)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/approximations.cu", "approximations");
        run.Buffer(x);
        int y = run.Buffer(new float[Functions.Length * x.Length]);
        run.Value(x.Length);
        run.Launch(new LaunchShape((x.Length + 63) / 64, ItemsX: 64));
        return run.Read<float>(y);
    }

    private static int CountBeyond(int f, float[] grid, float[] actual, double factor)
    {
        Function function = Functions[f];
        int beyond = 0;
        for (int i = 0; i < grid.Length; i++)
        {
            double expected = function.Value(grid[i]);
            double y = actual[(f * grid.Length) + i] * factor;
            if (double.IsNaN(expected))
            {
                if (!double.IsNaN(y)) beyond++;
                continue;
            }

            // Flushed results are zeros; near the limits of float either answer is right.
            double magnitude = Math.Abs(expected);
            if (magnitude < Smallest * (1 + 1e-6) && Math.Abs(y) <= Smallest * (1 + 1e-6)) continue;
            if (magnitude > float.MaxValue * (1 - 1e-6)) continue;
            // log2's error is absolute between 1/2 and 2, where its value passes through zero.
            double bound = function.AbsoluteError > 0 && grid[i] is > 0.5f and < 2 ? function.AbsoluteError : function.RelativeError * magnitude;
            if (!(Math.Abs(y - expected) <= bound)) beyond++;
        }

        return beyond;
    }

    private sealed record Function(string Name, Func<double, double> Value, double RelativeError, double AbsoluteError);
}
