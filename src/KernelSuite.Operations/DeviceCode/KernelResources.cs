namespace KernelSuite.Operations;

/// <summary>What one kernel of a compiled program uses on one architecture, as ptxas reported it. Dynamic shared memory is the launch's and not in it.</summary>
/// <param name="Program">Path below kernels/.</param>
/// <param name="Options">Build options; with <paramref name="Program"/> the program's key.</param>
/// <param name="Kernel">Name of the entry point.</param>
/// <param name="Target">Architecture, for example <c>sm_90</c>.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="SharedBytes">Static shared memory of a block, in bytes.</param>
/// <param name="StackBytes">Stack of a thread, in bytes.</param>
/// <param name="SpillStoreBytes">Bytes that a thread stores because registers ran out.</param>
/// <param name="SpillLoadBytes">Bytes that a thread loads back.</param>
/// <param name="ConstantBytes">Constant memory, in bytes; ptxas counts parameters on some architectures only.</param>
/// <param name="MaxThreads">Most threads of a block that the kernel is compiled for; 0 where the source sets no bound.</param>
/// <param name="Occupancy">Occupancy by a block of <paramref name="MaxThreads"/>; null where there is no bound or no table for the architecture.</param>
public sealed record KernelResources(
    string Program,
    string Options,
    string Kernel,
    string Target,
    int Registers,
    int SharedBytes,
    int StackBytes,
    int SpillStoreBytes,
    int SpillLoadBytes,
    int ConstantBytes,
    int MaxThreads,
    Occupancy? Occupancy)
{
    /// <summary>Spilled bytes, stored and loaded.</summary>
    public int SpillBytes => SpillStoreBytes + SpillLoadBytes;

    /// <summary>Program, options, kernel: what the kernel is called in messages.</summary>
    public string Title => TitleOf(Program, Options, Kernel);

    internal static string TitleOf(string program, string options, string kernel) => options.Length == 0 ? $"{program}: {kernel}" : $"{program} {options}: {kernel}";
}
