using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>How rows are cut into pieces on a device with programs.</summary>
internal static class TopKGroups
{
    /// <summary>Text of the kernels.</summary>
    public const string Program = "kvcache/topk_select.cl";

    /// <summary>Work-items of a group; a bin of the histogram each.</summary>
    public const int Items = 256;

    /// <summary>Build options, as variants-cuda.txt has them.</summary>
    public const string Options = "-DITEMS=256";

    /// <summary>Bins of a digit and digits of a key.</summary>
    public const int Bins = 256, Digits = 4;

    /// <summary>
    /// Groups of a row: four a compute unit over all rows, none with fewer than 4096 scores (16 tiles: what adding the other groups' histograms up costs), at most 128.
    /// </summary>
    public static int Choose(DeviceInfo device, int rows, int columns)
    {
        long wanted = ((4L * device.ComputeUnits) + Math.Max(1, rows) - 1) / Math.Max(1, rows);
        return (int)Math.Clamp(Math.Min(wanted, columns / 4096), 1, 128);
    }
}
