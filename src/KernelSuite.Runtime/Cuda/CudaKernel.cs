namespace KernelSuite.Runtime.Cuda;

/// <summary>A kernel and its arguments.</summary>
public sealed unsafe class CudaKernel : DeviceKernel
{
    private readonly CudaDevice device;
    private readonly CudaFunction function;
    private readonly KernelHandle handle;

    // What was set, by argument: the driver reads addresses and does not know buffers.
    private readonly CudaMemory?[] buffers;
    private readonly bool[] isSet;
    private int pinnedArguments;

    internal CudaKernel(CudaDevice device, ModuleHandle module, CudaFunction function)
    {
        this.device = device;
        this.function = function;
        handle = KernelHandle.Create(function.Entry.Parameters, module);
        buffers = new CudaMemory?[ArgumentCount];
        isSet = new bool[ArgumentCount];
    }

    /// <inheritdoc/>
    public override string Name => function.Entry.Name;

    /// <inheritdoc/>
    public override int ArgumentCount => function.Entry.Parameters.Count;

    /// <summary>Most threads that a block of this kernel may have on this device.</summary>
    public int MaxWorkGroupSize => function.MaxThreads;

    /// <summary>Shared memory that the kernel declares itself, in bytes for each block.</summary>
    public int StaticLocalBytes => function.StaticSharedBytes;

    /// <summary>Registers of a thread.</summary>
    public int Registers => function.Registers;

    /// <summary>Local memory of a thread in bytes: stack and spilled registers.</summary>
    public int PrivateBytes => function.LocalBytes;

    /// <summary>The compute capability that the machine code is for.</summary>
    public Version BinaryCapability => new(function.BinaryVersion / 10, function.BinaryVersion % 10);

    internal nint Function => function.Raw;

