using System.Globalization;
using KernelSuite.Operations;

namespace KernelSuite.Measurement;

/// <summary>How full a kernel's blocks make a multiprocessor (SM), by static facts.</summary>
/// <param name="Blocks">Resident blocks.</param>
/// <param name="Warps">Resident warps.</param>
/// <param name="Fraction">Resident warps over those that an SM can hold.</param>
/// <param name="Limit">What bounds it: <c>warps</c>, <c>blocks</c>, <c>registers</c> or <c>shared_memory</c>.</param>
public sealed record ListedOccupancy(int Blocks, int Warps, double Fraction, string Limit);

/// <summary>What a kernel of a CUDA program uses on one architecture.</summary>
/// <param name="Program">Path below kernels/.</param>
/// <param name="Options">Build options.</param>
/// <param name="Kernel">Entry point.</param>
/// <param name="Target">Architecture.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="SharedBytes">Static shared memory of a block, in bytes.</param>
/// <param name="StackBytes">Stack of a thread, in bytes.</param>
/// <param name="SpillStoreBytes">Bytes that a thread stores because registers ran out.</param>
/// <param name="SpillLoadBytes">Bytes that it loads back.</param>
/// <param name="ConstantBytes">Constant memory, in bytes.</param>
/// <param name="MaxThreads">Most threads of a block; null where the source sets no bound.</param>
/// <param name="Occupancy">Occupancy by such a block; null where there is no bound.</param>
public sealed record ListedKernel(
    string Program, string Options, string Kernel, string Target, int Registers, int SharedBytes, int StackBytes, int SpillStoreBytes, int SpillLoadBytes,
    int ConstantBytes, int? MaxThreads, ListedOccupancy? Occupancy);

/// <summary>A kernel that is worse than in the baseline.</summary>
/// <param name="Kind"><c>new_spill</c>, <c>lost_occupancy</c>, <c>vanished</c>, <c>unlisted</c> or <c>unused_allowance</c>.</param>
/// <param name="Kernel">Program, options and kernel.</param>
/// <param name="Target">Architecture.</param>
/// <param name="Message">The kernel's name with the numbers.</param>
public sealed record ListedFinding(string Kind, string Kernel, string Target, string Message);

/// <summary>The comparison with a baseline.</summary>
/// <param name="Baseline">The file.</param>
/// <param name="Compared">False where there was nothing to compare, or another compiler made it.</param>
/// <param name="Summary">One line.</param>
/// <param name="Findings">What is worse.</param>
public sealed record ListedComparison(string Baseline, bool Compared, string Summary, IReadOnlyList<ListedFinding> Findings);

