namespace KernelSuite.Runtime;

/// <summary>Device code to build: a name for messages, the text with includes resolved, and compiler options.</summary>
/// <param name="Name">Name for messages and profilers, for example <c>attention/attention_forward.cl</c>.</param>
/// <param name="Text">Complete source text.</param>
/// <param name="Options">Compiler options, for example <c>-DHEAD_DIM=64</c>; order is part of the cache key.</param>
public sealed record ProgramSource(string Name, string Text, string Options = "")
{
    /// <summary>
    /// What was compiled ahead of time from this text with these options, for devices that take no text; null where nothing was.
    /// </summary>
    public ProgramImages? Images { get; init; }
}

/// <summary>A program compiled ahead of time for several targets, read only when one is chosen. Thread-safe.</summary>
public abstract class ProgramImages
{
    /// <summary>
    /// The targets at hand: <c>sm_90</c> is machine code (a cubin) for compute capability 9.0, <c>sm_90a</c> for exactly that one,
    /// <c>compute_80</c> is PTX that the driver compiles for 8.0 and newer.
    /// </summary>
    public abstract IReadOnlyList<string> Targets { get; }

    /// <summary>The compiler that made them, for messages, for example <c>nvcc 11.8.89</c>.</summary>
    public abstract string Compiler { get; }

    /// <summary>One target's bytes. PTX is UTF-8 text without a terminating zero.</summary>
    /// <exception cref="ArgumentException">There is no such target.</exception>
    public abstract ReadOnlyMemory<byte> Read(string target);
}

/// <summary>Built device code.</summary>
public abstract class DeviceProgram : IDisposable
{
    /// <summary>Whether the binary came from the on-disk cache.</summary>
    public abstract bool FromCache { get; }

    /// <summary>What the compiler said; warnings included. Empty where the binary came from the cache.</summary>
    public abstract string BuildLog { get; }

    /// <summary>Makes a kernel by name.</summary>
    /// <exception cref="DeviceException">The program has no such kernel; the message lists those it has.</exception>
    public abstract DeviceKernel CreateKernel(string name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the program; kernels made from it stay valid.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>
/// An entry point of a program together with its arguments. Setting arguments and launching allocate nothing.
/// Not thread-safe: threads that launch side by side make a kernel each.
/// </summary>
public abstract class DeviceKernel : IDisposable
{
    /// <summary>The kernel's name.</summary>
    public abstract string Name { get; }

    /// <summary>Number of arguments.</summary>
    public abstract int ArgumentCount { get; }

    /// <summary>Sets a buffer argument; null passes a null pointer. The buffer must stay open until the launch is queued.</summary>
    /// <exception cref="ArgumentException">The buffer belongs to another device.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public abstract void SetBuffer(int index, DeviceMemory? memory);

    /// <summary>Sets a by-value argument of a blittable type.</summary>
    public abstract void SetValue<T>(int index, T value)
        where T : unmanaged;

    /// <summary>Sets the size of a dynamic local-memory argument.</summary>
    public abstract void SetLocal(int index, int bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the kernel.</summary>
    protected abstract void Dispose(bool disposing);
}
