using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>What quantisation and dequantisation are called with, and which rows are stored.</summary>
internal abstract unsafe class CpuQuantizeKernelBase(KvQuantizeProblem problem) : ICpuKernel
{
    public RowAddress Source, Codes, Groups, Scales;
    public int* Rows;
    public int* Counts;
    public int* Start;

    /// <summary>Rows between a prefetch and its use. Measured (2 threads, half of 8192 float32, float16 or bfloat16 rows picked, e4m3): time against the same number of rows in order 2.7 to 4.7 times without, 0.9 to 1.2 times with. Other distances were not tried.</summary>
    private const int Ahead = 6;

    private readonly int rowBytes = problem.Shape.HeadDim * problem.DType.SizeOf();

    protected KvQuantizeShape Shape { get; } = problem.Shape;

    public abstract long Tasks { get; }

    public abstract void Execute(long task, int worker);

    /// <summary>Rows that a head stores at most: its count, clamped.</summary>
    protected int CountOf(int batch, int head) =>
        Counts == null ? Shape.Rows : Math.Clamp(Counts[((long)batch * Shape.KvHeads) + head], 0, Shape.Rows);

    /// <summary>
    /// Asks for the row that comes <see cref="Ahead"/> later where rows are picked: the hardware's prefetchers follow neither the list nor a table.
    /// </summary>
    protected void Prefetch(int batch, int head, int i)
    {
        if (!Sse.IsSupported || Rows == null || (i += Ahead) >= Shape.Rows) return;
        int slot = Rows[((((long)batch * Shape.KvHeads) + head) * Shape.Rows) + i];
        if ((uint)slot >= (uint)Shape.Slots) return;
        byte* row = Source.Row(batch, head, slot);
        if (row == null) return;
        for (int line = 0; line < rowBytes; line += 64) Sse.Prefetch0(row + line);
    }

    /// <summary>Source row and destination slot of a head's row i; false where it is left out.</summary>
    protected bool Locate(int batch, int head, int i, out byte* source, out int slot)
    {
        long pair = ((long)batch * Shape.KvHeads) + head;
        int from = Rows == null ? i : Rows[(pair * Shape.Rows) + i];
        long to = (long)i + (Start == null ? 0 : Start[pair]);
        slot = (int)to;
        source = null;
        if ((uint)from >= (uint)Shape.Slots || to < 0 || to >= Shape.TargetSlots) return false;
        source = Source.Row(batch, head, from);
        return source != null && Codes.Row(batch, head, slot) != null;
    }
}

/// <summary>Quantises with vectors. A task is some rows of a head; with a shared scale, of every head.</summary>
internal sealed unsafe class CpuQuantizeKernel<TSimd, TFormat, TVector, T>(KvQuantizeProblem problem) : CpuQuantizeKernelBase(problem)
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Rows of a task: 32 KiB of float rows of 128, which is work for some microseconds.</summary>
    private const int TaskRows = 64;

    private readonly KvFormat format = problem.Format;
    private readonly bool shared = problem.SharedScale;
    private readonly int heads = problem.Shape.Batch * problem.Shape.KvHeads;

    private long Blocks => (Shape.Rows + TaskRows - 1L) / TaskRows;

    public override long Tasks => shared ? (heads > 0 ? Blocks : 0) : heads * Blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(long task, int worker)
    {
        (long pair, long block) = shared ? (0, task) : Math.DivRem(task, Blocks);
        int first = (int)(block * TaskRows), last = Math.Min(first + TaskRows, Shape.Rows);
        if (shared)
        {
            for (int i = first; i < last; i++) EncodeShared(i);
            return;
        }

        (int batch, int head) = Math.DivRem((int)pair, Shape.KvHeads);
        last = Math.Min(last, CountOf(batch, head));
        for (int i = first; i < last; i++)
        {
            Prefetch(batch, head, i);
            if (!Locate(batch, head, i, out byte* source, out int slot)) continue;
            float scale = KvScale.Of(format, RowCoder<TSimd, TFormat, TVector, T>.Largest((T*)source, Shape.HeadDim, out bool finite));
            Store(source, batch, head, slot, scale, finite);
        }
    }

    private void EncodeShared(int i)
    {
        float largest = 0;
        bool finite = true;
        for (int pair = 0; pair < heads; pair++)
        {
            (int batch, int head) = Math.DivRem(pair, Shape.KvHeads);
            if (i >= CountOf(batch, head) || !Locate(batch, head, i, out byte* source, out _)) continue;
            largest = MathF.Max(largest, RowCoder<TSimd, TFormat, TVector, T>.Largest((T*)source, Shape.HeadDim, out bool all));
            finite &= all;
        }

        float scale = KvScale.Of(format, largest);
        for (int pair = 0; pair < heads; pair++)
        {
            (int batch, int head) = Math.DivRem(pair, Shape.KvHeads);
            if (i < CountOf(batch, head) && Locate(batch, head, i, out byte* source, out int slot)) Store(source, batch, head, slot, scale, finite);
        }
    }

    private void Store(byte* source, int batch, int head, int slot, float scale, bool finite)
    {
        *(float*)Scales.Row(batch, head, slot) = scale;
        byte* codes = Codes.Row(batch, head, slot);
        bool plain = RowCoder<TSimd, TFormat, TVector, T>.IsPlain(finite, scale);
        if (format == KvFormat.Int4) RowCoder<TSimd, TFormat, TVector, T>.EncodeInt4((T*)source, Shape.HeadDim, scale, plain, codes, Groups.Row(batch, head, slot));
        else RowCoder<TSimd, TFormat, TVector, T>.EncodeE4M3((T*)source, Shape.HeadDim, scale, plain, codes);
    }
}
