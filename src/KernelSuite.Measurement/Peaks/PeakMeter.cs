using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>
/// Measures what a device can do at most, in the same run as the kernels that are held against it. Clocks change by themselves (here an
/// AVX-512 core ran at 2.1 or 2.5 GHz for seconds at a time), so the benchmark calls <see cref="Measure"/> before, between and after its
/// cases for the best of the run, and <see cref="FlopsPass"/> before each sample for the peak at the clock of that sample.
/// </summary>
public abstract class PeakMeter : IDisposable
{
    private PeakReading flops;
    private PeakReading copy;
    private PeakReading read;
    private int rounds;

    /// <summary>Threads that work; 0 where the device schedules itself.</summary>
    protected abstract int Threads { get; }

    /// <summary>The best so far.</summary>
    public DevicePeaks Peaks => new(flops.Value * 1e-9, flops.Method ?? string.Empty, copy.Value * 1e-9, copy.Method ?? string.Empty, Threads, rounds, read.Value * 1e-9, read.Method ?? string.Empty);

    /// <summary>The meter of a device.</summary>
    /// <exception cref="DeviceException">The device failed while the measuring kernels were built.</exception>
    public static PeakMeter For(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device is CpuDevice cpu ? new CpuPeakMeter(cpu) : new KernelPeakMeter(device);
    }

    /// <summary>Takes one more reading of everything. The first tries every variant; later ones repeat the best.</summary>
    public void Measure(CancellationToken cancellation = default)
    {
        flops = PeakReading.Best(flops, MeasureFlops(rounds == 0, cancellation));
        copy = PeakReading.Best(copy, MeasureCopy(rounds == 0, cancellation));
        read = PeakReading.Best(read, MeasureRead(rounds == 0, cancellation));
        rounds++;
    }

    /// <summary>One pass of a few milliseconds with the best variant so far; floating-point operations a second.</summary>
    public abstract double FlopsPass(CancellationToken cancellation = default);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Floating-point operations a second.</summary>
    protected abstract PeakReading MeasureFlops(bool everyVariant, CancellationToken cancellation);

    /// <summary>Bytes read and written a second.</summary>
    protected abstract PeakReading MeasureCopy(bool everyVariant, CancellationToken cancellation);

    /// <summary>Bytes read a second by a kernel that writes next to nothing; none where the meter has no such kernel.</summary>
    protected virtual PeakReading MeasureRead(bool everyVariant, CancellationToken cancellation) => default;

    /// <summary>Releases buffers and kernels.</summary>
    protected abstract void Dispose(bool disposing);
}
