using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>What the plans of attention on devices with programs share.</summary>
internal static class PortableAttention
{
    /// <summary>Row counts keep to this, so that sums of two of them stay inside the kernels' 32-bit integers.</summary>
    private const int MaxRows = 1 << 30;

    /// <summary>Whether a device can run a problem.</summary>
    public static Support Supports(DeviceInfo device, AttentionProblem problem)
    {
        AttentionShape s = problem.Shape;
        if (s.QueryLength > MaxRows || s.KvLength > MaxRows)
            return Support.No($"Nq = {s.QueryLength}, Nk = {s.KvLength}: the portable kernels count rows up to 2^30. Use the cpu device.");
        if (AttentionTiles.Choose(device, s.HeadDim, s.ValueDim, s.QueryLength, problem.DType) is not { } tiles)
        {
            return Support.No(
                $"D = {s.HeadDim}, Dv = {s.ValueDim} needs more than the device's {device.LocalMemoryBytes:N0} bytes of local memory. Use the cpu device.");
        }

        if ((double)Groups(s, tiles) * tiles.ItemsX > int.MaxValue)
            return Support.No($"{Groups(s, tiles):N0} blocks of queries are more than one launch holds. Split the batch.");
        AttentionProgram program = AttentionProgram.Fused(problem, tiles);
        return DeviceCode.Supports(device, program.Name, program.Options);
    }

    /// <summary>Work-groups of the fused kernel: blocks of queries of every head of every batch entry.</summary>
    public static long Groups(AttentionShape shape, AttentionTiles tiles) =>
        (shape.QueryLength + tiles.BlockM - 1L) / tiles.BlockM * shape.QueryHeads * shape.Batch;

    /// <summary>The visible keys around a query's position; -1 is no bound. Causal is a right bound of 0.</summary>
    public static (int Left, int Right) Band(AttentionOptions options) =>
        (options.WindowLeft, options.Causal ? 0 : options.WindowRight);

    /// <summary>Sets batch, head and row strides at three successive arguments.</summary>
    public static void SetStrides(DeviceKernel kernel, int index, TensorStrides strides)
    {
        kernel.SetValue(index, strides.Batch);
        kernel.SetValue(index + 1, strides.Head);
        kernel.SetValue(index + 2, strides.Row);
    }
}
