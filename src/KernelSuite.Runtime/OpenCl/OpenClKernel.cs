namespace KernelSuite.Runtime.OpenCl;

/// <summary>A kernel and its arguments.</summary>
public sealed unsafe class OpenClKernel : DeviceKernel
{
    private readonly OpenClDevice device;

    // What was set, by argument: the driver does not keep buffers alive until a launch is queued, and says only that "some"
    // argument is missing.
    private readonly OpenClMemory?[] buffers;
    private readonly int[] localBytes;
    private readonly bool[] isSet;
    private readonly long groupLimit;
    private readonly long ownLocalBytes;
    private readonly (long X, long Y, long Z) required;
    private int pinnedArguments;

    internal OpenClKernel(OpenClDevice device, KernelHandle handle, string name)
    {
        this.device = device;
        Handle = handle;
        Name = name;
        nint raw = handle.DangerousGetHandle();
        ArgumentCount = (int)ClInfo.Value<uint>(ClSubject.Kernel, raw, ClConstants.KernelNumArgs, device.Label);
        buffers = new OpenClMemory?[ArgumentCount];
        localBytes = new int[ArgumentCount];
        isSet = new bool[ArgumentCount];
        groupLimit = Math.Min(device.Limits.GroupSize, (long)ReadGroupInfo<nuint>(raw, ClConstants.KernelWorkGroupSize));
        ownLocalBytes = (long)ReadGroupInfo<ulong>(raw, ClConstants.KernelLocalMemSize);
        GroupShape shape = ReadGroupInfo<GroupShape>(raw, ClConstants.KernelCompileWorkGroupSize);
        required = ((long)shape.X, (long)shape.Y, (long)shape.Z);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int ArgumentCount { get; }

    /// <summary>Most work-items that a group of this kernel may have on this device.</summary>
    public long MaxWorkGroupSize => groupLimit;

    /// <summary>Local memory that the kernel declares itself, in bytes for each group.</summary>
    public long StaticLocalBytes => ownLocalBytes;

    internal KernelHandle Handle { get; }

    /// <inheritdoc/>
    public override void SetBuffer(int index, DeviceMemory? memory)
    {
        CheckIndex(index);
        OpenClMemory? own = memory is null ? null : OpenClMemory.Own(memory, device, nameof(memory));
        nint raw = 0;
        int status;
        if (own is null)
        {
            status = ClNative.clSetKernelArg(Handle, (uint)index, (nuint)sizeof(nint), &raw);
        }
        else
        {
            bool pinned = false;
            own.Handle.DangerousAddRef(ref pinned);
            raw = own.Handle.DangerousGetHandle();
            status = ClNative.clSetKernelArg(Handle, (uint)index, (nuint)sizeof(nint), &raw);
            own.Handle.DangerousRelease();
        }

        if (status != ClStatus.Success) throw ArgumentError(status, index, "a buffer");
        buffers[index] = own;
        localBytes[index] = 0;
        isSet[index] = true;
    }

    /// <inheritdoc/>
    public override void SetValue<T>(int index, T value)
    {
        CheckIndex(index);
        int status = ClNative.clSetKernelArg(Handle, (uint)index, (nuint)sizeof(T), &value);
        if (status != ClStatus.Success) throw ArgumentError(status, index, $"a {typeof(T).Name} of {sizeof(T)} bytes");
        buffers[index] = null;
        localBytes[index] = 0;
        isSet[index] = true;
    }

    /// <inheritdoc/>
    public override void SetLocal(int index, int bytes)
    {
        CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        int status = ClNative.clSetKernelArg(Handle, (uint)index, (nuint)bytes, null);
        if (status != ClStatus.Success) throw ArgumentError(status, index, $"{bytes:N0} bytes of local memory");
        buffers[index] = null;
        localBytes[index] = bytes;
        isSet[index] = true;
    }

    /// <summary>Checks that a kernel handed in is alive and of <paramref name="device"/>.</summary>
    internal static OpenClKernel Own(DeviceKernel kernel, OpenClDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(kernel, name);
        if (kernel is not OpenClKernel own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The kernel belongs to another device. Build its program on this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.Handle.IsDisposed, own);
        return own;
    }

    /// <summary>Compares a launch with what kernel and device allow. The happy path allocates nothing.</summary>
    internal void CheckShape(in LaunchShape shape)
    {
        CheckAxis(shape.GroupsX, shape.ItemsX, device.Limits.ItemsX, 'X');
        CheckAxis(shape.GroupsY, shape.ItemsY, device.Limits.ItemsY, 'Y');
        CheckAxis(shape.GroupsZ, shape.ItemsZ, device.Limits.ItemsZ, 'Z');
        // Every factor is below 2^31 and the first product below 2^62; the third axis is compared by division.
        long plane = (long)shape.ItemsX * shape.ItemsY;
        if (plane > groupLimit / shape.ItemsZ)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' on {device.Label}: a group of {shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ} work-items exceeds {groupLimit:N0} "
                + $"(the device allows {device.Limits.GroupSize:N0}). Launch more, smaller groups.");
        }