/// <summary>The CUDA programs inside the program and what their kernels use.</summary>
/// <param name="Status"><c>compiled</c>, <c>stale</c> or <c>not_bundled</c>.</param>
/// <param name="Summary">One line.</param>
/// <param name="Compiler">The compiler; empty where there are no programs.</param>
/// <param name="Architectures">What was compiled for.</param>
/// <param name="Kernels">One entry a kernel and architecture.</param>
/// <param name="Comparison">Comparison with a baseline; null where none was asked for.</param>
public sealed record KernelListing(
    string Status, string Summary, string Compiler, IReadOnlyList<string> Architectures, IReadOnlyList<ListedKernel> Kernels, ListedComparison? Comparison)
{
    /// <summary>Lists the embedded programs.</summary>
    /// <param name="programs">Patterns of programs, of their sources or their kernels; empty for all.</param>
    /// <param name="targets">Architectures, for example <c>sm_90</c> or <c>90</c>; empty for all.</param>
    /// <param name="baseline">A baseline file to compare with; null for none. All programs are compared, whatever is listed.</param>
    /// <exception cref="CudaBundleException">A bundle cannot be read.</exception>
    /// <exception cref="ResourceBaselineException">The file is not a baseline.</exception>
    /// <exception cref="ArgumentException">No program was compiled for an architecture that was named.</exception>
    public static KernelListing Of(IReadOnlyList<string> programs, IReadOnlyList<string> targets, string? baseline = null) =>
        Of(CudaCode.Embedded, KernelImages.Programs, programs, targets, baseline);

    /// <summary>Writes what the embedded kernels use as a baseline. Allowances of a baseline that is there already are kept.</summary>
    /// <exception cref="ArgumentException">There are no programs to write about.</exception>
    public static void WriteBaseline(string path)
    {
        if (KernelImages.Programs.Count == 0) throw new ArgumentException($"There are no CUDA programs to write a baseline of. {CudaCode.Embedded.Summary}.");
        IReadOnlyList<SpillAllowance> allowances = File.Exists(path) ? ResourceBaseline.Read(path).Allowances : [];
        ReportFile.Write(path, ResourceBaseline.Of(KernelImages.Programs, allowances).ToJson());
    }

    /// <summary>The kernels as tables, one a source: a variant goes by the options that tell it from the others.</summary>
    /// <returns>The source with the options that all of its variants share, and its table.</returns>
    public IReadOnlyList<(string Source, TextTable Kernels)> Tables() => [.. Kernels.GroupBy(k => k.Program).Select(g =>
    {
        (IReadOnlyDictionary<string, string> labels, string shared) = VariantLabels.Of([.. g.Select(k => k.Options)]);
        return ($"{g.Key} {shared}".TrimEnd(), Table(g, labels));
    })];

    private static TextTable Table(IEnumerable<ListedKernel> kernels, IReadOnlyDictionary<string, string> labels)
    {
        var table = new TextTable(
            new TextColumn("kernel"), new TextColumn("variant"), new TextColumn("target"), new TextColumn("regs", true), new TextColumn("shared", true),
            new TextColumn("stack", true), new TextColumn("spill", true), new TextColumn("threads", true), new TextColumn("% full", true),
            new TextColumn("limit"));
        foreach (ListedKernel k in kernels)
        {
            table.Add(
                k.Kernel, labels[k.Options], k.Target, Number(k.Registers), Number(k.SharedBytes), Number(k.StackBytes), Number(k.SpillStoreBytes + k.SpillLoadBytes), Number(k.MaxThreads),
                Quantity.Percent(k.Occupancy?.Fraction), k.Occupancy?.Limit.Replace('_', ' ') ?? Quantity.None);
        }

        return table;
    }

    internal static KernelListing Of(
        CudaCode code, IReadOnlyList<BundledProgram> all, IReadOnlyList<string> programs, IReadOnlyList<string> targets, string? baseline)
    {
        string[] wanted = [.. targets.Select(t => t.StartsWith("sm_", StringComparison.Ordinal) ? t : "sm_" + t.Replace(".", string.Empty, StringComparison.Ordinal))];
        KernelResources[] kernels = [.. all.SelectMany(p => p.Kernels)];
        string? unknown = wanted.FirstOrDefault(w => kernels.Length > 0 && !kernels.Any(k => k.Target == w));
        if (unknown is not null)
            throw new ArgumentException($"No program was compiled for '{unknown}'. Expected one of: {string.Join(", ", kernels.Select(k => k.Target).Distinct())}.");
        return new KernelListing(
            StatusOf(code.Status), code.Summary, code.Compiler, [.. code.Architectures.Select(a => "sm_" + a)],
            [
                .. kernels.Where(k => programs.Count == 0 || programs.Any(p => Glob.IsMatch(p, k.Program) || Glob.IsMatch(p, k.Kernel) || Glob.IsMatch(p, $"{k.Program} {k.Options}")))
                    .Where(k => wanted.Length == 0 || wanted.Contains(k.Target)).Select(Describe),
            ],
            baseline is null ? null : Compare(baseline, all));
    }

    internal static string StatusOf(CudaCodeStatus status) => status switch
    {
        CudaCodeStatus.Compiled => "compiled",
        CudaCodeStatus.Stale => "stale",
        _ => "not_bundled",
    };

    private static ListedComparison Compare(string path, IReadOnlyList<BundledProgram> programs)
    {
        BaselineComparison comparison = BaselineComparison.Of(ResourceBaseline.Read(path), programs);
        return new ListedComparison(path, comparison.Compared, comparison.Summary, [.. comparison.Findings.Select(f => new ListedFinding(NameOf(f.Kind), f.Kernel, f.Target, f.Message))]);
    }

    private static ListedKernel Describe(KernelResources k) => new(
        k.Program, k.Options, k.Kernel, k.Target, k.Registers, k.SharedBytes, k.StackBytes, k.SpillStoreBytes, k.SpillLoadBytes, k.ConstantBytes,
        k.MaxThreads == 0 ? null : k.MaxThreads,
        k.Occupancy is { } o ? new ListedOccupancy(o.Blocks, o.Warps, o.Fraction, NameOf(o.Limit)) : null);

    private static string NameOf(OccupancyLimit limit) => limit switch
    {
        OccupancyLimit.Warps => "warps",
        OccupancyLimit.Blocks => "blocks",
        OccupancyLimit.Registers => "registers",
        _ => "shared_memory",
    };

    private static string NameOf(BaselineFindingKind kind) => kind switch
    {
        BaselineFindingKind.NewSpill => "new_spill",
        BaselineFindingKind.LostOccupancy => "lost_occupancy",
        BaselineFindingKind.Vanished => "vanished",
        BaselineFindingKind.Unlisted => "unlisted",
        _ => "unused_allowance",
    };

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? Quantity.None;
}
