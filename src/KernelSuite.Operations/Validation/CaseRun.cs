using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// A case laid out on a device with one implementation: launch it, check it, time it.
/// </summary>
public sealed class CaseRun : IDisposable
{
    private readonly CaseExpectation expectation;
    private readonly DeviceMemory?[] memory;
    private readonly DeviceSlice[] slices;

    /// <summary>Plans the case and copies its operands to the device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="expectation">Inputs and what must come out; must outlive the run.</param>
    /// <param name="implementation">Null for the default.</param>
    /// <exception cref="NotSupportedException">The device does not support the case.</exception>
    /// <exception cref="DeviceException">The device failed; nothing is leaked.</exception>
    public CaseRun(Device device, CaseExpectation expectation, string? implementation = null)
        : this(Planned(device, expectation, implementation), expectation)
    {
    }

    /// <summary>Takes over a plan that was made with settings of the caller's own.</summary>
    internal CaseRun(OperationPlan plan, CaseExpectation expectation)
    {
        Device device = plan.Device;
        this.expectation = expectation;
        HostOperands host = expectation.Operands;
        memory = new DeviceMemory?[host.Count];
        slices = new DeviceSlice[host.Count];
        Plan = plan;
        try
        {
            Stream = device.CreateStream();
            for (int i = 0; i < host.Count; i++)
            {
                if (host[i] is not { } array) continue;
                memory[i] = device.Allocate(array.DType, array.Length);
                slices[i] = new DeviceSlice(memory[i], host.Offset);
                Stream.WriteBytes(array.Bytes, memory[i]!, 0);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The plan.</summary>
    public OperationPlan Plan { get; }

    /// <summary>The stream that launches go to.</summary>
    public DeviceStream Stream { get; } = null!;

    /// <summary>Queues one launch. Allocates nothing.</summary>
    public void Launch(DeviceEvent? timing = null, CancellationToken cancellation = default) => Plan.Launch(Stream, slices, timing, cancellation);

    /// <summary>Waits, copies everything back and judges it.</summary>
    public ToleranceVerdict Check()
    {
        Stream.Synchronize();
        using var back = new HostOperands(expectation.Case.Problem, expectation.Operands.Offset);
        for (int i = 0; i < memory.Length; i++)
            if (memory[i] is { } m) Stream.ReadBytes(m, 0, back[i]!.Bytes);
        return expectation.Judge(back);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream?.Dispose();
        foreach (DeviceMemory? m in memory) m?.Dispose();
        Plan.Dispose();
    }

    private static OperationPlan Planned(Device device, CaseExpectation expectation, string? implementation)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(expectation);
        return expectation.Operation.Plan(device, expectation.Case.Problem, implementation);
    }
}
