using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests;

/// <summary>One kernel of <c>tests/kernels</c> with its arguments, on one device: arrays go in by order, and what it left comes
/// back.</summary>
internal sealed class KernelRun : IDisposable
{
    private readonly List<(DeviceMemory Memory, IDisposable Buffer)> buffers = [];
    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private readonly DeviceStream stream;
    private int arguments;

    /// <param name="device">The device.</param>
    /// <param name="program">For example <c>ptx/mma.cu</c>.</param>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="options">Build options as in <c>variants-cuda.txt</c>.</param>
    public KernelRun(Device device, string program, string kernel, string options = "")
    {
        Device = device;
        this.program = device.BuildProgram(TestPrograms.Source(device, program, options));
        this.kernel = this.program.CreateKernel(kernel);
        stream = device.CreateStream();
    }

    public Device Device { get; }

    /// <summary>The next argument: a buffer with these contents.</summary>
    /// <returns>The index for <see cref="Read{T}"/>.</returns>
    public int Buffer<T>(T[] contents)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(contents.Length);
        stream.Write<T>(contents, buffer);
        buffers.Add((buffer.Memory, buffer));
        kernel.SetBuffer(arguments++, buffer.Memory);
        return buffers.Count - 1;
    }

    /// <summary>The next argument: a value.</summary>
    public void Value<T>(T value)
        where T : unmanaged => kernel.SetValue(arguments++, value);

    /// <summary>Runs the kernel to its end.</summary>
    public void Launch(in LaunchShape shape)
    {
        Assert.Equal(kernel.ArgumentCount, arguments);
        stream.Launch(kernel, shape);
        stream.Synchronize();
    }

    /// <summary>What a buffer holds now.</summary>
    public T[] Read<T>(int buffer)
        where T : unmanaged
    {
        var typed = (DeviceBuffer<T>)buffers[buffer].Buffer;
        var contents = new T[typed.Length];
        stream.Read(typed, contents.AsSpan());
        return contents;
    }

    public void Dispose()
    {
        foreach ((_, IDisposable buffer) in buffers) buffer.Dispose();
        stream.Dispose();
        kernel.Dispose();
        program.Dispose();
    }
}
