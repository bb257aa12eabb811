using KernelSuite.Operations.Counters.Moments.Cpu;
using KernelSuite.Operations.Counters.Moments.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Moments;

/// <summary>Moments made ready for a device.</summary>
public abstract class CounterMomentsPlan : OperationPlan
{
    private protected CounterMomentsPlan(CounterMomentsProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override CounterMomentsProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>one-pass</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device cannot run it; the message says why.</exception>
    public static CounterMomentsPlan Create(Device device, CounterMomentsProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(CounterMomentsOperation.Instance, device, problem, implementation, CounterMomentsOperation.Standard);
        if (device is CpuDevice cpu) return new CpuCounterMomentsPlan(cpu, problem, naive);
        return naive ? new PortableNaiveCounterMomentsPlan(device, problem) : new PortableCounterMomentsPlan(device, problem);
    }

    /// <summary>
    /// Splits of an observation: one where observations alone keep every part of the device busy, else so many that they do, but none with fewer
    /// than 2048 samples on average, which is what adding a split's square up costs many times over.
    /// </summary>
    internal static int Splits(CounterMomentsProblem problem, long parts)
    {
        if (problem.Observations == 0 || problem.Observations >= parts) return 1;
        long wanted = (parts + problem.Observations - 1) / problem.Observations;
        return (int)Math.Clamp(Math.Min(wanted, problem.SampleCount / problem.Observations / 2048L), 1, 1024);
    }
}
