using KernelSuite.KvCache.Decoding;
using KernelSuite.Operations;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>The small model of samples/TinyLm, loaded once, and what was stored with it.</summary>
internal static class TinyLm
{
    private static readonly Lazy<LlamaWeights> Loaded = new(() => LlamaWeights.Load(Folder, Cpu));

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "tinylm");

    public static CpuDevice Cpu => (CpuDevice)TestDevices.Shared("cpu");

    public static LlamaWeights Weights => Loaded.Value;

    /// <summary>Reference tokens [3, 192].</summary>
    public static int[] Tokens => Read<int>("reference_tokens.npy");

    /// <summary>Reference logits [3, 192, 256].</summary>
    public static float[] Logits => Read<float>("reference_logits.npy");

    private static T[] Read<T>(string name)
        where T : unmanaged
    {
        using HostArray array = NpyFile.Read(Path.Combine(Folder, name));
        return array.AsSpan<T>().ToArray();
    }
}
