using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance.Portable;

/// <summary>How a batch of distances is laid out on a device with programs.</summary>
/// <param name="Rows">Most counters that the program takes (ROWS).</param>
/// <param name="Vector">Numbers that a work-item takes at a time (VEC).</param>
/// <param name="Items">Work-items of a group (ITEMS), which takes a pair.</param>
internal readonly record struct ConeDistanceGroups(int Rows, int Vector, int Items)
{
    /// <summary>Text of the kernels.</summary>
    public const string Program = "counters/cone_distance.cl";

    /// <summary>Bytes of workspace at most, for all groups.</summary>
    private const long MostWorkspace = 1L << 28;

    public static ConeDistanceGroups Choose(DeviceInfo device, ConeDistanceProblem problem, bool naive)
    {
        int rows = problem.Counters <= 32 ? 32 : 64;
        if (naive) return new(rows, 1, 1);
        if (device.Kind != DeviceKind.Cpu || device.Language != DeviceLanguage.OpenClC) return new(rows, 1, 32);
        return new(rows, problem.DType == DType.Float32 && device.VectorWidthFloat32 >= 8 ? 8 : 4, 1);
    }

    /// <summary>Build options, in the order of variants-cuda.txt.</summary>
    public string Options(DType dtype) => $"-DREAL={8 * dtype.SizeOf()} -DROWS={Rows} -DVEC={Vector} -DITEMS={Items}";

    /// <summary>Columns with their padding.</summary>
    public int Stride(ConeDistanceProblem problem) => (problem.MostSignatures + Vector - 1) / Vector * Vector;

    /// <summary>Elements of a group's workspace: columns, their lengths and the triangle.</summary>
    public long SlotLength(ConeDistanceProblem problem) => ((((problem.Counters + 3) / 4 * 4) + 1L) * Stride(problem)) + ((long)Rows * Rows);

    /// <summary>
    /// Groups that run at a time, each with a slot of workspace: 32 for a compute unit, which is what a multiprocessor holds of groups of one warp,
    /// and on a CPU leaves no core idle while another has the hard pairs.
    /// </summary>
    public int Count(DeviceInfo device, ConeDistanceProblem problem)
    {
        long most = Math.Max(1, MostWorkspace / (SlotLength(problem) * problem.DType.SizeOf()));
        return (int)Math.Max(1, Math.Min(Math.Min(problem.UnitCount, 32L * device.ComputeUnits), most));
    }

    public static Support Supports(DeviceInfo device, ConeDistanceProblem problem)
    {
        ConeDistanceGroups groups = Choose(device, problem, naive: false);
        if (DoubleSupport.Missing(device, problem.DType) is { } missing) return Support.No(missing);
        if (device.MaxWorkGroupSize < groups.Items)
            return Support.No(
                $"The device's groups hold {device.MaxWorkGroupSize} work-items; cone_distance needs {groups.Items}. Use the cpu device.");
        long local = ((groups.Rows * (groups.Rows + 9L)) + 256 + 32) * problem.DType.SizeOf() + (sizeof(int) * (256L + 64 + 32));
        if (device.LocalMemoryBytes < local)
            return Support.No($"The device has {device.LocalMemoryBytes} bytes of local memory; cone_distance needs {local}. Use the cpu device.");
        return DeviceCode.Supports(device, Program, groups.Options(problem.DType));
    }
}
