using System.Text.Json;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>Arrays and float64 results that PyTorch made; tests/golden/attention/make_attention.py makes them.</summary>
public sealed class AttentionGoldenTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string device in TestDevices.Ids)
            {
                foreach (string folder in Directory.GetDirectories(Golden.Path("attention")).Order(StringComparer.Ordinal))
                    data.Add(device, Path.GetFileName(folder));
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_PyTorch(string device, string name)
    {
        Device opened = TestDevices.Shared(device);
        using HostArray q = Read(name, "q");
        if (q.DType == DType.Float16) Check<Half>(opened, name, q);
        else Check<float>(opened, name, q);
    }

    private static void Check<T>(Device device, string name, HostArray q)
        where T : unmanaged
    {
        using HostArray k = Read(name, "k"), v = Read(name, "v"), expectedOut = Read(name, "o"), expectedLse = Read(name, "lse");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Golden.Path("attention", name, "case.json")));
        JsonElement options = json.RootElement;
        using HostArray? lengths = options.GetProperty("kv_lengths").GetBoolean() ? Read(name, "kv_lengths") : null;
        var shape = new AttentionShape(
            (int)q.Shape[0], (int)q.Shape[1], (int)k.Shape[1], (int)q.Shape[2], (int)k.Shape[2], (int)q.Shape[3], (int)v.Shape[3]);
        using var output = new HostArray(q.DType, expectedOut.Shape.AsSpan());
        using var lse = new HostArray(DType.Float32, expectedLse.Shape.AsSpan());
        FusedAttention.Forward<T>(
            device, shape, q.AsSpan<T>(), k.AsSpan<T>(), v.AsSpan<T>(), output.AsSpan<T>(), lse.AsSpan<float>(),
            new AttentionOptions
            {
                Causal = options.GetProperty("causal").GetBoolean(),
                WindowLeft = options.GetProperty("window")[0].GetInt32(),
                WindowRight = options.GetProperty("window")[1].GetInt32(),
                SoftCap = options.GetProperty("softcap").GetSingle(),
                Scale = options.GetProperty("scale").GetSingle(),
            },
            lengths is null ? default : lengths.AsSpan<int>());

        // Scores of these inputs stay below 64 and are sums of at most 64 products: their float error, which is the weights' relative
        // error, is far below this; a key too many or too few is far above it.
        double allowed = 2e-5 + (8 * q.DType.UnitRoundoff());
        double[] actual = output.DType == DType.Float16
            ? [.. output.AsSpan<Half>().ToArray().Select(x => (double)x)]
            : [.. output.AsSpan<float>().ToArray().Select(x => (double)x)];
        double[] expected = expectedOut.AsSpan<double>().ToArray();
        Assert.True(Worst(actual, expected) <= allowed, $"o differs by {Worst(actual, expected):g3}, allowed {allowed:g3}.");
        Assert.False(Worst([.. expected.Select(x => x * 1.02)], expected) <= allowed, "The check would accept an output that is 2 % off.");
        Assert.False(Worst(new double[expected.Length], expected) <= allowed, "The check would accept zeros.");

        double[] actualLse = [.. lse.AsSpan<float>().ToArray().Select(x => (double)x)];
        double worstLse = Worst(actualLse, expectedLse.AsSpan<double>().ToArray());
        Assert.True(worstLse <= 2e-5, $"lse differs by {worstLse:g3}, allowed 2e-5.");
    }

    /// <summary>Largest difference; infinite where only one side is finite, so that masked rows have to agree.</summary>
    private static double Worst(double[] actual, double[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double worst = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            if (actual[i] == expected[i]) continue;
            double difference = Math.Abs(actual[i] - expected[i]);
            worst = Math.Max(worst, double.IsNaN(difference) ? double.PositiveInfinity : difference);
        }

        return worst;
    }

    private static HostArray Read(string name, string array) => NpyFile.Read(Golden.Path("attention", name, array + ".npy"));
}
