using System.Globalization;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>Compaction on a device with programs (OpenCL, CUDA): a launch a tensor, no memory besides the operands.</summary>
internal sealed class PortableCompactPlan : KvCompactPlan
{
    private const string Name = "kvcache/kv_compact.cl";
    private const int Items = 256;
    private const int ElementWise = 0, Wide = 1;

    private readonly PortableLaunches launches;
    private readonly bool naive;
    private readonly List<Moved> tensors = [];

    public PortableCompactPlan(Device device, KvCompactProblem problem, bool naive)
        : base(problem)
    {
        launches = new(device);
        this.naive = naive;
        KvCompactShape s = problem.Shape;
        TensorStrides map = TensorStrides.HeadMajor(s.KvHeads, s.Slots, 1);
        int size = problem.DType.SizeOf();
        KvPaging? paging = problem.Paging;
        tensors.Add(new(launches, KvCompactProblem.K, KvCompactProblem.KOut, s.KeyWidth, size, problem.KStrides, problem.KOutStrides, paging, naive));
        if (problem.HasValues)
        {
            tensors.Add(new(
                launches, KvCompactProblem.V, KvCompactProblem.VOut, s.ValueWidth, size, problem.VStrides, problem.VOutStrides, paging, naive));
        }

        if (problem.HasSlotMap)
            tensors.Add(new(launches, KvCompactProblem.SlotMap, KvCompactProblem.SlotMapOut, 1, sizeof(int), map, map, null, naive));
        Description = string.Create(
            CultureInfo.InvariantCulture, $"words of {string.Join(", ", tensors.Select(t => t.Units[Wide]))} bytes, {Items} work-items");
    }

    public override Device Device => launches.Device;

    public override string Implementation => naive ? "naive" : "blocked";

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    public static Support Supports(DeviceInfo device, KvCompactProblem problem)
    {
        if (device.MaxWorkGroupSize < Items)
            return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; kv_compact needs {Items}. Use the cpu device.");
        return DeviceCode.Supports(device, Name, KvCompactShapes.Options(problem.DType.SizeOf(), Items));
    }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        LaunchSequence run = launches.Begin(stream, timing);
        for (int n = 0; n < tensors.Count; n++)
        {
            DeviceKernel kernel = Prepare(tensors[n], operands, out LaunchShape grid);
            if (n < tensors.Count - 1) run.Next(kernel, in grid);
            else run.Last(kernel, in grid);
        }
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Sets the arguments of a tensor's kernel.</summary>
    private DeviceKernel Prepare(Moved moved, ReadOnlySpan<DeviceSlice> operands, out LaunchShape grid)
    {
        DeviceSlice source = operands[moved.Source], target = operands[moved.Target];
        int which = moved.WideFits(source, target) ? Wide : ElementWise;
        KvCompactShape s = Problem.Shape;
        int words = moved.RowBytes / moved.Units[which], slices = KvCompactShapes.Slices(words, Items);
        int pairs = s.Batch * s.KvHeads;

        // In one memory the rows may be moved in place: then one group walks all of a slice, in order.
        int rowGroups = source.Memory == target.Memory ? 1 : KvCompactShapes.RowGroups(Device.Info, (long)pairs * slices, s.Kept, words, Items);
        DeviceKernel kernel = moved.Kernels[which]!;
        var arguments = new ArgumentList(kernel);
        arguments.Buffer(operands[KvCompactProblem.Keep].Memory);
        arguments.Buffer(operands[KvCompactProblem.Counts].Memory);
        arguments.Buffer(operands[KvCompactProblem.PageTable].Memory);
        arguments.Buffer(source.Memory);
        arguments.Buffer(target.Memory);
        arguments.Value(operands[KvCompactProblem.Keep].ElementOffset);
        arguments.Value(operands[KvCompactProblem.Counts].ElementOffset);
        arguments.Value(operands[KvCompactProblem.PageTable].ElementOffset);
        int unit = moved.Units[which] / moved.ElementSize;
        arguments.Place(source.ElementOffset, moved.SourceStrides, unit);
        arguments.Place(target.ElementOffset, moved.TargetStrides, unit);
        arguments.Value(s.KvHeads);
        arguments.Value(s.Slots);
        arguments.Value(s.Kept);
        arguments.Value(words);
        arguments.Paging(moved.Paging);
        arguments.Value(slices);
        arguments.Value(rowGroups);
        grid = s.Kept == 0 ? default
            : naive ? new((words + 63L) / 64, pairs, ItemsX: 64)
            : new((long)pairs * slices * rowGroups, ItemsX: Items);
        return kernel;
    }

    /// <summary>One tensor, with a kernel for words of its element's size and one for the widest words that its strides allow.</summary>
    private sealed class Moved
    {
        public Moved(
            PortableLaunches launches, int source, int target, int width, int elementSize, TensorStrides sourceStrides, TensorStrides targetStrides,
            KvPaging? paging, bool naive)
        {
            Source = source;
            Target = target;
            RowBytes = width * elementSize;
            ElementSize = elementSize;
            SourceStrides = sourceStrides;
            TargetStrides = targetStrides;
            Paging = paging;
            Units[ElementWise] = elementSize;
            Units[Wide] = naive ? elementSize : KvCompactShapes.WidestUnit(RowBytes, elementSize, sourceStrides, targetStrides);
            for (int n = 0; n < 2; n++)
            {
                if (n == Wide && Units[Wide] == Units[ElementWise]) continue;
                Kernels[n] = launches.Kernel(Name, KvCompactShapes.Options(Units[n], Items), naive ? "kv_compact_naive" : "kv_compact");
            }
        }

        public int Source { get; }

        public int Target { get; }

        public int RowBytes { get; }

        public int ElementSize { get; }

        public TensorStrides SourceStrides { get; }

        public TensorStrides TargetStrides { get; }

        public KvPaging? Paging { get; }

        public int[] Units { get; } = new int[2];

        public DeviceKernel?[] Kernels { get; } = new DeviceKernel?[2];

        /// <summary>Strides are known to the plan, where the slices start only to a launch. Memory itself starts on more than 16 bytes.</summary>
        public bool WideFits(DeviceSlice source, DeviceSlice target) =>
            Kernels[Wide] is not null
            && source.ElementOffset * ElementSize % Units[Wide] == 0 && target.ElementOffset * ElementSize % Units[Wide] == 0;
    }
}
