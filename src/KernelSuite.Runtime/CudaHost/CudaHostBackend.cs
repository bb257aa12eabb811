using System.Runtime.InteropServices;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.Interop;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>
/// The device <c>cudahost</c>: CUDA kernels compiled for the host and executed thread by thread, with every access checked. It is there to
/// find mistakes without a GPU; its times mean nothing.
/// </summary>
/// <param name="options">Where to look and how to run; null reads the environment (see <see cref="CudaHostOptions.FromEnvironment"/>).</param>
public sealed class CudaHostBackend(CudaHostOptions? options = null) : Backend
{
    /// <summary>Shared memory of a block as on compute capability 9.0: what kernels may ask for there.</summary>
    private const long SharedBytes = 227 * 1024;

    private const int MaxThreads = 1024;

    /// <inheritdoc/>
    public override string Name => "cudahost";

    /// <inheritdoc/>
    public override string Advice =>
        "The other devices need none of this. cudahost is built by './build.sh build' where CMake and a C++ compiler are present (Debian: apt install cmake g++).";

    /// <inheritdoc/>
    public override BackendProbe Probe()
    {
        var attempts = new List<LoadAttempt>();
        DeviceInfo? info = null;
        try
        {
            info = Find(options ?? CudaHostOptions.FromEnvironment(), attempts);
        }
        catch (ArgumentException error)
        {
            attempts.Add(new LoadAttempt("environment", false, error.Message));
        }

        return new BackendProbe(info is null ? [] : [info], new LoadTrace(attempts));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The id is of another backend, or an environment variable is wrong.</exception>
    public override Device Open(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Id.Backend != Name) throw new ArgumentException($"'{info.Id}' is not the cudahost device.", nameof(info));
        CudaHostOptions chosen = options ?? CudaHostOptions.FromEnvironment();
        var attempts = new List<LoadAttempt>();
        return Find(chosen, attempts) is { } found
            ? new CudaHostDevice(found, chosen)
            : throw new DeviceUnavailableException(info.Id.ToString(), $"Device '{info.Id}' is not here any more.", new LoadTrace(attempts));
    }

    private static DeviceInfo? Find(CudaHostOptions options, List<LoadAttempt> attempts)
    {
        try
        {
            if (!NativeLoader.TryBind(CudaHostNative.Library, options.LibraryNames, attempts))
            {
                attempts.Add(new LoadAttempt(
                    "cudahost", false, "not found. It is built where a C++ compiler is present (./build.sh build); elsewhere set KSUITE_CUDAHOST_LIBRARY to its path."));
                return null;
            }

            int version = CudaHostNative.cudahost_version();
            if (version != CudaHostNative.Version)
            {
                attempts.Add(new LoadAttempt("cudahost interface", false, $"version {version}, but this program is written for {CudaHostNative.Version}. Build both from one revision."));
                return null;
            }

            long programs = OpenKernels(options.KernelLibraries, attempts);
            long memory = CpuFacts.ReadMemory().Total;
            return new DeviceInfo
            {
                Id = new DeviceId("cudahost"),
                Kind = DeviceKind.Emulator,
                Language = DeviceLanguage.Cuda,
                Name = $"cudahost on {CpuFacts.ReadName()}",
                Driver = $"cudahost {version}, {programs} programs",
                Api = "CUDA C++ as compiled for the host",
                ComputeUnits = options.Workers > 0 ? options.Workers : Environment.ProcessorCount,
                MaxWorkGroupSize = MaxThreads,
                LocalMemoryBytes = SharedBytes,
                GlobalMemoryBytes = memory,
                MaxAllocationBytes = memory,
            };
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException or BadImageFormatException)
        {
            attempts.Add(new LoadAttempt("cudahost entry points", false, $"the library is not libksuite_cudahost: {error.Message}"));
            return null;
        }
    }

    /// <summary>Opens every kernel library; they stay open, as a library that is opened again is the same one.</summary>
    private static unsafe long OpenKernels(IReadOnlyList<string> paths, List<LoadAttempt> attempts)
    {
        long programs = 0;
        foreach (string path in paths)
        {
            nint library;
            if (CudaHostNative.cudahost_library_open(path, &library) == CudaHostNative.Ok)
            {
                uint count = CudaHostNative.cudahost_library_program_count(library);
                programs += count;
                attempts.Add(new LoadAttempt(path, true, $"{count} programs"));
            }
            else
            {
                attempts.Add(new LoadAttempt(path, false, CudaHostNative.LastError()));
            }
        }

        return programs;
    }
}
