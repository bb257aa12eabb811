using System.Diagnostics;
using System.Runtime.Intrinsics;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>Peaks of the managed device, on the very threads that its kernels run on.</summary>
internal sealed unsafe class CpuPeakMeter : PeakMeter
{
    /// <summary>Short repeats, many of them: on a shared machine the best of many is what the cores can do undisturbed.</summary>
    private const int FirstRepeats = 48;
    private const int LaterRepeats = 24;

    /// <summary>Several tasks a thread, so that a thread that starts late or is interrupted does not hold up the rest for long.</summary>
    private const int TasksPerThread = 4;

    /// <summary>Short passes find undisturbed moments on a busy machine; long ones outweigh the start of a pass on a quiet one.</summary>
    private static readonly double[] TaskSeconds = [0.00025, 0.001];

    /// <summary>Each of two blocks: together beyond any last-level cache, and enough time per pass to outweigh starting it.</summary>
    private const long BlockBytes = 256L << 20;
    private const int FirstPasses = 5;
    private const int LaterPasses = 2;

    private static readonly int[] ChainCounts = [10, 12, 16, 24];

    private readonly CpuDevice device;
    private readonly long blockBytes;
    private DeviceMemory? source;
    private DeviceMemory? target;
    private int bestChains;
    private ICpuKernel? passKernel;
    private double passFlops;
    private bool? bestNonTemporal;

    public CpuPeakMeter(CpuDevice device)
    {
        this.device = device;
        long free = device.QueryMemory().Free;
        blockBytes = free < 0 ? BlockBytes : Math.Clamp(free / 8 / CopyKernel.ChunkBytes * CopyKernel.ChunkBytes, CopyKernel.ChunkBytes, BlockBytes);
    }

    protected override int Threads => device.Team.Threads;

    public override double FlopsPass(CancellationToken cancellation = default)
    {
        if (passKernel is null) return Peaks.Gflops * 1e9;
        long tasks = (long)Threads * TasksPerThread;
        return tasks * passFlops / Seconds(passKernel, tasks, cancellation);
    }

    protected override PeakReading MeasureFlops(bool everyVariant, CancellationToken cancellation) => device.Simd switch
    {
        CpuSimd.Vector512 => Flops<Fma512, Vector512<float>>(everyVariant, cancellation),
        CpuSimd.Vector256 => Flops<Fma256, Vector256<float>>(everyVariant, cancellation),
        CpuSimd.Vector128 => Flops<Fma128, Vector128<float>>(everyVariant, cancellation),
        _ => Flops<FmaScalar, float>(everyVariant, cancellation),
    };

    protected override PeakReading MeasureCopy(bool everyVariant, CancellationToken cancellation)
    {
        Prepare();
        var from = (CpuMemory)source!;
        var to = (CpuMemory)target!;
        PeakReading best = default;
        foreach (bool nonTemporal in everyVariant || bestNonTemporal is null ? [false, true] : new[] { bestNonTemporal.Value })
        {
            if (nonTemporal && !Vector256.IsHardwareAccelerated) continue;
            var kernel = new CopyKernel(from.Pointer, to.Pointer, blockBytes, nonTemporal);
            for (int pass = 0; pass < (everyVariant ? FirstPasses : LaterPasses); pass++)
            {
                double rate = 2.0 * blockBytes / Seconds(kernel, kernel.Tasks, cancellation);
                if (rate <= best.Value) continue;
                best = new PeakReading(rate, $"{(nonTemporal ? "non-temporal" : "plain")} stores, {blockBytes >> 20} MiB to {blockBytes >> 20} MiB");
                bestNonTemporal = nonTemporal;
            }
        }

        return best;
    }

    protected override PeakReading MeasureRead(bool everyVariant, CancellationToken cancellation)
    {
        Prepare();
        var kernel = new ReadKernel(((CpuMemory)source!).Pointer, blockBytes);
        double best = 0;
        for (int pass = 0; pass < (everyVariant ? FirstPasses : LaterPasses); pass++) best = Math.Max(best, blockBytes / Seconds(kernel, kernel.Tasks, cancellation));
        return new PeakReading(best, $"sum of {blockBytes >> 20} MiB");
    }

    protected override void Dispose(bool disposing)
    {
        source?.Dispose();
        target?.Dispose();
    }

    private PeakReading Flops<TFma, TVector>(bool everyVariant, CancellationToken cancellation)
        where TFma : struct, IFmaVector<TVector>
        where TVector : struct
    {
        PeakReading best = default;
        foreach (int chains in everyVariant || bestChains == 0 ? ChainCounts : [bestChains])
        {
            double stepsPerSecond = Calibrate<TFma, TVector>(chains, cancellation);
            FmaChains<TFma, TVector>[] kernels = [.. TaskSeconds.Select(s => new FmaChains<TFma, TVector>(chains, (int)Math.Clamp(s * stepsPerSecond, 1000, 100_000_000)))];
            long tasks = (long)Threads * TasksPerThread;
            for (int i = 0; i < (everyVariant ? FirstRepeats : LaterRepeats); i++)
            {
                FmaChains<TFma, TVector> kernel = kernels[i % kernels.Length];
                double rate = tasks * kernel.FlopsPerTask / Seconds(kernel, tasks, cancellation);
                if (rate <= best.Value) continue;
                best = new PeakReading(rate, $"{device.Simd}, {chains} chains");
                bestChains = chains;
                passKernel = kernels[^1];
                passFlops = kernels[^1].FlopsPerTask;
            }
        }

        return best;
    }

    /// <summary>Steps that a thread does in a second.</summary>
    private double Calibrate<TFma, TVector>(int chains, CancellationToken cancellation)
        where TFma : struct, IFmaVector<TVector>
        where TVector : struct
    {
        const int Probe = 20_000;
        var kernel = new FmaChains<TFma, TVector>(chains, Probe);
        double shortest = double.PositiveInfinity;
        for (int i = 0; i < 5; i++) shortest = Math.Min(shortest, Seconds(kernel, 1, cancellation));
        return Probe / Math.Max(shortest, 1e-9);
    }

    private double Seconds(ICpuKernel kernel, long tasks, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        device.Team.Run(kernel, tasks, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Prepare()
    {
        if (source is not null && target is not null) return;
        source ??= device.Allocate(DType.Float32, blockBytes / sizeof(float));
        target ??= device.Allocate(DType.Float32, blockBytes / sizeof(float));
        using DeviceStream stream = device.CreateStream();
        // Touching the pages now keeps their faults out of the timing, and distinct contents keep them from being the shared zero page.
        stream.Fill(source, 0, blockBytes, 1);
        stream.Fill(target, 0, blockBytes, 2);
        stream.Synchronize();
    }
}
