namespace KernelSuite.Operations;

/// <summary>What is wrong with a bundle of compiled CUDA programs.</summary>
public enum CudaBundleFault
{
    /// <summary>The file or resource is not a bundle that this version reads, or is damaged.</summary>
    Malformed,

    /// <summary>The device code was changed after the bundle was made.</summary>
    Stale,
}

/// <summary>A bundle of compiled CUDA programs cannot be used. The message says which, what was found, and what to do.</summary>
public sealed class CudaBundleException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="bundle">The file, or the name of the resource.</param>
    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="problem">What was found, and what was expected.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public CudaBundleException(string bundle, CudaBundleFault fault, string problem, Exception? inner = null)
        : base($"{bundle}: {problem}. Run the CMake step (./build.sh build) and build again.", inner)
    {
        Bundle = bundle;
        Fault = fault;
    }

    /// <summary>The file, or the name of the resource.</summary>
    public string Bundle { get; }

    /// <summary>What kind of fault it is.</summary>
    public CudaBundleFault Fault { get; }
}
