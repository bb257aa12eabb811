using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>A program of a bundle.</summary>
/// <param name="Name">Path of the source below kernels/.</param>
/// <param name="Options">Build options separated by single blanks, in the order of the variants list.</param>
/// <param name="Compiler">The compiler, for example <c>nvcc 11.8.89</c>.</param>
/// <param name="Architectures">The architectures that the whole bundle was made for, for example <c>80</c>.</param>
/// <param name="Images">The compiled code.</param>
/// <param name="Kernels">What each kernel uses on each architecture.</param>
public sealed record BundledProgram(
    string Name, string Options, string Compiler, IReadOnlyList<string> Architectures, ProgramImages Images, IReadOnlyList<KernelResources> Kernels);

/// <summary>One image as the index lists it.</summary>
internal sealed record BundledImage(string Target, string File, int Bytes, string Sha256);

/// <summary>The images of one program, read from their bundle when asked for.</summary>
internal sealed class BundledImages(CudaBundle bundle, string compiler, IReadOnlyList<BundledImage> images) : ProgramImages
{
    public override IReadOnlyList<string> Targets { get; } = [.. images.Select(i => i.Target)];

    public override string Compiler => compiler;

    public override ReadOnlyMemory<byte> Read(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        BundledImage image = images.FirstOrDefault(i => i.Target == target)
            ?? throw new ArgumentException($"There is no image for '{target}'. Expected one of: {string.Join(", ", Targets)}.", nameof(target));
        return bundle.ReadImage(image);
    }
}