        if (required.X > 0 && required != (shape.ItemsX, shape.ItemsY, shape.ItemsZ))
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' was compiled for groups of {required.X} x {required.Y} x {required.Z} work-items; the launch has "
                + $"{shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ}.");
        }

        long dynamic = 0;
        for (int i = 0; i < isSet.Length; i++)
        {
            if (!isSet[i])
                throw new InvalidOperationException($"Kernel '{Name}': argument {i} of {ArgumentCount} is not set. Set every argument before the launch.");
            dynamic += localBytes[i];
        }

        if (ownLocalBytes + dynamic > device.Limits.LocalBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' needs {ownLocalBytes + dynamic:N0} bytes of local memory for each group ({dynamic:N0} of them arguments); "
                + $"{device.Label} has {device.Limits.LocalBytes:N0}. Use smaller tiles.");
        }

        if (shape.LocalBytes > dynamic)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}': the launch asks for {shape.LocalBytes:N0} dynamic local bytes but {dynamic:N0} were set. OpenCL takes them as "
                + "arguments: call SetLocal.");
        }
    }

    /// <summary>Keeps the buffers from being freed while the driver reads the argument list. Undo with
    /// <see cref="UnpinArguments"/>, also where this throws.</summary>
    /// <exception cref="ObjectDisposedException">A buffer was disposed after it had been set.</exception>
    internal void PinArguments()
    {
        for (pinnedArguments = 0; pinnedArguments < buffers.Length; pinnedArguments++)
        {
            OpenClMemory? buffer = buffers[pinnedArguments];
            if (buffer is null) continue;
            if (buffer.IsDisposed)
            {
                throw new ObjectDisposedException(
                    nameof(DeviceMemory), $"Kernel '{Name}': the buffer set as argument {pinnedArguments} was disposed before the launch.");
            }

            bool pinned = false;
            buffer.Handle.DangerousAddRef(ref pinned);
        }
    }

    internal void UnpinArguments()
    {
        while (pinnedArguments > 0) buffers[--pinnedArguments]?.Handle.DangerousRelease();
    }

    internal DeviceException LaunchError(int status, in LaunchShape shape) => ClStatus.Error(
        status, "clEnqueueNDRangeKernel", device.Label,
        $"kernel '{Name}', {shape.GroupsX} x {shape.GroupsY} x {shape.GroupsZ} groups of {shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ} work-items");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Handle.Dispose();
        Array.Clear(buffers);
    }

    private void CheckAxis(long groups, int items, long itemLimit, char axis)
    {
        if (items < 1 || items > itemLimit)
        {
            throw new ArgumentOutOfRangeException(
                $"Items{axis}", items, $"Kernel '{Name}' on {device.Label}: expected 1 to {itemLimit:N0} work-items per group along {axis}.");
        }

        if (groups < 1 || groups > long.MaxValue / items)
            throw new ArgumentOutOfRangeException($"Groups{axis}", groups, $"Kernel '{Name}': expected 1 to {long.MaxValue / items:N0} groups along {axis}.");
    }

    private void CheckIndex(int index)
    {
        ObjectDisposedException.ThrowIf(Handle.IsDisposed, this);
        if ((uint)index >= (uint)ArgumentCount)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Kernel '{Name}' has {ArgumentCount} arguments; expected 0 to {ArgumentCount - 1}.");
    }

    private DeviceException ArgumentError(int status, int index, string what) =>
        ClStatus.Error(status, "clSetKernelArg", device.Label, $"kernel '{Name}', argument {index} as {what}");

    private T ReadGroupInfo<T>(nint raw, uint name)
        where T : unmanaged
    {
        T value = default;
        int status = ClNative.clGetKernelWorkGroupInfo(raw, device.RawDevice, name, (nuint)sizeof(T), &value, null);
        ClStatus.Check(status, "clGetKernelWorkGroupInfo", device.Label, $"kernel '{Name}', query 0x{name:X}");
        return value;
    }

    private readonly record struct GroupShape(nuint X, nuint Y, nuint Z);
}
