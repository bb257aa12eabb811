using System.Diagnostics;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Peaks of a device that runs device code, by the small kernels in kernels/measurement.</summary>
internal sealed class KernelPeakMeter : PeakMeter
{
    private const double PassSeconds = 0.004;
    private const int FirstRepeats = 16;
    private const int LaterRepeats = 8;
    private const long BlockBytes = 256L << 20;
    private const long FewestBytes = 1L << 20;

    private readonly Device device;
    private readonly DeviceStream stream;
    private readonly List<Variant> flopVariants = [];
    private readonly List<Variant> copyVariants = [];
    private readonly DeviceMemory source;
    private readonly DeviceMemory target;
    private readonly long blockBytes;

    public KernelPeakMeter(Device device)
    {
        this.device = device;
        bool cpu = device.Info.Kind == DeviceKind.Cpu;
        stream = device.CreateStream();
        long most = Math.Min(device.Info.MaxAllocationBytes, device.Info.GlobalMemoryBytes / 8);
        // A power of two, so that every grid below divides it.
        blockBytes = most <= FewestBytes ? FewestBytes : Math.Min(BlockBytes, 1L << (63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)most)));
        source = device.Allocate(DType.Float32, blockBytes / sizeof(float));
        target = device.Allocate(DType.Float32, blockBytes / sizeof(float));
        stream.Fill(source, 0, blockBytes, 1);
        stream.Fill(target, 0, blockBytes, 2);
        stream.Synchronize();
        if (cpu) AddCpuVariants();
        else AddGpuVariants();
    }

    protected override int Threads => 0;

    public override double FlopsPass(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Variant best = flopVariants.MaxBy(v => v.Best)!;
        best.Prepare();
        return best.Rate();
    }

    protected override PeakReading MeasureFlops(bool everyVariant, CancellationToken cancellation) => BestOf(flopVariants, everyVariant, cancellation);

    protected override PeakReading MeasureCopy(bool everyVariant, CancellationToken cancellation) => BestOf(copyVariants, everyVariant, cancellation);

    protected override void Dispose(bool disposing)
    {
        foreach (Variant variant in flopVariants.Concat(copyVariants)) variant.Dispose();
        source.Dispose();
        target.Dispose();
        stream.Dispose();
    }

    /// <summary>A work-item is a core's loop: wide vectors, one item a group, several groups a core.</summary>
    private void AddCpuVariants()
    {
        long groups = device.Info.ComputeUnits * 8L;
        int native = Math.Clamp(device.Info.VectorWidthFloat32, 1, 16);
        foreach ((int width, int chains) in new[] { (4, 10), (4, 12), (8, 10), (8, 12), (16, 10), (16, 12), (16, 24) })
        {
            // Vectors narrower than the unit cannot reach its peak; wider ones are split and may.
            if (width >= native) flopVariants.Add(new FlopVariant(this, width, chains, new LaunchShape(groups)));
        }

        copyVariants.Add(new CopyVariant(this, contiguous: true, new LaunchShape(Math.Min(256, blockBytes / 4096))));
        copyVariants.Add(new DriverCopyVariant(this));
    }

    /// <summary>A work-item is a lane: many of them, enough groups to fill every unit several times.</summary>
    private void AddGpuVariants()
    {
        int items = Math.Min(256, device.Info.MaxWorkGroupSize);
        long groups = device.Info.ComputeUnits * 32L;
        // Vectors help where a lane is a SIMD unit's, as on some OpenCL GPUs; a CUDA thread is always one lane.
        (int Width, int Chains)[] shapes = device.Info.Language == DeviceLanguage.Cuda ? [(1, 8), (1, 16)] : [(1, 8), (1, 16), (4, 10)];
        foreach ((int width, int chains) in shapes)
            flopVariants.Add(new FlopVariant(this, width, chains, new LaunchShape(groups, ItemsX: items)));
        copyVariants.Add(new CopyVariant(this, contiguous: false, new LaunchShape(groups, ItemsX: items)));
        copyVariants.Add(new DriverCopyVariant(this));
    }

    private static PeakReading BestOf(List<Variant> variants, bool everyVariant, CancellationToken cancellation)
    {
        PeakReading best = default;
        foreach (Variant variant in variants)
        {
            if (!everyVariant && variant != variants.MaxBy(v => v.Best)) continue;
            variant.Prepare();
            for (int i = 0; i < (everyVariant ? FirstRepeats : LaterRepeats); i++)
            {
                cancellation.ThrowIfCancellationRequested();
                double rate = variant.Rate();
                variant.Best = Math.Max(variant.Best, rate);
                best = PeakReading.Best(best, new PeakReading(rate, variant.Name));
            }
        }

        return best;
    }

    private double Seconds(Action queue)
    {
        long start = Stopwatch.GetTimestamp();
        queue();
        stream.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private abstract class Variant(KernelPeakMeter meter) : IDisposable
    {
        public double Best { get; set; }

        public abstract string Name { get; }

        protected KernelPeakMeter Meter { get; } = meter;

        /// <summary>Builds and warms up, once.</summary>
        public abstract void Prepare();

        /// <summary>One pass; operations or bytes a second.</summary>
        public abstract double Rate();

        public abstract void Dispose();

        protected DeviceKernel Build(string file, string options, string name)
        {
            using DeviceProgram program = Meter.device.BuildProgram(DeviceCode.Source(Meter.device.Info, $"measurement/{file}", options));
            return program.CreateKernel(name);
        }
    }

    private sealed class FlopVariant(KernelPeakMeter meter, int width, int chains, LaunchShape shape) : Variant(meter)
    {
        private DeviceKernel? kernel;
        private DeviceMemory? sink;
        private int steps = 2000;

        public override string Name => $"{width} lanes, {chains} chains";

        private double Flops => 2.0 * width * chains * steps * shape.GroupsX * shape.ItemsX;

        public override void Prepare()
        {
            if (kernel is not null) return;
            kernel = Build("peak.cl", $"-DWIDTH={width} -DCHAINS={chains}", "fma_peak");
            sink = Meter.device.Allocate(DType.Float32, shape.GroupsX * shape.ItemsX * width);
            double shortest = double.PositiveInfinity;
            for (int i = 0; i < 4; i++) shortest = Math.Min(shortest, Meter.Seconds(Launch));
            steps = (int)Math.Clamp(steps * PassSeconds / Math.Max(shortest, 1e-9), 100, 10_000_000);
        }

        public override double Rate() => Flops / Meter.Seconds(Launch);

        public override void Dispose()
        {
            kernel?.Dispose();
            sink?.Dispose();
        }

        private void Launch()
        {
            kernel!.SetBuffer(0, sink);
            kernel.SetValue(1, 0.5f);
            kernel.SetValue(2, steps);
            Meter.stream.Launch(kernel, shape);
        }
    }

    private sealed class CopyVariant(KernelPeakMeter meter, bool contiguous, LaunchShape shape) : Variant(meter)
    {
        private DeviceKernel? kernel;

        public override string Name => $"copy kernel, {Meter.blockBytes >> 20} MiB to {Meter.blockBytes >> 20} MiB";

        public override void Prepare()
        {
            if (kernel is not null) return;
            kernel = Build("copy.cl", $"-DCONTIGUOUS={(contiguous ? 1 : 0)}", "copy");
            Meter.Seconds(Launch);
        }

        public override double Rate() => 2.0 * Meter.blockBytes / Meter.Seconds(Launch);

        public override void Dispose() => kernel?.Dispose();

        private void Launch()
        {
            kernel!.SetBuffer(0, Meter.source);
            kernel.SetBuffer(1, Meter.target);
            kernel.SetValue(2, Meter.blockBytes / (4 * sizeof(float)));
            Meter.stream.Launch(kernel, shape);
        }
    }

    private sealed class DriverCopyVariant(KernelPeakMeter meter) : Variant(meter)
    {
        public override string Name => $"driver copy, {Meter.blockBytes >> 20} MiB to {Meter.blockBytes >> 20} MiB";

        public override void Prepare() => Meter.Seconds(Copy);

        public override double Rate() => 2.0 * Meter.blockBytes / Meter.Seconds(Copy);

        public override void Dispose()
        {
        }

        private void Copy() => Meter.stream.Copy(Meter.source, 0, Meter.target, 0, Meter.blockBytes);
    }
}
