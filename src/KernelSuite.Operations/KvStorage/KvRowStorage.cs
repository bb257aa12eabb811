using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Row formats and compaction on host memory in one call. For data that is on the device already use the plans.</summary>
public static class KvRowStorage
{
    /// <summary>Codes contiguous rows.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="format">Format.</param>
    /// <param name="rows">[n, D].</param>
    /// <param name="dim">D.</param>
    /// <param name="codes">[n, <see cref="KvFormats.CodeBytes"/>].</param>
    /// <param name="groups">[n, <see cref="KvFormats.GroupCount"/>]; empty for e4m3.</param>
    /// <param name="scales">[n].</param>
    /// <exception cref="ArgumentException">A size does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Quantize<T>(Device device, KvFormat format, ReadOnlySpan<T> rows, int dim, Span<byte> codes, Span<byte> groups, Span<float> scales)
        where T : unmanaged
    {
        int count = Rows(rows.Length, dim, nameof(rows));
        using var run = new HostRun(KvQuantizePlan.Create(device, new KvQuantizeProblem(new(1, 1, count, count, count, dim), DTypes.Of<T>(), format)));
        run.Check(KvQuantizeProblem.Codes, codes.Length);
        run.Check(KvQuantizeProblem.Groups, groups.Length);
        run.Check(KvQuantizeProblem.Scales, scales.Length);
        run.Write(KvQuantizeProblem.X, rows);
        run.Launch(default);
        run.Read(KvQuantizeProblem.Codes, codes);
        run.Read(KvQuantizeProblem.Groups, groups);
        run.Read(KvQuantizeProblem.Scales, scales);
    }

    /// <summary>Widens contiguous rows.</summary>
    /// <inheritdoc cref="Quantize{T}"/>
    public static void Dequantize<T>(
        Device device, KvFormat format, ReadOnlySpan<byte> codes, ReadOnlySpan<byte> groups, ReadOnlySpan<float> scales, int dim, Span<T> rows)
        where T : unmanaged
    {
        int count = Rows(rows.Length, dim, nameof(rows));
        using var run = new HostRun(KvDequantizePlan.Create(device, new KvDequantizeProblem(new(1, 1, count, dim), DTypes.Of<T>(), format)));
        run.Write(KvDequantizeProblem.Codes, codes);
        run.Write(KvDequantizeProblem.Groups, groups);
        run.Write(KvDequantizeProblem.Scales, scales);
        run.Launch(default);
        run.Read(KvDequantizeProblem.X, rows);
    }

    /// <summary>Row i of <paramref name="target"/> becomes row keep[i] of <paramref name="rows"/>; the spans may be the same.</summary>
    /// <typeparam name="T">float, Half, <see cref="BFloat16"/> or byte.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="keep">Rows to keep, ascending.</param>
    /// <param name="rows">[N, W].</param>
    /// <param name="width">W.</param>
    /// <param name="target">[N, W]; rows past those kept keep their contents.</param>
    /// <exception cref="ArgumentException">A size does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Compact<T>(Device device, ReadOnlySpan<int> keep, ReadOnlySpan<T> rows, int width, Span<T> target)
        where T : unmanaged
    {
        int count = Rows(rows.Length, width, nameof(rows));
        using var run = new HostRun(KvCompactPlan.Create(device, new KvCompactProblem(new(1, 1, count, keep.Length, width), DTypes.Of<T>())));
        run.Write<T>(KvCompactProblem.KOut, target);
        run.Write(KvCompactProblem.Keep, keep);
        run.Write(KvCompactProblem.K, rows);
        run.Launch(default);
        run.Read(KvCompactProblem.KOut, target);
    }

    private static int Rows(int length, int dim, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dim, 1);
        return length % dim == 0 ? length / dim : throw new ArgumentException($"'{name}' holds {length} elements. Expected a multiple of {dim}.", name);
    }
}
