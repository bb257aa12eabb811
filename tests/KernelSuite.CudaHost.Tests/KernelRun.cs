using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests;

/// <summary>One kernel of <c>tests/kernels</c> with its arguments, on one device: arrays go in by order, and what it left comes
/// back.</summary>
internal sealed class KernelRun : IDisposable
{
    private readonly List<(DeviceMemory Memory, IDisposable Buffer)> _buffers = [];
    private readonly DeviceProgram _program;
    private readonly DeviceKernel _kernel;
    private readonly DeviceStream _stream;
    private int _arguments;

    /// <param name="device">The device.</param>
    /// <param name="program">For example <c>ptx/mma.cu</c>.</param>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="options">Build options as in <c>variants-cuda.txt</c>.</param>
    public KernelRun(Device device, string program, string kernel, string options = "")
    {
        Device = device;
        _program = device.BuildProgram(TestPrograms.Source(device, program, options));
        _kernel = _program.CreateKernel(kernel);
        _stream = device.CreateStream();
    }

    public Device Device { get; }

    /// <summary>The next argument: a buffer with these contents.</summary>
    /// <returns>The index for <see cref="Read{T}"/>.</returns>
    public int Buffer<T>(T[] contents)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(contents.Length);
        _stream.Write<T>(contents, buffer);
        _buffers.Add((buffer.Memory, buffer));
        _kernel.SetBuffer(_arguments++, buffer.Memory);
        return _buffers.Count - 1;
    }

    /// <summary>The next argument: a value.</summary>
    public void Value<T>(T value)
        where T : unmanaged => _kernel.SetValue(_arguments++, value);

    /// <summary>Runs the kernel to its end.</summary>
    public void Launch(in LaunchShape shape)
    {
        Assert.Equal(_kernel.ArgumentCount, _arguments);
        _stream.Launch(_kernel, shape);
        _stream.Synchronize();
    }

    /// <summary>What a buffer holds now.</summary>
    public T[] Read<T>(int buffer)
        where T : unmanaged
    {
        var typed = (DeviceBuffer<T>)_buffers[buffer].Buffer;
        var contents = new T[typed.Length];
        _stream.Read(typed, contents.AsSpan());
        return contents;
    }

    public void Dispose()
    {
        foreach ((_, IDisposable buffer) in _buffers) buffer.Dispose();
        _stream.Dispose();
        _kernel.Dispose();
        _program.Dispose();
    }
}
