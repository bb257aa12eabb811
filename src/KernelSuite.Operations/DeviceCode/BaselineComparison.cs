namespace KernelSuite.Operations;

/// <summary>How a kernel differs from the baseline in a way that somebody must look at.</summary>
public enum BaselineFindingKind
{
    /// <summary>It spills more than is allowed.</summary>
    NewSpill,

    /// <summary>Fewer warps are resident.</summary>
    LostOccupancy,

    /// <summary>The baseline has it, and it is no longer there.</summary>
    Vanished,

    /// <summary>It is there, and the baseline does not have it.</summary>
    Unlisted,

    /// <summary>An allowance for spills that nothing uses.</summary>
    UnusedAllowance,
}

/// <summary>One difference.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Kernel">Program, options and kernel.</param>
/// <param name="Target">Architecture; empty where it is all of them.</param>
/// <param name="Message">The kernel's name with the numbers, for people.</param>
public sealed record BaselineFinding(BaselineFindingKind Kind, string Kernel, string Target, string Message);

/// <summary>The result of comparing programs with a baseline.</summary>
/// <param name="Compared">False where there was nothing to compare, or another compiler made them.</param>
/// <param name="Summary">One line: what was compared, or why nothing was.</param>
/// <param name="Findings">What is worse than in the baseline; empty where all is well.</param>
public sealed record BaselineComparison(bool Compared, string Summary, IReadOnlyList<BaselineFinding> Findings)
{
    /// <summary>
    /// Compares programs with a baseline, on the architectures that they were compiled for. Spills beyond the allowances, fewer resident
    /// warps, and kernels that only one side has are findings.
    /// </summary>
    public static BaselineComparison Of(ResourceBaseline baseline, IReadOnlyList<BundledProgram> programs)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(programs);
        if (programs.Count == 0) return new BaselineComparison(false, "not compared: there are no CUDA programs", []);
        string compiler = ResourceBaseline.ShortVersion(programs[0].Compiler);
        if (compiler != baseline.Compiler)
            return new BaselineComparison(false, $"not compared: the programs are {compiler}'s, the baseline is {baseline.Compiler}'s", []);

        var findings = new List<BaselineFinding>();
        KernelResources[] kernels = [.. programs.SelectMany(p => p.Kernels)];
        foreach (KernelResources kernel in kernels) CheckSpills(baseline, kernel, findings);
        CheckOccupancy(baseline, kernels, findings);
        HashSet<string> targets = [.. programs.SelectMany(p => p.Architectures).Select(a => "sm_" + a)];
        CheckMissing(baseline, kernels, targets, findings);
        CheckAllowances(baseline, kernels, targets, findings);
        return new BaselineComparison(
            true, $"{kernels.Length} kernels compared with the baseline of {baseline.Compiler}: {(findings.Count == 0 ? "none is worse" : findings.Count == 1 ? "1 finding" : $"{findings.Count} findings")}", findings);
    }

    private static void CheckSpills(ResourceBaseline baseline, KernelResources kernel, List<BaselineFinding> findings)
    {
        int allowed = baseline.Allowances.Where(a => a.IsFor(kernel)).Select(a => a.Bytes).DefaultIfEmpty(0).Max();
        if (kernel.SpillBytes > allowed)
            Add(findings, BaselineFindingKind.NewSpill, kernel, $"spills {kernel.SpillBytes} bytes ({kernel.SpillStoreBytes} stored, {kernel.SpillLoadBytes} loaded), {allowed} are allowed");
    }

    private static void CheckOccupancy(ResourceBaseline baseline, KernelResources[] kernels, List<BaselineFinding> findings)
    {
        var listed = new Dictionary<(string, string, string), BaselineKernel>();
        foreach (BaselineKernel kernel in baseline.Kernels) listed[(kernel.Program, kernel.Options, kernel.Kernel)] = kernel;
        foreach (KernelResources kernel in kernels)
        {
            if (!listed.TryGetValue((kernel.Program, kernel.Options, kernel.Kernel), out BaselineKernel? known) || !known.Targets.TryGetValue(kernel.Target, out BaselineTarget? then))
            {
                Add(findings, BaselineFindingKind.Unlisted, kernel, "is not in the baseline");
                continue;
            }

            int warps = kernel.Occupancy?.Warps ?? 0;
            if (then.Warps is int before && warps < before)
                Add(findings, BaselineFindingKind.LostOccupancy, kernel, $"has {warps} resident warps, and had {before} (registers: {kernel.Registers}, were {then.Registers})");
        }
    }

    private static void CheckMissing(ResourceBaseline baseline, KernelResources[] kernels, HashSet<string> targets, List<BaselineFinding> findings)
    {
        HashSet<(string, string, string, string)> present = [.. kernels.Select(k => (k.Program, k.Options, k.Kernel, k.Target))];
        foreach (BaselineKernel kernel in baseline.Kernels)
        {
            foreach (string target in kernel.Targets.Keys.Where(t => targets.Contains(t.TrimEnd('a'))).Order(StringComparer.Ordinal))
            {
                if (present.Contains((kernel.Program, kernel.Options, kernel.Kernel, target))) continue;
                string title = KernelResources.TitleOf(kernel.Program, kernel.Options, kernel.Kernel);
                findings.Add(new BaselineFinding(BaselineFindingKind.Vanished, title, target, $"{title} on {target} is in the baseline, and there is no such kernel"));
            }
        }
    }

    private static void CheckAllowances(ResourceBaseline baseline, KernelResources[] kernels, HashSet<string> targets, List<BaselineFinding> findings)
    {
        foreach (SpillAllowance allowance in baseline.Allowances)
        {
            bool compiled = allowance.Target is null || targets.Contains(allowance.Target.TrimEnd('a'));
            if (!compiled || kernels.Any(k => allowance.IsFor(k) && k.SpillBytes > 0)) continue;
            string title = KernelResources.TitleOf(allowance.Program, allowance.Options ?? "(any options)", allowance.Kernel);
            findings.Add(new BaselineFinding(
                BaselineFindingKind.UnusedAllowance, title, allowance.Target ?? string.Empty, $"{title} may spill {allowance.Bytes} bytes, and spills none: take the allowance out"));
        }
    }

    private static void Add(List<BaselineFinding> findings, BaselineFindingKind kind, KernelResources kernel, string words) =>
        findings.Add(new BaselineFinding(kind, kernel.Title, kernel.Target, $"{kernel.Title} on {kernel.Target} {words}"));
}
