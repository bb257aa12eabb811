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

    /// <summary>
    /// Rows between a prefetch and its use. Measured (2 threads, half of 8192 float32, float16 or bfloat16 rows picked, e4m3): time against the
    /// same number of rows in order, which were not asked for then, 2.7 to 4.7 times without, 0.9 to 1.2 times with. 16 rows were no better.
    /// </summary>
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
        if (row != null) CacheLines.Prefetch(row, rowBytes);
    }

    /// <summary>Where the next rows of a head that are stored come from and go to.</summary>
    /// <returns>Rows found, at most <paramref name="most"/>.</returns>
    protected int Locate(int batch, int head, ref int i, int last, QuantizedRow* rows, int most)
    {
        int count = 0;
        if (Rows != null || Source.PageSize != 0 || Codes.PageSize != 0)
        {
            for (; i < last && count < most; i++)
            {
                Prefetch(batch, head, i);
                if (Locate(batch, head, i, out byte* source, out int slot)) rows[count++] = RowOf(source, batch, head, slot);
            }

            return count;
        }

        // Rows in order: the next is a stride away, and only the first and the last can be left out. Half of a small row's time went into four
        // addresses each.
        long start = Start == null ? 0 : Start[((long)batch * Shape.KvHeads) + head];
        last = (int)Math.Min(Math.Min(last, Shape.Slots), Shape.TargetSlots - start);
        i = (int)Math.Max(i, Math.Min(-start, int.MaxValue));
        if (i >= last)
        {
            i = int.MaxValue;
            return 0;
        }

        rows[0] = RowOf(Source.Row(batch, head, i), batch, head, (int)(i + start));
        for (count = 1; count < most && i + count < last; count++)
        {
            rows[count].Source = rows[count - 1].Source + Source.RowStride;
            rows[count].Codes = rows[count - 1].Codes + Codes.RowStride;
            rows[count].Groups = rows[count - 1].Groups + Groups.RowStride;
            rows[count].Scales = (float*)((byte*)rows[count - 1].Scales + Scales.RowStride);
        }

        i += count;
        return count;
    }

    /// <summary>Where a row comes from and goes to.</summary>
    protected QuantizedRow RowOf(byte* source, int batch, int head, int slot) => new()
    {
        Source = source,
        Codes = Codes.Row(batch, head, slot),
        Groups = Groups.Row(batch, head, slot),
        Scales = (float*)Scales.Row(batch, head, slot),
    };

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
