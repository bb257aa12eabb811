using KernelSuite.Operations;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.OpenCl;

namespace KernelSuite.Measurement;

/// <summary>Examines the machine. Changes nothing and throws nothing that the machine's state causes: what is wrong is in the report.</summary>
public static class Doctor
{
    /// <summary>Looks at everything that decides where and how well kernels run.</summary>
    /// <param name="catalog">The backends to examine; null for the built-in ones.</param>
    /// <param name="command">The command line, for the report.</param>
    public static DoctorReport Examine(DeviceCatalog? catalog = null, string command = "ksuite doctor")
    {
        catalog ??= DeviceCatalog.Default;
        var problems = new List<DoctorProblem>();
        (Backend Backend, BackendProbe Probe)[] probes = [.. catalog.Backends.Select(b => (b, b.Probe()))];
        DeviceInfo[] devices = [.. probes.SelectMany(p => p.Probe.Devices)];
        (string? auto, string reason) = Choose(devices, problems);
        DoctorCache cache = ExamineCache(catalog, problems);
        DoctorDeviceCode code = ExamineDeviceCode(problems);
        ExamineBackends(probes, problems);
        ExamineProcessor(problems);
        return new DoctorReport(
            RunContext.Capture(command, 0), DescribeProcessor(), DescribeMemory(),
            [.. probes.Select(p => Describe(p.Backend, p.Probe))], auto, reason, cache, code, problems);
    }

    private static DoctorBackend Describe(Backend backend, BackendProbe probe) => new(
        backend.Name, [.. probe.Devices.Select(DeviceRecord.Of)], [.. probe.Trace.Attempts.Select(a => new DoctorAttempt(a.Target, a.Succeeded, a.Outcome))]);

    private static (string? Id, string Reason) Choose(DeviceInfo[] devices, List<DoctorProblem> problems)
    {
        try
        {
            (DeviceInfo device, string reason) = DeviceCatalog.Choose(devices);
            return (device.Id.ToString(), reason);
        }
        catch (DeviceUnavailableException error)
        {
            problems.Add(new DoctorProblem("devices", error.Message, "Use the built-in catalog, which has the managed cpu device."));
            return (null, error.Message);
        }
    }

    private static DoctorProcessor DescribeProcessor() => new(
        CpuFacts.ReadName(), Environment.ProcessorCount, CpuSimds.Best.ToString(), InstructionSets.Supported,
        ProcessorClock.ReadMhz());

    private static DoctorMemory DescribeMemory()
    {
        DeviceMemoryInfo memory = CpuFacts.ReadMemory();
        return new DoctorMemory(memory.Total, memory.Free, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    private static void ExamineProcessor(List<DoctorProblem> problems)
    {
        try
        {
            CpuDeviceOptions.FromEnvironment();
        }
        catch (ArgumentException error)
        {
            problems.Add(new DoctorProblem("environment", error.Message, "Correct or unset the variable; the cpu device cannot be opened until then."));
        }

        if (CpuSimds.Best == CpuSimd.Scalar)
            problems.Add(new DoctorProblem("processor", ".NET reports no accelerated vectors.", "Unset DOTNET_EnableHWIntrinsic and its relatives."));
    }

    private static void ExamineBackends((Backend Backend, BackendProbe Probe)[] probes, List<DoctorProblem> problems)
    {
        foreach ((Backend backend, BackendProbe probe) in probes)
        {
            if (probe.Devices.Count > 0 || probe.IsAbsent) continue;
            LoadAttempt[] failed = [.. probe.Trace.Attempts.Where(a => !a.Succeeded)];
            string words = failed.Length == 0 ? "no device was found" : $"{failed[^1].Target}: {failed[^1].Outcome}";
            problems.Add(new DoctorProblem(backend.Name, words, backend.Advice));
        }
    }

    private static DoctorCache ExamineCache(DeviceCatalog catalog, List<DoctorProblem> problems)
    {
        KernelCache cache = catalog.Backends.OfType<OpenClBackend>().FirstOrDefault()?.Cache ?? new KernelCache(KernelCache.DefaultFolder);
        KernelCacheState state = cache.Inspect();
        if (!state.Writable || state.Problem is not null)
        {
            problems.Add(new DoctorProblem(
                "cache", state.Problem ?? $"{state.Location} cannot be written.", "Programs are built anew in each process; set KSUITE_CACHE_DIR to a folder of your own."));
        }

        return new DoctorCache(state.Location, PermissionsOf(state.Location), state.Writable, state.Entries, state.Bytes, state.Problem);
    }

    private static string? PermissionsOf(string? folder)
    {
        if (folder is null || OperatingSystem.IsWindows() || !Directory.Exists(folder)) return null;
        var mode = (int)File.GetUnixFileMode(folder);
        const string Letters = "rwxrwxrwx";
        return string.Concat(Letters.Select((letter, i) => (mode & (0x100 >> i)) != 0 ? letter : '-'));
    }

    private static DoctorDeviceCode ExamineDeviceCode(List<DoctorProblem> problems)
    {
        try
        {
            DeviceCodeManifest manifest = KernelText.Manifest;
            if (manifest.Status == DeviceCodeStatus.Stale)
                problems.Add(new DoctorProblem("device code", manifest.Summary, "Run ./build.sh build."));
            string status = manifest.Status switch
            {
                DeviceCodeStatus.Checked => "checked",
                DeviceCodeStatus.Unchecked => "unchecked",
                DeviceCodeStatus.Stale => "stale",
                _ => "not_bundled",
            };
            return new DoctorDeviceCode(status, manifest.Summary, KernelText.Paths, ExamineCudaCode(problems));
        }
        catch (InvalidOperationException error)
        {
            problems.Add(new DoctorProblem("device code", error.Message, "Delete artifacts/device and build again."));
            return new DoctorDeviceCode("stale", error.Message, KernelText.Paths, ExamineCudaCode(problems));
        }
    }

    private static DoctorCudaCode ExamineCudaCode(List<DoctorProblem> problems)
    {
        try
        {
            CudaCode code = CudaCode.Embedded;
            if (code.Status == CudaCodeStatus.Stale) problems.Add(new DoctorProblem("CUDA programs", code.Summary, "Run ./build.sh build."));
            return new DoctorCudaCode(KernelListing.StatusOf(code.Status), code.Summary, code.Compiler, code.Programs, code.Architectures);
        }
        catch (CudaBundleException error)
        {
            problems.Add(new DoctorProblem("CUDA programs", error.Message, "Delete artifacts/device/cuda and build again."));
            return new DoctorCudaCode("unreadable", error.Message, string.Empty, 0, []);
        }
    }
}
