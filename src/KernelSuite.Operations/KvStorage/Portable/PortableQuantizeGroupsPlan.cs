using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>Group quantisation on a device with programs (OpenCL, CUDA): one launch, no memory besides the operands.</summary>
internal sealed class PortableQuantizeGroupsPlan : KvQuantizeGroupsPlan
{
    private const string Program = "kvcache/kv_quantize_groups.cl";

    // LANES, ROWS of the program, and the baseline's work-items of a group.
    private const int Lanes = 32, Rows = 8, NaiveItems = 64;

    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableQuantizeGroupsPlan(Device device, KvQuantizeGroupsProblem problem, bool naive, bool? chosenAlone = null)
        : base(problem)
    {
        launches = new(device);
        Implementation = naive ? "naive" : "fused";

        // On an OpenCL CPU device (2 cores, 8 heads of 8192 x 128, groups of 32) sharing a group takes 184 ms along tokens and 715 ms along
        // channels, a work-item a group 89 and 28.
        bool alone = chosenAlone ?? (naive || device.Info is { Kind: DeviceKind.Cpu, Language: DeviceLanguage.OpenClC });
        grid = alone
            ? new LaunchShape(Blocks(Pairs(problem) * problem.Rows * problem.Columns, NaiveItems), ItemsX: NaiveItems)
            : new LaunchShape(Tiles(problem), ItemsX: Lanes, ItemsY: Rows);
        kernel = launches.Kernel(Program, BuildOptions(problem.DType), alone ? "kv_quantize_groups_naive" : "kv_quantize_groups");
        Description = alone ? "a work-item a group"
            : problem.Options.Axis == KvGroupAxis.Tokens ? $"{Rows} work-items a group"
            : $"{Lanes} work-items a group";
    }

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    public static Support Supports(DeviceInfo device, KvQuantizeGroupsProblem problem)
    {
        if (device.MaxWorkGroupSize < Lanes * Rows)
            return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; {Lanes * Rows} are needed. Use the cpu device.");
        long groups = Math.Max(Tiles(problem), Blocks(Pairs(problem) * problem.Rows * problem.Columns, NaiveItems));
        if (groups > int.MaxValue / (Lanes * Rows)) return Support.No($"{groups:N0} groups are more than one launch holds. Split the batch.");
        return DeviceCode.Supports(device, Program, BuildOptions(problem.DType));
    }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        KvQuantizeGroupsShape s = Problem.Shape;
        var arguments = new ArgumentList(kernel);
        for (int operand = KvQuantizeGroupsProblem.X; operand <= KvQuantizeGroupsProblem.Scale; operand++) arguments.Buffer(operands[operand].Memory);
        arguments.Place(operands[KvQuantizeGroupsProblem.X].ElementOffset, Problem.XStrides);
        for (int operand = KvQuantizeGroupsProblem.Codes; operand <= KvQuantizeGroupsProblem.Scale; operand++)
            arguments.Value(operands[operand].ElementOffset);
        arguments.Value(s.Batch * s.KvHeads);
        arguments.Value(s.KvHeads);
        arguments.Value(s.Slots);
        arguments.Value(s.HeadDim);
        arguments.Value(Problem.Rows);
        arguments.Value(Problem.Columns);
        arguments.Value(Problem.Options.Group);
        arguments.Value(Problem.Options.Levels);
        arguments.Value(Problem.Options.Axis == KvGroupAxis.Dims ? 1 : 0);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();

    private static string BuildOptions(DType dtype) => string.Create(CultureInfo.InvariantCulture, $"-DSTORAGE={KernelArguments.StorageCode(dtype)}");

    private static long Pairs(KvQuantizeGroupsProblem problem) => (long)problem.Shape.Batch * problem.Shape.KvHeads;

    /// <summary>Groups of work-items: 32 channels of a group of tokens, or a group of channels of 8 tokens.</summary>
    private static long Tiles(KvQuantizeGroupsProblem problem) => Pairs(problem)
        * (problem.Options.Axis == KvGroupAxis.Tokens ? problem.Rows * Blocks(problem.Columns, Lanes) : Blocks(problem.Rows, Rows) * problem.Columns);

    private static long Blocks(long extent, long block) => (extent + block - 1) / block;
}
