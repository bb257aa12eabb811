namespace KernelSuite.Runtime.OpenCl;

/// <summary>What a device allows one launch to ask for.</summary>
/// <param name="GroupSize">Work-items in a group.</param>
/// <param name="ItemsX">Work-items of a group along x.</param>
/// <param name="ItemsY">Work-items of a group along y.</param>
/// <param name="ItemsZ">Work-items of a group along z.</param>
/// <param name="LocalBytes">Local memory of a group in bytes.</param>
internal sealed record LaunchLimits(long GroupSize, long ItemsX, long ItemsY, long ItemsZ, long LocalBytes)
{
    /// <summary>Dimensions that a driver may report; the standard asks for 3.</summary>
    private const int MaxDimensions = 16;

    public static unsafe LaunchLimits Read(nint device, DeviceInfo info)
    {
        nuint* items = stackalloc nuint[MaxDimensions];
        int status = ClNative.clGetDeviceInfo(
            device, ClConstants.DeviceMaxWorkItemSizes, (nuint)(MaxDimensions * sizeof(nuint)), items, null);
        ClStatus.Check(status, "clGetDeviceInfo", info.Id.ToString(), "CL_DEVICE_MAX_WORK_ITEM_SIZES");
        return new LaunchLimits(info.MaxWorkGroupSize, Bound(items[0]), Bound(items[1]), Bound(items[2]), info.LocalMemoryBytes);
    }

    private static long Bound(nuint value) => (long)Math.Min(value, int.MaxValue);
}
