namespace KernelSuite.Operations;

/// <summary>What is known about the embedded CUDA programs.</summary>
public enum CudaCodeStatus
{
    /// <summary>The assembly was built without nvcc.</summary>
    NotBundled,

    /// <summary>Text was changed after the programs were compiled from it.</summary>
    Stale,

    /// <summary>Every program was compiled from the text in this assembly.</summary>
    Compiled,
}

/// <summary>The result of comparing the embedded CUDA programs with the embedded text.</summary>
/// <param name="Status">Whether they belong together.</param>
/// <param name="Compiler">The compiler, for example <c>nvcc 11.8.89</c>; empty where there are no programs.</param>
/// <param name="Programs">How many programs there are.</param>
/// <param name="Architectures">What they were compiled for, for example <c>80</c>.</param>
/// <param name="Differing">Files that were changed after programs were compiled from them.</param>
public sealed record CudaCode(CudaCodeStatus Status, string Compiler, int Programs, IReadOnlyList<string> Architectures, IReadOnlyList<string> Differing)
{
    private static readonly Lazy<CudaCode> LazyEmbedded = new(() => Compare(KernelImages.Bundles.Values, KernelImages.Differing));

    /// <summary>The state of what this assembly embeds.</summary>
    /// <exception cref="CudaBundleException">A bundle cannot be read.</exception>
    public static CudaCode Embedded => LazyEmbedded.Value;

    /// <summary>One line for a report.</summary>
    public string Summary => Status switch
    {
        CudaCodeStatus.Compiled => $"{Programs} CUDA programs for {string.Join(", ", Architectures.Select(a => "sm_" + a))} by {Compiler}",
        CudaCodeStatus.Stale => $"changed since CUDA programs were compiled: {string.Join(", ", Differing)}; run the CMake step (./build.sh build) again",
        _ => "no CUDA programs: built without nvcc (./build.sh build --with-cuda installs it on Debian)",
    };

    internal static CudaCode Compare(IEnumerable<CudaBundle> bundles, Func<string, CudaBundle, IReadOnlyList<string>> differing)
    {
        CudaBundle[] all = [.. bundles];
        if (all.Length == 0) return new CudaCode(CudaCodeStatus.NotBundled, string.Empty, 0, [], []);
        string[] changed =
        [
            .. all.SelectMany(b => b.Programs.Select(p => p.Name).Distinct().SelectMany(name => differing(name, b))).Distinct().Order(StringComparer.Ordinal),
        ];
        return new CudaCode(
            changed.Length == 0 ? CudaCodeStatus.Compiled : CudaCodeStatus.Stale, string.Join(", ", all.Select(b => b.Compiler).Distinct()),
            all.Sum(b => b.Programs.Count), [.. all.SelectMany(b => b.Architectures).Distinct().Order(StringComparer.Ordinal)], changed);
    }
}
