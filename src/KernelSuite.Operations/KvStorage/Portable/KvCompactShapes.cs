using System.Globalization;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>How a compaction is cut up on a device with programs: pure functions of shape and device facts.</summary>
internal static class KvCompactShapes
{
    /// <summary>Words that a work-item holds between reading and writing; HELD of kernels/kvcache/kv_compact.cl.</summary>
    public const int HeldWords = 8;

    /// <summary>Build options, in the order of variants-cuda.txt.</summary>
    public static string Options(int unit, int items) => string.Create(CultureInfo.InvariantCulture, $"-DUNIT={unit} -DITEMS={items}");

    /// <summary>The widest word, in bytes, of which rows and strides are whole numbers.</summary>
    public static int WidestUnit(int rowBytes, int elementSize, TensorStrides source, TensorStrides target)
    {
        foreach (int unit in (ReadOnlySpan<int>)[16, 4, 2])
        {
            if (unit <= elementSize) break;
            bool fits = rowBytes % unit == 0;
            foreach (TensorStrides s in (ReadOnlySpan<TensorStrides>)[source, target])
                fits &= s.Batch * elementSize % unit == 0 && s.Head * elementSize % unit == 0 && s.Row * elementSize % unit == 0;
            if (fits) return unit;
        }

        return elementSize;
    }

    /// <summary>Column slices of a row: a chunk holds at least one row of a slice.</summary>
    public static int Slices(int words, int items) => (words + (items * HeldWords) - 1) / (items * HeldWords);

    /// <summary>Groups that share the chunks of a slice: enough for four groups a compute unit, and no more than there are chunks.</summary>
    public static int RowGroups(DeviceInfo device, long slices, int kept, int words, int items)
    {
        int chunk = Math.Max(1, items * HeldWords / Math.Max(1, words));
        long chunks = (kept + chunk - 1L) / chunk;
        return (int)Math.Clamp(((4L * device.ComputeUnits) + slices - 1) / Math.Max(1, slices), 1, Math.Max(1, chunks));
    }
}
