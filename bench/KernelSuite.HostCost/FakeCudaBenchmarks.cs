using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Attributes;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.HostCost;

/// <summary>
/// What a launch through the CUDA backend costs on the calling thread, against the fake driver of native/fakecuda, which does next to nothing
/// with it. <see cref="BareDriverCall"/> is the fake's own share. A process binds one driver, so KSUITE_CUDA_LIBRARY has to name the fake one:
/// run with --filter '*FakeCuda*'.
/// </summary>
public unsafe class FakeCudaBenchmarks
{
    private const string Ptx = """
        .version 7.4
        .target sm_80
        .address_size 64
        .visible .entry axpy(.param .u64 x, .param .u64 y, .param .f32 a, .param .u32 n) { ret; }
        """;

    private Device device = null!;
    private DeviceStream stream = null!;
    private DeviceEvent timing = null!;
    private DeviceKernel kernel = null!;
    private DeviceBuffer<float> x = null!, y = null!;
    private delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> launch;
    private nint bareFunction, bareStream;
    private void** bareParameters;

    /// <summary>Opens the fake device and puts the driver in its fastest mode.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string path = LibraryPath();
        nint library = NativeLibrary.Load(path);
        fixed (byte* script = "mode eager; record off\0"u8)
            _ = ((delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "fake_script"))(script);
        device = new DeviceCatalog(new CudaBackend(new CudaOptions { LibraryNames = [path] })).Open("cuda:0");
        stream = device.CreateStream();
        timing = device.CreateEvent();
        x = device.Allocate<float>(64);
        y = device.Allocate<float>(64);
        using DeviceProgram program = device.BuildProgram(new ProgramSource("bench/axpy.cu", string.Empty) { Images = new Images() });
        kernel = program.CreateKernel("axpy");
        SetArguments();
        SetUpBareCall(library);
    }

    /// <summary>Releases everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in new IDisposable[] { kernel, timing, stream, x, y, device }) owned.Dispose();
    }

    /// <summary>One launch with the arguments as they are.</summary>
    [Benchmark(Baseline = true)]
    public void Launch() => stream.Launch(kernel, new LaunchShape(1, ItemsX: 64));

    /// <summary>Two buffers and two values set, one launch.</summary>
    [Benchmark]
    public void SetArgumentsAndLaunch()
    {
        SetArguments();
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 64));
    }

    /// <summary>One launch between two recorded events.</summary>
    [Benchmark]
    public void LaunchTimed() => stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);

    /// <summary>cuLaunchKernel of the fake driver by itself: its part of the numbers above.</summary>
    [Benchmark]
    public int BareDriverCall() => launch(bareFunction, 1, 1, 1, 64, 1, 1, 0, bareStream, bareParameters, null);

    private static string LibraryPath()
    {
        if (Environment.GetEnvironmentVariable("KSUITE_CUDA_LIBRARY") is { Length: > 0 } path && path.Contains("fakecuda", StringComparison.Ordinal)) return path;
        throw new InvalidOperationException(
            "A process binds one CUDA driver, and these benchmarks need the fake one: set KSUITE_CUDA_LIBRARY to the path of libksuite_fakecuda.so, which "
            + "'cmake -S native/fakecuda -B artifacts/build/fakecuda && cmake --build artifacts/build/fakecuda' puts into artifacts/native.");
    }

    private void SetArguments()
    {
        kernel.SetBuffer(0, x.Memory);
        kernel.SetBuffer(1, y.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 64);
    }

    /// <summary>A module and a stream of its own in the same context, made with the driver's entry points alone.</summary>
    private void SetUpBareCall(nint library)
    {
        var load = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)NativeLibrary.GetExport(library, "cuModuleLoadDataEx");
        var find = (delegate* unmanaged<nint*, nint, byte*, int>)NativeLibrary.GetExport(library, "cuModuleGetFunction");
        var create = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuStreamCreate");
        launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)NativeLibrary.GetExport(library, "cuLaunchKernel");
        nint module, function, own;
        fixed (byte* text = Encoding.UTF8.GetBytes(Ptx + '\0'), name = "axpy\0"u8)
        {
            if (load(&module, text, 0, null, null) != 0 || find(&function, module, name) != 0 || create(&own, 1) != 0)
                throw new InvalidOperationException("The fake driver refused the bare module.");
        }

        (bareFunction, bareStream) = (function, own);
        bareParameters = (void**)NativeMemory.AllocZeroed(4, (nuint)sizeof(nint));
        for (int i = 0; i < 4; i++) bareParameters[i] = NativeMemory.AllocZeroed(8);
        if (BareDriverCall() != 0) throw new InvalidOperationException("The fake driver refused the bare launch.");
    }

    private sealed class Images : ProgramImages
    {
        public override IReadOnlyList<string> Targets => ["compute_80"];

        public override string Compiler => "hand-written";

        public override ReadOnlyMemory<byte> Read(string target) => Encoding.UTF8.GetBytes(Ptx);
    }
}
