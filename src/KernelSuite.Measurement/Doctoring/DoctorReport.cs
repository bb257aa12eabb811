namespace KernelSuite.Measurement;

/// <summary>One attempt to find or load something.</summary>
/// <param name="Target">What was tried.</param>
/// <param name="Succeeded">Whether it gave what was wanted.</param>
/// <param name="Outcome">The loader's or driver's own words.</param>
public sealed record DoctorAttempt(string Target, bool Succeeded, string Outcome);

/// <summary>What a backend found.</summary>
/// <param name="Name">Backend name.</param>
/// <param name="Devices">Its devices.</param>
/// <param name="Attempts">Libraries, driver files and platforms tried, in order.</param>
public sealed record DoctorBackend(string Name, IReadOnlyList<DeviceRecord> Devices, IReadOnlyList<DoctorAttempt> Attempts);

/// <summary>The on-disk cache of built programs.</summary>
/// <param name="Folder">Where; null where there is no place for one.</param>
/// <param name="Permissions">Mode of the folder, for example <c>rwx------</c>; null where it does not exist yet or modes are unknown.</param>
/// <param name="Writable">Whether new entries can be stored.</param>
/// <param name="Entries">Number of entries.</param>
/// <param name="Bytes">Size of the entries.</param>
/// <param name="Problem">What is wrong, or null.</param>
public sealed record DoctorCache(string? Folder, string? Permissions, bool Writable, int Entries, long Bytes, string? Problem);

/// <summary>The processor as .NET sees it.</summary>
/// <param name="Name">Product name.</param>
/// <param name="Processors">Logical processors this process may use.</param>
/// <param name="WidestVector">Widest accelerated vector: Vector512, Vector256, Vector128 or Scalar.</param>
/// <param name="Simd">Instruction sets that .NET uses.</param>
/// <param name="ClockMhz">Present clock; null where unknown.</param>
public sealed record DoctorProcessor(string Name, int Processors, string WidestVector, IReadOnlyList<string> Simd, double? ClockMhz);

/// <summary>Memory in bytes.</summary>
/// <param name="TotalBytes">Installed.</param>
/// <param name="FreeBytes">Free; -1 where unknown.</param>
/// <param name="ProcessLimitBytes">What this process may use, containers' limits included.</param>
public sealed record DoctorMemory(long TotalBytes, long FreeBytes, long ProcessLimitBytes);

/// <summary>The device code inside the program.</summary>
/// <param name="Status"><c>checked</c>, <c>unchecked</c>, <c>stale</c> or <c>not_bundled</c>.</param>
/// <param name="Summary">One line.</param>
/// <param name="Sources">Embedded sources.</param>
/// <param name="Cuda">CUDA programs compiled from them.</param>
public sealed record DoctorDeviceCode(string Status, string Summary, IReadOnlyList<string> Sources, DoctorCudaCode Cuda);

/// <summary>The CUDA programs inside the program.</summary>
/// <param name="Status"><c>compiled</c>, <c>stale</c>, <c>not_bundled</c> or <c>unreadable</c>.</param>
/// <param name="Summary">One line.</param>
/// <param name="Compiler">The compiler; empty where there are none.</param>
/// <param name="Programs">How many.</param>
/// <param name="Architectures">What they were compiled for, for example <c>80</c>.</param>
public sealed record DoctorCudaCode(string Status, string Summary, string Compiler, int Programs, IReadOnlyList<string> Architectures);

/// <summary>Something that keeps the machine from its best, and what to do.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="NextStep">What to do.</param>
public sealed record DoctorProblem(string Subject, string Problem, string NextStep);

/// <summary>All that is needed to diagnose a machine.</summary>
/// <param name="Context">System, runtime, build, environment.</param>
/// <param name="Processor">The processor.</param>
/// <param name="Memory">Memory.</param>
/// <param name="Backends">Backends, with everything tried.</param>
/// <param name="Auto">Device that <c>auto</c> means; null for none.</param>
/// <param name="AutoReason">Why.</param>
/// <param name="Cache">Program cache.</param>
/// <param name="DeviceCode">Embedded device code.</param>
/// <param name="Problems">What is wrong; empty where all is well.</param>
public sealed record DoctorReport(
    RunContext Context, DoctorProcessor Processor, DoctorMemory Memory, IReadOnlyList<DoctorBackend> Backends, string? Auto, string AutoReason, DoctorCache Cache,
    DoctorDeviceCode DeviceCode, IReadOnlyList<DoctorProblem> Problems);
