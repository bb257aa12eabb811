using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments.Portable;

/// <summary>How moments are laid out on a device with programs.</summary>
/// <param name="Vector">Numbers that a work-item takes at a time (VEC).</param>
/// <param name="Items">Work-items of a group (ITEMS).</param>
internal readonly record struct CounterMomentsGroups(int Vector, int Items)
{
    /// <summary>Text of the kernels.</summary>
    public const string Program = "counters/counter_moments.cl";

    /// <summary>Elements of the squares at most (64 MiB): more observations go into further launches.</summary>
    private const long MostSquares = 1L << 23;

    /// <summary>Build options, in the order of variants-cuda.txt.</summary>
    public string Options => $"-DREAL=64 -DVEC={Vector} -DITEMS={Items}";

    public static CounterMomentsGroups Choose(DeviceInfo device) =>
        device.Kind == DeviceKind.Cpu && device.Language == DeviceLanguage.OpenClC ? new(4, 1) : new(1, 128);

    public static Support Supports(DeviceInfo device)
    {
        CounterMomentsGroups groups = Choose(device);
        if (DoubleSupport.Missing(device, DType.Float64) is { } missing) return Support.No(missing);
        return device.MaxWorkGroupSize < groups.Items
            ? Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; counter_moments needs {groups.Items}. Use the cpu device.")
            : DeviceCode.Supports(device, Program, groups.Options);
    }

    /// <summary>Columns of a square: counters, the ones, padding.</summary>
    public int Columns(CounterMomentsProblem problem) => (problem.Counters + 1 + Vector - 1) / Vector * Vector;

    /// <summary>Observations of a launch.</summary>
    public int Chunk(CounterMomentsProblem problem, int splits)
    {
        long size = (long)splits * problem.Counters * Columns(problem);
        return (int)Math.Clamp(MostSquares / size, 1, Math.Max(1, problem.Observations));
    }
}
