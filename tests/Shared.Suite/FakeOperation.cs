using System.Collections.Immutable;
using KernelSuite.Operations;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Tests;

/// <summary>What a <see cref="FakeOperation"/> does wrong.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Writes zeros.</summary>
    Zeros,

    /// <summary>Is right at first and wrong from the fifth launch on: fewer than any timing makes.</summary>
    Later,

    /// <summary>Writes past its output.</summary>
    Overrun,

    /// <summary>Says that it supports no device.</summary>
    Unsupported,

    /// <summary>Says that it supports the device and then does not.</summary>
    Refuses,

    /// <summary>Its faulty computation is as good as the right one, so that its check proves nothing.</summary>
    BlindCheck,

    /// <summary>Waits in the middle of a launch until it is cancelled.</summary>
    Hangs,
}

/// <summary>y = 2x on rows of eight, on the cpu device: the smallest operation there is, with a defect of one's choice.</summary>
internal sealed class FakeOperation(Fault fault = Fault.None, string name = "twice") : Operation
{
    /// <summary>Cancelled when a hanging launch has begun.</summary>
    public CancellationTokenSource? OnLaunch { get; init; }

    public override string Name => name;

    public override string Summary => "y = 2x";

    public override OperationSignature Signature { get; } = new(
        [new("x", "[N, 8]", "input"), new("y", "[N, 8]", "output", IsOutput: true)],
        [new("quietly", OptionKind.Flag, "changes nothing"), new("factor", OptionKind.Real, "must be 2")]);

    public override IReadOnlyList<DType> DTypes => [DType.Float32];

    public override IReadOnlyList<OperationCase> Cases { get; } =
    [
        new("small", new FakeProblem(3), "normal(0,1)", CaseSuite.Validate),
        new("timed", new FakeProblem(16), "normal(0,1)", CaseSuite.Bench),
        new("timed-long", new FakeProblem(17), "normal(0,1)", CaseSuite.Long),
    ];

    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        HostArray x = inputs["x"];
        if (x.Shape.Length != 2 || x.Shape[1] != 8) throw new ArgumentException($"'x' is {x}. Expected [N, 8].", "x");
        if (options.Real("factor") is { } factor and not 2) throw new ArgumentException($"--factor is {factor}. Expected 2.", "factor");
        return new FakeProblem((int)x.Shape[0]);
    }

    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device) => [new("plain", "a loop"), new("slow", "the same", IsBaseline: true)];

    public override Support Supports(DeviceInfo device, OperationProblem problem) =>
        fault == Fault.Unsupported || device.Id.Backend != "cpu" ? Support.No($"{Name} knows only the cpu device.") : Support.Yes;

    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null) =>
        fault == Fault.Refuses ? throw new NotSupportedException("not after all") : new FakePlan(device, (FakeProblem)problem, implementation ?? "plain", fault, OnLaunch);

    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        Span<float> x = operands.Data<float>(0);
        for (int i = 0; i < operationCase.Problem.UnitCount * 8; i++) x[i] = (float)random.NextNormal();
    }

    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        for (int d = 0; d < 8; d++) outputs[1]![d] = 2.0 * operands.Data<float>(0)[(int)(unit * 8) + d];
    }

    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) => ReferenceUnit(problem, operands, unit, outputs);

    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        ReferenceUnit(problem, operands, unit, outputs);
        if (fault == Fault.BlindCheck) outputs[1]![7] = Math.BitIncrement(outputs[1]![7]);
        else outputs[1]![7] = 0;
        return true;
    }
}

internal sealed class FakeProblem(int rows) : OperationProblem
{
    public override IReadOnlyList<OperandSpec?> Operands { get; } =
    [
        new OperandSpec { Name = "x", DType = DType.Float32, Shape = [rows, 8], Strides = [8, 1] },
        new OperandSpec { Name = "y", DType = DType.Float32, Shape = [rows, 8], Strides = [8, 1], IsOutput = true },
    ];

    public override DType DType => DType.Float32;

    public override OperationCost Cost => new(rows * 8, rows * 64, "twice-1");

    public override long UnitCount => rows;

    public override (long Offset, int Length) UnitSegment(int operand, long unit) => (unit * 8, 8);
}

internal sealed unsafe class FakePlan(Device device, FakeProblem problem, string implementation, Fault fault, CancellationTokenSource? onLaunch) : OperationPlan, ICpuKernel
{
    private float* x;
    private float* y;
    private int launches;
    private CancellationToken stop;

    public override OperationProblem Problem => problem;

    public override Device Device => device;

    public override string Implementation => implementation;

    public override string Description => "a loop";

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        x = (float*)((CpuMemory)operands[0].Memory!).Pointer + operands[0].ElementOffset;
        y = (float*)((CpuMemory)operands[1].Memory!).Pointer + operands[1].ElementOffset;
        launches++;
        stop = cancellation;
        ((CpuStream)stream).Launch(this, problem.UnitCount, timing, cancellation);
    }

    public void Execute(long task, int worker)
    {
        if (fault == Fault.Hangs)
        {
            onLaunch?.Cancel();
            stop.WaitHandle.WaitOne();
            stop.ThrowIfCancellationRequested();
        }

        bool wrong = fault == Fault.Zeros || (fault == Fault.Later && launches >= 5);
        for (long i = task * 8; i < (task + 1) * 8; i++) y[i] = wrong ? 0 : 2 * x[i];
        if (fault == Fault.Overrun && task == problem.UnitCount - 1) y[(task + 1) * 8] = 1;
    }
}