    /// <summary>How many blocks of this kernel one multiprocessor holds at a time, as the driver computes it.</summary>
    /// <param name="itemsPerGroup">Threads of a block.</param>
    /// <param name="localBytes">Dynamic shared memory of a block in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A launch could not have them.</exception>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public int MaxActiveGroups(int itemsPerGroup, int localBytes = 0)
    {
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        CheckBlock(new LaunchShape(1, ItemsX: itemsPerGroup, LocalBytes: localBytes));
        device.Context.Enter("cuOccupancyMaxActiveBlocksPerMultiprocessor");
        AllowShared(localBytes);
        int blocks = 0;
        device.Context.Check(
            CudaNative.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function.Raw, itemsPerGroup, (nuint)localBytes),
            "cuOccupancyMaxActiveBlocksPerMultiprocessor", $"kernel '{Name}', {itemsPerGroup:N0} threads, {localBytes:N0} bytes of dynamic shared memory");
        return blocks;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The buffer belongs to another device, or the parameter is no pointer.</exception>
    public override void SetBuffer(int index, DeviceMemory? memory)
    {
        CheckIndex(index);
        CudaMemory? own = memory is null ? null : CudaMemory.Own(memory, device, nameof(memory));
        if (function.Entry.Parameters[index].Size != sizeof(nint)) throw WrongSize(index, "a buffer", sizeof(nint));
        nint address = 0;
        if (own is not null)
        {
            bool pinned = false;
            own.Handle.DangerousAddRef(ref pinned);
            address = own.Handle.DangerousGetHandle();
            own.Handle.DangerousRelease();
        }

        *(nint*)handle.Value(index) = address;
        buffers[index] = own;
        isSet[index] = true;
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The parameter is of another size.</exception>
    public override void SetValue<T>(int index, T value)
    {
        CheckIndex(index);
        if (function.Entry.Parameters[index].Size != sizeof(T)) throw WrongSize(index, $"a {typeof(T).Name}", sizeof(T));
        *(T*)handle.Value(index) = value;
        buffers[index] = null;
        isSet[index] = true;
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: CUDA has one dynamic shared array a block, sized by the launch.</exception>
    public override void SetLocal(int index, int bytes)
    {
        CheckIndex(index);
        throw new NotSupportedException(
            $"Kernel '{Name}' on {device.Label}: CUDA takes no local-memory arguments. Pass the size as {nameof(LaunchShape)}.{nameof(LaunchShape.LocalBytes)}.");
    }

    /// <summary>Checks that a kernel handed in is alive and of <paramref name="device"/>.</summary>
    internal static CudaKernel Own(DeviceKernel kernel, CudaDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(kernel, name);
        if (kernel is not CudaKernel own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The kernel belongs to another device. Build its program on this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.handle.IsDisposed, own);
        return own;
    }

    /// <summary>Compares a launch with what kernel and device allow. The happy path allocates nothing.</summary>
    internal void CheckShape(in LaunchShape shape)
    {
        CheckGrid(shape.GroupsX, device.Limits.GridX, 'X');
        CheckGrid(shape.GroupsY, device.Limits.GridY, 'Y');
        CheckGrid(shape.GroupsZ, device.Limits.GridZ, 'Z');
        CheckBlock(in shape);
        for (int i = 0; i < isSet.Length; i++)
        {
            if (!isSet[i])
                throw new InvalidOperationException($"Kernel '{Name}': argument {i} of {ArgumentCount} is not set. Set every argument before the launch.");
        }
    }

    /// <summary>Asks for more dynamic shared memory than a kernel has unasked, where that is needed. The context is current.</summary>
    internal void AllowShared(int dynamicBytes) => function.AllowDynamic(dynamicBytes);

    /// <summary>Keeps the buffers from being freed while the driver reads their addresses, and the kernel itself. Undo with
    /// <see cref="UnpinArguments"/>, also where this throws.</summary>
    /// <returns>The addresses of the argument values.</returns>
    /// <exception cref="ObjectDisposedException">A buffer was disposed after it had been set, or the kernel was disposed.</exception>
    internal void** PinArguments()
    {
        pinnedArguments = -1;
        bool pinned = false;
        handle.DangerousAddRef(ref pinned);
        for (pinnedArguments = 0; pinnedArguments < buffers.Length; pinnedArguments++)
        {
            CudaMemory? buffer = buffers[pinnedArguments];
            if (buffer is null) continue;
            if (buffer.IsDisposed)
            {
                throw new ObjectDisposedException(
                    nameof(DeviceMemory), $"Kernel '{Name}': the buffer set as argument {pinnedArguments} was disposed before the launch.");
            }

            bool pinnedBuffer = false;
            buffer.Handle.DangerousAddRef(ref pinnedBuffer);
        }

        return handle.Pointers;
    }

    internal void UnpinArguments()
    {
        if (pinnedArguments < 0) return;
        while (pinnedArguments > 0) buffers[--pinnedArguments]?.Handle.DangerousRelease();
        handle.DangerousRelease();
    }

    internal DeviceException LaunchError(int status, in LaunchShape shape) => device.Context.Error(
        status, "cuLaunchKernel",
        $"kernel '{Name}', {shape.GroupsX} x {shape.GroupsY} x {shape.GroupsZ} blocks of {shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ} threads, "
        + $"{function.Registers} registers a thread, {function.StaticSharedBytes:N0} + {shape.LocalBytes:N0} bytes of shared memory");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        Array.Clear(buffers);
    }

    private void CheckGrid(long groups, int limit, char axis)
    {
        if (groups < 1 || groups > limit)
            throw new ArgumentOutOfRangeException($"Groups{axis}", groups, $"Kernel '{Name}' on {device.Label}: expected 1 to {limit:N0} groups along {axis}.");
    }

    private void CheckItems(int items, int limit, char axis)
    {
        if (items < 1 || items > limit)
        {
            throw new ArgumentOutOfRangeException(
                $"Items{axis}", items, $"Kernel '{Name}' on {device.Label}: expected 1 to {limit:N0} work-items per group along {axis}.");
        }
    }

    private void CheckBlock(in LaunchShape shape)
    {
        CheckItems(shape.ItemsX, device.Limits.BlockX, 'X');
        CheckItems(shape.ItemsY, device.Limits.BlockY, 'Y');
        CheckItems(shape.ItemsZ, device.Limits.BlockZ, 'Z');
        // The axes are bounded by the device (1024, 1024, 64), so the product fits in 64 bits.
        if ((long)shape.ItemsX * shape.ItemsY * shape.ItemsZ > function.MaxThreads)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' on {device.Label}: a group of {shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ} work-items exceeds {function.MaxThreads:N0} "
                + $"(the device allows {device.Info.MaxWorkGroupSize:N0}). Launch more, smaller groups.");
        }

        if (function.Entry.RequiredThreads is { } required && required != new PtxShape(shape.ItemsX, shape.ItemsY, shape.ItemsZ))
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' was compiled for groups of {required.X} x {required.Y} x {required.Z} work-items; the launch has "
                + $"{shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(shape.LocalBytes);
        if ((long)function.StaticSharedBytes + shape.LocalBytes > device.Limits.SharedOptInBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(shape),
                $"Kernel '{Name}' needs {(long)function.StaticSharedBytes + shape.LocalBytes:N0} bytes of shared memory for each block ({shape.LocalBytes:N0} of them dynamic); "
                + $"{device.Label} has {device.Limits.SharedOptInBytes:N0}. Use smaller tiles.");
        }
    }

    private void CheckIndex(int index)
    {
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        if ((uint)index >= (uint)ArgumentCount)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Kernel '{Name}' has {ArgumentCount} arguments; expected 0 to {ArgumentCount - 1}.");
    }

    private ArgumentException WrongSize(int index, string what, int size) => new(
        $"Kernel '{Name}' on {device.Label}, argument {index}: {what} has {size} bytes and the parameter {function.Entry.Parameters[index].Size}. "
        + "Compare the arguments with the kernel's parameter list.", nameof(index));
}
