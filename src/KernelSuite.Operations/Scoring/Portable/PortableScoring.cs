using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>What the plans of both operations on devices with programs share: names, limits, and whether a device can run a problem.</summary>
internal static class PortableScoring
{
    public const string MomentsName = "kvcache/attention_moments.cl";
    public const string ScoresName = "kvcache/attention_scores.cl";
    public const string FinishName = "kvcache/scoring_finish.cl";
    public const string NaiveName = "kvcache/scoring_naive.cl";

    /// <summary>Work-items of a group where each has a key of its own.</summary>
    public const int GroupItems = 64;

    /// <summary>Row counts keep to this, so that sums of two of them stay inside the kernels' 32-bit integers.</summary>
    private const int MaxRows = 1 << 30;

    /// <summary>What a CUDA grid has in its second dimension.</summary>
    private const int MaxKvRows = 65535;

    public static string NaiveOptions(DType dtype) => string.Create(CultureInfo.InvariantCulture, $"-DSTORAGE={KernelArguments.StorageCode(dtype)}");

    public static Support Supports(DeviceInfo device, MomentsProblem problem) =>
        Supports(device, problem.Shape, problem.DType, MomentsName, MomentsProblem.MaxWindow);

    public static Support Supports(DeviceInfo device, ScoresProblem problem) =>
        Supports(device, problem.Shape, problem.DType, problem.FromLogits ? null : ScoresName, 0);

    /// <summary>A grid with a work-item for each key of each KV head.</summary>
    public static LaunchShape KeyGrid(Device device, int keys, long kvRows)
    {
        int items = Math.Min(GroupItems, device.Info.MaxWorkGroupSize);
        return new LaunchShape((keys + items - 1L) / items, kvRows, ItemsX: items);
    }

    private static Support Supports(DeviceInfo device, ScoringShape s, DType dtype, string? tiled, int window)
    {
        if (s.QueryLength > MaxRows || s.KvLength > MaxRows)
            return Support.No($"Nq = {s.QueryLength}, N = {s.KvLength}: the portable kernels count rows up to 2^30. Use the cpu device.");
        long kvRows = (long)s.Batch * s.KvHeads;
        if (kvRows > MaxKvRows) return Support.No($"B * Hk = {kvRows:N0} is more than one launch holds ({MaxKvRows:N0}). Split the batch.");
        if (device.MaxWorkGroupSize < GroupItems) return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items. Expected {GroupItems} or more; use the cpu device.");
        if (DeviceCode.Supports(device, FinishName, string.Empty).Reason is { } finish) return Support.No(finish);
        if (tiled is null) return Support.Yes;
        if (ScoringTiles.Choose(device, s.HeadDim, s.QueryLength, window) is not { } tiles)
            return Support.No($"D = {s.HeadDim} needs more than the device's {device.LocalMemoryBytes:N0} bytes of local memory. Use the cpu device.");
        if (Groups(tiles, s.KvLength, kvRows) > int.MaxValue / tiles.ItemsX)
            return Support.No($"{Groups(tiles, s.KvLength, kvRows):N0} blocks of keys are more than one launch holds. Split the batch.");
        return DeviceCode.Supports(device, tiled, tiles.Options(dtype, window));
    }

    /// <summary>Work-groups of a fused kernel.</summary>
    public static long Groups(ScoringTiles tiles, int keys, long kvRows) => (keys + tiles.Keys - 1L) / tiles.Keys * kvRows;
}
