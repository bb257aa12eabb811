using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>What the plans of decode attention on devices with programs share.</summary>
internal static class PortableDecode
{
    /// <summary>Whether a device can run a problem, by either implementation.</summary>
    public static Support Supports(DeviceInfo device, DecodeProblem problem)
    {
        DecodeShape s = problem.Shape;
        if (DecodeTiles.Choose(device, s.HeadDim, s.ValueDim, s.RowsPerKvHead) is not { } tiles)
        {
            return Support.No(
                $"D = {s.HeadDim}, Dv = {s.ValueDim} needs larger groups or more local memory than the device's {device.MaxWorkGroupSize} work-items and {device.LocalMemoryBytes:N0} bytes. Use the cpu device.");
        }

        double groups = DecodeParts.Choose(device, problem, tiles).Groups(s);
        if (groups * tiles.ItemsX * tiles.ItemsY > int.MaxValue)
            return Support.No($"{groups:N0} parts are more than one launch holds. Split the batch.");
        Support split = DecodeProgram.Split(problem, tiles).SupportOn(device);
        if (!split.IsSupported) return split;
        Support merge = DecodeProgram.Merge(problem.DType, tiles).SupportOn(device);
        return merge.IsSupported ? DecodeProgram.Naive(problem.DType).SupportOn(device) : merge;
    }

    /// <summary>Sets a tensor's buffer and its layout.</summary>
    public static void SetTensor(this DeviceKernel kernel, int buffer, int layout, DecodeProblem problem, int operand, DeviceSlice slice)
    {
        kernel.SetBuffer(buffer, slice.Memory);
        kernel.SetValue(layout, KernelLayout.Of(problem.Strides(operand), slice));
    }
}
