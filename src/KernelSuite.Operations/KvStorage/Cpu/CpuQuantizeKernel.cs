using System.Numerics;
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
    /// <summary>Rows of a task: work for some microseconds, and what is asked for beyond its end is a sixteenth.</summary>
    private const int TaskRows = 256;

    /// <summary>Rows that are located together, a multiple of four: the coders of 64 elements at a time take four rows.</summary>
    private const int Batch = 16;

    private readonly KvFormat format = problem.Format;
    private readonly bool shared = problem.SharedScale;
    private readonly int heads = problem.Shape.Batch * problem.Shape.KvHeads;
    private readonly bool isWide = RowEncoder<TSimd, TFormat, TVector, T>.IsWide && problem.Shape.HeadDim % WideRow.Step == 0
        && (problem.Format == KvFormat.E4M3 || problem.Shape.HeadDim <= WideInt4Encoder<T>.MostWidth);

    /// <summary>Tells rows that have a scale of their own.</summary>
    private const float Own = 0;

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
        for (int i = first; i < last;) Encode(rows, Locate(batch, head, ref i, last, rows, Batch), Own);
    }

    private void EncodeShared(int i)
    {
        float largest = 0;
        for (int pair = 0; pair < heads; pair++)
        {
            (int batch, int head) = Math.DivRem(pair, Shape.KvHeads);
            if (i >= CountOf(batch, head) || !Locate(batch, head, i, out byte* source, out _)) continue;
            largest = MathF.Max(largest, RowMaximum<TSimd, TFormat, TVector, T>.Largest((T*)source, Shape.HeadDim, out _));
        }

        float scale = KvScale.Of(format, largest);
        QuantizedRow* rows = stackalloc QuantizedRow[Batch];
        for (int pair = 0; pair < heads;)
        {
            int located = 0;
            for (; pair < heads && located < Batch; pair++)
            {
                (int batch, int head) = Math.DivRem(pair, Shape.KvHeads);
                if (i >= CountOf(batch, head) || !Locate(batch, head, i, out byte* source, out int slot)) continue;
                rows[located++] = RowOf(source, batch, head, slot);
            }

            Encode(rows, located, scale);
        }
    }

    /// <summary>Codes located rows, with a given scale or <see cref="Own"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encode(QuantizedRow* rows, int count, float scale)
    {
        int width = Shape.HeadDim;
        if (!isWide)
        {
            for (int r = 0; r < count; r++) EncodeOne(rows + r, scale);
            return;
        }

        // The last row stands in for what is missing of four: coding it twice stores the same twice.
        for (int r = count; r % 4 != 0; r++) rows[r] = rows[count - 1];

        // The scales of all rows before the codes of the first: fours do not wait for each other, and codes wait for nothing. Picked rows have been
        // asked for when they were located.
        int fours = (count + 3) / 4;
        var ahead = new PrefetchDistance(Rows == null ? Batch * Source.RowStride : 0, Batch * Codes.RowStride);
        uint* again = stackalloc uint[Batch / 4];
        if (format == KvFormat.E4M3)
        {
            const int Work = WideE4M3Encoder<T>.Work;
            float* work = stackalloc float[Batch / 4 * Work];
            for (int f = 0; f < fours; f++) again[f] = WideE4M3Encoder<T>.Prepare(rows + (4 * f), width, scale, work + (f * Work));
            for (int f = 0; f < fours; f++) again[f] |= WideE4M3Encoder<T>.Encode(rows + (4 * f), width, work + (f * Work), ahead);
        }
        else
        {
            const int Work = WideInt4Encoder<T>.Work;
            float* work = stackalloc float[Batch / 4 * Work];
            for (int f = 0; f < fours; f++) again[f] = WideInt4Encoder<T>.Prepare(rows + (4 * f), width, scale, work + (f * Work));
            for (int f = 0; f < fours; f++) again[f] |= WideInt4Encoder<T>.Encode(rows + (4 * f), width, work + (f * Work), ahead);
        }

        for (int f = 0; f < fours; f++)
            for (uint left = again[f]; left != 0; left &= left - 1) EncodeOne(rows + (4 * f) + BitOperations.TrailingZeroCount(left), scale);
    }

    /// <summary>Codes a row by exact quotients.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EncodeOne(QuantizedRow* row, float scale)
    {
        int width = Shape.HeadDim;
        float largest = RowMaximum<TSimd, TFormat, TVector, T>.Largest((T*)row->Source, width, out bool finite);
        if (scale == Own) scale = KvScale.Of(format, largest);
        *row->Scales = scale;
        bool plain = RowEncoder<TSimd, TFormat, TVector, T>.IsPlain(finite, scale);
        if (format == KvFormat.E4M3) RowEncoder<TSimd, TFormat, TVector, T>.EncodeE4M3((T*)row->Source, width, scale, plain, row->Codes);
        else RowEncoder<TSimd, TFormat, TVector, T>.EncodeInt4((T*)row->Source, width, scale, plain, row->Codes, row->Groups);
    }
}
