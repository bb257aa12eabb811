using System.Collections.Concurrent;
using System.Reflection;
using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// The CUDA programs that travel inside this assembly, compiled from kernels/ by the CMake step: machine code for each architecture and
/// PTX for newer ones. An assembly that was built without nvcc has none.
/// </summary>
public static class KernelImages
{
    private const string Prefix = "kernels/cuda/";

    private static readonly Assembly Home = typeof(KernelImages).Assembly;
    private static readonly Lazy<Dictionary<string, CudaBundle>> LazyBundles = new(ReadBundles);

    // By program: an assembly's text does not change, and hashing it for every plan is work done again.
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> KnownDiffering = new(StringComparer.Ordinal);

    /// <summary>The embedded bundles, by family; empty where the assembly was built without nvcc.</summary>
    /// <exception cref="CudaBundleException">One of them cannot be read.</exception>
    public static IReadOnlyDictionary<string, CudaBundle> Bundles => LazyBundles.Value;

    /// <summary>Every embedded program.</summary>
    /// <exception cref="CudaBundleException">A bundle cannot be read.</exception>
    public static IReadOnlyList<BundledProgram> Programs => [.. Bundles.OrderBy(b => b.Key, StringComparer.Ordinal).SelectMany(b => b.Value.Programs)];

    /// <summary>Finds a program's images.</summary>
    /// <param name="name">Path below kernels/, for example <c>attention/attention_forward.cl</c>.</param>
    /// <param name="options">Build options separated by single blanks, in the order of variants-cuda.txt.</param>
    /// <returns>
    /// The images, or null where the program is not bundled. Reading one raises a <see cref="CudaBundleException"/> where the text of the
    /// program was changed after it was compiled.
    /// </returns>
    /// <exception cref="CudaBundleException">The family's bundle cannot be read.</exception>
    public static ProgramImages? Find(string name, string options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Bundles.TryGetValue(name[..slash], out CudaBundle? bundle) || bundle.Find(name, options) is not { } images) return null;
        return new CurrentImages(name, bundle, images);
    }

    /// <summary>Files of a program, itself and its headers, whose embedded text is not the one that the bundle was compiled from.</summary>
    /// <param name="name">The program.</param>
    /// <param name="bundle">Its bundle.</param>
    internal static IReadOnlyList<string> Differing(string name, CudaBundle bundle)
    {
        IReadOnlyList<string> files = KernelText.Reach(name);
        if (files.Count == 0) return [name];
        return [.. files.Where(f => !bundle.Sources.TryGetValue(f, out string? hash) || hash != KernelText.Hash(f))];
    }

    private static Dictionary<string, CudaBundle> ReadBundles()
    {
        var bundles = new Dictionary<string, CudaBundle>(StringComparer.Ordinal);
        foreach (string resource in Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            bundles[Path.GetFileNameWithoutExtension(resource)] = CudaBundle.Read(
                resource, () => Home.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"The resource '{resource}' is gone."));
        }

        return bundles;
    }

    /// <summary>Images that are read only if they are of the text in this assembly.</summary>
    private sealed class CurrentImages(string name, CudaBundle bundle, ProgramImages images) : ProgramImages
    {
        public override IReadOnlyList<string> Targets => images.Targets;

        public override string Compiler => images.Compiler;

        public override ReadOnlyMemory<byte> Read(string target)
        {
            IReadOnlyList<string> differing = KnownDiffering.GetOrAdd(name, static (n, b) => Differing(n, b), bundle);
            if (differing.Count == 0) return images.Read(target);
            throw new CudaBundleException(
                bundle.Origin, CudaBundleFault.Stale, $"'{name}' was compiled before its text was changed ({string.Join(", ", differing)})");
        }
    }
}
