using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>A kernel and its arguments.</summary>
public sealed unsafe class CudaHostKernel : DeviceKernel
{
    /// <summary>A slot holds any argument that CUDA passes by value in one register pair; larger ones are laid out after their own size.</summary>
    private const int SlotAlignment = 16;

    private readonly CudaHostDevice device;
    private readonly nint kernel;
    private readonly int[] sizes;
    private readonly CudaHostMemory?[] buffers;
    private readonly bool[] isSet;
    private readonly Arguments arguments;
    private readonly (uint X, uint Y) required;
    private readonly uint maxThreads;

    internal CudaHostKernel(CudaHostDevice device, nint kernel)
    {
        this.device = device;
        this.kernel = kernel;
        CudaHostNative.KernelInfo info;
        int status = CudaHostNative.cudahost_kernel_get_info(kernel, &info);
        if (status != CudaHostNative.Ok) throw new DeviceException($"{device.Label}: {CudaHostNative.LastError()}", "cudahost_kernel_get_info", device.Label, status);
        Name = Marshal.PtrToStringUTF8((nint)info.Name)!;
        sizes = new int[info.ParameterCount];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = (int)info.ParameterBytes[i];
        buffers = new CudaHostMemory?[sizes.Length];
        isSet = new bool[sizes.Length];
        required = (info.GroupShape[0], info.GroupShape[1]);
        maxThreads = info.MaxThreads;
        arguments = new Arguments(sizes);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int ArgumentCount => sizes.Length;

    /// <inheritdoc/>
    public override void SetBuffer(int index, DeviceMemory? memory)
    {
        CheckArgument(index, sizeof(nint), null);
        CudaHostMemory? own = null;
        if (memory is not null)
        {
            own = memory as CudaHostMemory;
            if (own is null || !ReferenceEquals(own.Device, device))
                throw new ArgumentException($"The memory belongs to another device. Allocate it on this '{device.Label}' object.", nameof(memory));
        }

        *(nint*)arguments.Slot(index) = own is null ? 0 : (nint)own.Pointer;
        buffers[index] = own;
        isSet[index] = true;
    }

    /// <inheritdoc/>
    public override void SetValue<T>(int index, T value)
    {
        CheckArgument(index, sizeof(T), typeof(T));
        *(T*)arguments.Slot(index) = value;
        buffers[index] = null;
        isSet[index] = true;
    }

    /// <inheritdoc/>
    public override void SetLocal(int index, int bytes) => throw new NotSupportedException(
        $"Kernel '{Name}': CUDA kernels take dynamic shared memory from the launch. Set {nameof(LaunchShape)}.{nameof(LaunchShape.LocalBytes)} instead.");

    /// <summary>Checks that a kernel handed in is alive and of <paramref name="device"/>.</summary>
    internal static CudaHostKernel Own(DeviceKernel kernel, CudaHostDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(kernel, name);
        if (kernel is not CudaHostKernel own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The kernel belongs to another device. Build its program on this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.arguments.IsClosed, own);
        return own;
    }

    /// <summary>Runs the kernel and waits for it.</summary>
    internal void Launch(in LaunchShape shape)
    {
        Check(shape);
        uint* grid = stackalloc uint[] { (uint)shape.GroupsX, (uint)shape.GroupsY, (uint)shape.GroupsZ };
        uint* block = stackalloc uint[] { (uint)shape.ItemsX, (uint)shape.ItemsY, (uint)shape.ItemsZ };
        CudaHostNative.LaunchOptions options = device.LaunchOptions;
        CudaHostNative.FaultRecord fault;
        int status = CudaHostNative.cudahost_launch(kernel, grid, block, (uint)shape.LocalBytes, arguments.Pointers, &options, &fault);
        foreach (CudaHostMemory? buffer in buffers) GC.KeepAlive(buffer);
        GC.KeepAlive(this);
        if (status == CudaHostNative.Fault) throw FaultReader.Read(&fault, device.Label);
        if (status != CudaHostNative.Ok)
            throw new DeviceException($"{device.Label}: launch of '{Name}': {CudaHostNative.LastError()}", "cudahost_launch", device.Label, status);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => arguments.Dispose();

    private void Check(in LaunchShape shape)
    {
        for (int i = 0; i < isSet.Length; i++)
        {
            if (!isSet[i]) throw new InvalidOperationException($"Kernel '{Name}': argument {i} of {ArgumentCount} is not set. Set every argument before the launch.");
            ObjectDisposedException.ThrowIf(buffers[i] is { IsDisposed: true }, buffers[i]!);
        }

        CheckAxis(shape.GroupsX, int.MaxValue, shape.ItemsX, 1024, 'X');
        CheckAxis(shape.GroupsY, ushort.MaxValue, shape.ItemsY, 1024, 'Y');
        CheckAxis(shape.GroupsZ, ushort.MaxValue, shape.ItemsZ, 64, 'Z');
        ArgumentOutOfRangeException.ThrowIfNegative(shape.LocalBytes, nameof(shape));
        long threads = (long)shape.ItemsX * shape.ItemsY * shape.ItemsZ;
        if (threads > maxThreads || (required.X > 0 && (required.X != shape.ItemsX || required.Y != shape.ItemsY || shape.ItemsZ != 1)))
        {
            string expected = required.X > 0 ? $"compiled for blocks of {required.X} x {required.Y} threads" : $"limited to {maxThreads} threads a block";
            throw new ArgumentOutOfRangeException(
                nameof(shape), $"Kernel '{Name}' is {expected}; the launch has {shape.ItemsX} x {shape.ItemsY} x {shape.ItemsZ}.");
        }
    }

    private void CheckAxis(long groups, long mostGroups, int items, int mostItems, char axis)
    {
        if (groups < 1 || groups > mostGroups || items < 1 || items > mostItems)
        {
            throw new ArgumentOutOfRangeException(
                "shape", $"Kernel '{Name}', axis {axis}: {groups} blocks of {items} threads. CUDA allows 1 to {mostGroups:N0} blocks of 1 to {mostItems} threads there.");
        }
    }

    /// <summary>A null type stands for a buffer. The text is made only for the error.</summary>
    private void CheckArgument(int index, int bytes, Type? type)
    {
        ObjectDisposedException.ThrowIf(arguments.IsClosed, this);
        if ((uint)index >= (uint)sizes.Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Kernel '{Name}' has {sizes.Length} arguments.");
        if (sizes[index] != bytes)
            throw new ArgumentException($"Kernel '{Name}', argument {index}: it takes {sizes[index]} bytes, but a {type?.Name ?? "buffer"} has {bytes}.", nameof(index));
    }

    /// <summary>The values and, before them, the table of pointers to them that a launch takes.</summary>
    private sealed class Arguments : SafeHandle
    {
        private readonly int count;

        public Arguments(int[] sizes)
            : base(0, ownsHandle: true)
        {
            count = sizes.Length;
            long bytes = Aligned((long)sizeof(nint) * count);
            foreach (int size in sizes) bytes += Aligned(size);
            handle = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, SlotAlignment), SlotAlignment);
            byte* at = (byte*)handle + Aligned((long)sizeof(nint) * count);
            for (int i = 0; i < count; i++)
            {
                ((byte**)handle)[i] = at;
                at += Aligned(sizes[i]);
            }
        }

        public override bool IsInvalid => handle == 0;

        public void** Pointers => (void**)handle;

        public void* Slot(int index) => ((void**)handle)[index];

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }

        private static long Aligned(long bytes) => (bytes + SlotAlignment - 1) & -SlotAlignment;
    }
}
