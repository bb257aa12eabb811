using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Quantises with vectors. A task is some rows of a head; with a shared scale, of every head.</summary>
internal sealed unsafe class CpuQuantizeKernel<TSimd, TFormat, TVector, T>(KvQuantizeProblem problem) : CpuQuantizeKernelBase(problem)
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Rows of a task: 32 KiB of float rows of 128, which is work for some microseconds.</summary>
    private const int TaskRows = 64;

    /// <summary>
    /// Rows that go through each step together. A row's codes wait for its scale (a reduction and two divisions, some 60 cycles), and what waits
    /// fills the scheduler; the scales of eight rows wait for each other no longer.
    /// </summary>
    private const int Batch = 8;

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
        QuantizedRow* rows = stackalloc QuantizedRow[Batch];
        for (int i = first; i < last;)
        {
            int located = Locate(batch, head, ref i, last, rows, Batch);
            for (QuantizedRow* row = rows; row < rows + located; row++)
            {
                float largest = RowMaximum<TSimd, TFormat, TVector, T>.Largest((T*)row->Source, Shape.HeadDim, out bool finite);
                Scale(row, KvScale.Of(format, largest), finite);
            }

            Encode(rows, located);
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
            largest = MathF.Max(largest, RowMaximum<TSimd, TFormat, TVector, T>.Largest((T*)source, Shape.HeadDim, out bool all));
            finite &= all;
        }

        float scale = KvScale.Of(format, largest);
        for (int pair = 0; pair < heads; pair++)
        {
            (int batch, int head) = Math.DivRem(pair, Shape.KvHeads);
            if (i >= CountOf(batch, head) || !Locate(batch, head, i, out byte* source, out int slot)) continue;
            QuantizedRow row = RowOf(source, batch, head, slot);
            Scale(&row, scale, finite);
            Encode(&row, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(QuantizedRow* row, float scale, bool finite)
    {
        *row->Scales = row->Scale = scale;
        row->IsPlain = RowEncoder<TSimd, TFormat, TVector, T>.IsPlain(finite, scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encode(QuantizedRow* rows, int count)
    {
        int width = Shape.HeadDim;
        if (format == KvFormat.E4M3)
        {
            bool steps = RowEncoder<TSimd, TFormat, TVector, T>.IsWide && width % WideRow.Step == 0;
            for (QuantizedRow* row = rows; row < rows + count; row++)
            {
                bool wide = steps && row->IsPlain && WideE4M3Encoder<T>.Takes(row->Scale);
                if (wide && WideE4M3Encoder<T>.TryEncode((T*)row->Source, width, row->Scale, row->Codes)) continue;
                RowEncoder<TSimd, TFormat, TVector, T>.EncodeE4M3((T*)row->Source, width, row->Scale, row->IsPlain, row->Codes);
            }

            return;
        }

        float* reciprocals = stackalloc float[Batch * WideInt4Encoder<T>.MostGroups];
        if (RowEncoder<TSimd, TFormat, TVector, T>.IsWide)
        {
            for (int r = 0; r < count; r++)
            {
                rows[r].IsWide = rows[r].IsPlain && WideInt4Encoder<T>.Takes(width, rows[r].Scale);
                if (!rows[r].IsWide) continue;
                float* own = reciprocals + (r * WideInt4Encoder<T>.MostGroups);
                WideInt4Encoder<T>.Prepare((T*)rows[r].Source, width, rows[r].Scale, own, rows[r].Groups);
            }
        }

        for (int r = 0; r < count; r++)
        {
            QuantizedRow* row = rows + r;
            float* own = reciprocals + (r * WideInt4Encoder<T>.MostGroups);
            if (row->IsWide && WideInt4Encoder<T>.TryEncode((T*)row->Source, width, own, row->Codes)) continue;
            RowEncoder<TSimd, TFormat, TVector, T>.EncodeInt4((T*)row->Source, width, row->Scale, row->IsPlain, row->Codes, row->Groups);
        }
    }
}
