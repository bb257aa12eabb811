namespace KernelSuite.Runtime.Cuda;

/// <summary>What a GPU allows one launch to ask for.</summary>
/// <param name="GridX">Blocks along x.</param>
/// <param name="GridY">Blocks along y.</param>
/// <param name="GridZ">Blocks along z.</param>
/// <param name="BlockX">Threads of a block along x.</param>
/// <param name="BlockY">Threads of a block along y.</param>
/// <param name="BlockZ">Threads of a block along z.</param>
/// <param name="SharedBytes">Shared memory of a block that every kernel may have, in bytes.</param>
/// <param name="SharedOptInBytes">Shared memory of a block that a kernel may have once it has asked for it, in bytes.</param>
internal sealed record LaunchLimits(int GridX, int GridY, int GridZ, int BlockX, int BlockY, int BlockZ, int SharedBytes, int SharedOptInBytes)
{
    /// <summary>Reads the limits through <paramref name="read"/>.</summary>
    public static LaunchLimits Read(Func<DeviceAttribute, int> read) => new(
        read(DeviceAttribute.MaxGridDimX), read(DeviceAttribute.MaxGridDimY), read(DeviceAttribute.MaxGridDimZ),
        read(DeviceAttribute.MaxBlockDimX), read(DeviceAttribute.MaxBlockDimY), read(DeviceAttribute.MaxBlockDimZ),
        read(DeviceAttribute.MaxSharedMemoryPerBlock), read(DeviceAttribute.MaxSharedMemoryPerBlockOptin));
}
