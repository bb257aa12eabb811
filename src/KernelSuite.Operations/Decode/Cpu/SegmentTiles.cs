using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Strides of a cached tensor in bytes, from its first byte.</summary>
internal readonly unsafe struct CachedTensor(byte* start, DecodeProblem problem, int operand)
{
    private readonly byte* start = start;
    private readonly long block = problem.Strides(operand).Batch * problem.Operands[operand]?.DType.SizeOf() ?? 0;
    private readonly long head = problem.Strides(operand).Head * problem.Operands[operand]?.DType.SizeOf() ?? 0;

    /// <summary>Bytes from one slot to the next.</summary>
    public long Row { get; } = problem.Strides(operand).Row * problem.Operands[operand]?.DType.SizeOf() ?? 0;

    public byte* At(long block, int head, int row) => start + (block * this.block) + (head * this.head) + (row * Row);
}

/// <summary>Finds the rows of a tile of slots, in whatever pages they lie, and what goes with them.</summary>
internal unsafe struct SegmentTiles
{
    private readonly SegmentRows places;
    private readonly int kvHead, headDim, valueDim;
    private readonly bool quantised, e4m3;
    private readonly CachedTensor k, v, kGroups, vGroups, kScales, vScales;

    /// <summary>The original segment of a sequence and KV head.</summary>
    public SegmentTiles(DecodeProblem problem, in CpuDecodeArguments a, int batch, int kvHead)
    {
        places = new SegmentRows(problem.Original, a.PageTable, batch, "page_table");
        this.kvHead = kvHead;
        k = new CachedTensor(a.K, problem, DecodeProblem.K);
        v = new CachedTensor(a.V, problem, DecodeProblem.V);
        (KeyBytes, ValueBytes) = (problem.Shape.HeadDim * problem.DType.SizeOf(), problem.Shape.ValueDim * problem.DType.SizeOf());
    }

    /// <summary>The quantised segment of a sequence and KV head.</summary>
    /// <param name="problem">A problem with one.</param>
    /// <param name="a">Addresses.</param>
    /// <param name="batch">The sequence.</param>
    /// <param name="kvHead">The head.</param>
    /// <param name="widens">Whether the kernel wants e4m3 rows as bfloat16 rows.</param>
    public SegmentTiles(DecodeProblem problem, in CpuDecodeArguments a, int batch, int kvHead, bool widens)
    {
        places = new SegmentRows(problem.Quantised!.Slots, a.QuantisedPageTable, batch, "quantised_page_table");
        this.kvHead = kvHead;
        quantised = true;
        Widens = widens;
        KvFormat format = problem.Quantised.Format;
        e4m3 = format == KvFormat.E4M3;
        (headDim, valueDim) = (problem.Shape.HeadDim, problem.Shape.ValueDim);
        (KeyGroups, ValueGroups) = (format.GroupCount(headDim), format.GroupCount(valueDim));
        (KeyBytes, ValueBytes) = (format.CodeBytes(headDim), format.CodeBytes(valueDim));
        k = new CachedTensor(a.KCodes, problem, DecodeProblem.KCodes);
        v = new CachedTensor(a.VCodes, problem, DecodeProblem.VCodes);
        kScales = new CachedTensor((byte*)a.KScales, problem, DecodeProblem.KScales);
        vScales = new CachedTensor((byte*)a.VScales, problem, DecodeProblem.VScales);
        kGroups = new CachedTensor(a.KGroups, problem, DecodeProblem.KGroups);
        vGroups = new CachedTensor(a.VGroups, problem, DecodeProblem.VGroups);
    }

    /// <summary>Group factors of a key row and of a value row, which are that far apart in the tile's buffers; 0 where the format has none.</summary>
    public int KeyGroups { get; }

    /// <inheritdoc cref="KeyGroups"/>
    public int ValueGroups { get; }

    /// <summary>Bytes of a key row and of a value row.</summary>
    public int KeyBytes { get; }

    /// <inheritdoc cref="KeyBytes"/>
    public int ValueBytes { get; }

    /// <summary>Whether <see cref="WidenKeys"/> and <see cref="WidenValues"/> make rows of the kernel's format.</summary>
    public bool Widens { get; }

    /// <summary>
    /// Addresses of the rows of slots <paramref name="from"/> to <paramref name="from"/> + <paramref name="count"/> - 1; with them scales and group
    /// factors, if quantised.
    /// </summary>
    public readonly void Find(int from, int count, in DecodeScratch w)
    {
        for (int j = 0; j < count;)
        {
            (long block, int row, int run) = places.Find(from + j);
            run = Math.Min(run, count - j);
            byte* key = k.At(block, kvHead, row), value = v.At(block, kvHead, row);
            for (int i = j; i < j + run; i++, key += k.Row, value += v.Row)
            {
                w.KRows[i] = key;
                w.VRows[i] = value;
            }

            if (quantised) FindScales(block, row, j, run, w);
            j += run;
        }

        if (!quantised || e4m3) return;
        DecodeGroups(w.KGroups, w.KFactors, count * KeyGroups);
        DecodeGroups(w.VGroups, w.VFactors, count * ValueGroups);
    }

    /// <summary>
    /// Addresses of the key rows of <paramref name="count"/> slots from <paramref name="from"/> on. Scales and group factors of these slots, keys'
    /// and values', are asked for here: they are copied before the next tile begins.
    /// </summary>
    public readonly void FindNext(int from, int count, byte** rows)
    {
        for (int j = 0; j < count;)
        {
            (long block, int row, int run) = places.Find(from + j);
            run = Math.Min(run, count - j);
            if (quantised)
            {
                Ask(kScales, block, row, run);
                Ask(vScales, block, row, run);
                if (!e4m3)
                {
                    Ask(kGroups, block, row, run);
                    Ask(vGroups, block, row, run);
                }
            }

            int end = j + run;
            for (byte* key = k.At(block, kvHead, row); j < end; key += k.Row) rows[j++] = key;
        }
    }

    private readonly void Ask(in CachedTensor tensor, long block, int row, int run) =>
        CacheLines.Prefetch(tensor.At(block, kvHead, row), run * tensor.Row);

    /// <summary>
    /// Widens the first key rows of the tile, where the format is such, with zeros up to <paramref name="width"/>; their addresses follow.
    /// </summary>
    public readonly void WidenKeys(int count, int width, in DecodeScratch w)
    {
        if (Widens) E4M3Tables.Widen(w.KRows, count, headDim, width, (ushort*)w.Staged);
    }

    /// <summary>The same with all value rows, in the same memory: the keys are not needed any more.</summary>
    public readonly void WidenValues(int count, int width, in DecodeScratch w)
    {
        if (Widens) E4M3Tables.Widen(w.VRows, count, valueDim, width, (ushort*)w.Staged);
    }

    private readonly void FindScales(long block, int row, int j, int run, in DecodeScratch w)
    {
        CopyScales(kScales.At(block, kvHead, row), kScales.Row, w.KScales + j, run);
        CopyScales(vScales.At(block, kvHead, row), vScales.Row, w.VScales + j, run);
        if (e4m3) return;
        CopyGroups(kGroups.At(block, kvHead, row), kGroups.Row, w.KGroups + (j * KeyGroups), run, KeyGroups);
        CopyGroups(vGroups.At(block, kvHead, row), vGroups.Row, w.VGroups + (j * ValueGroups), run, ValueGroups);
    }

    private static void CopyScales(byte* source, long row, float* target, int run)
    {
        if (row == sizeof(float)) Unsafe.CopyBlockUnaligned(target, source, (uint)(run * sizeof(float)));
        else for (int i = 0; i < run; i++) target[i] = *(float*)(source + (i * row));
    }

    private static void CopyGroups(byte* source, long row, byte* target, int run, int count)
    {
        if (row == count)
        {
            Unsafe.CopyBlockUnaligned(target, source, (uint)(run * count));
            return;
        }

        for (int i = 0; i < run; i++, source += row, target += count)
        {
            // Nothing is read past the last byte; head dims of 64 and 128 in one go.
            if (count == 4) Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<uint>(source));
            else if (count == 2) Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<ushort>(source));
            else for (int g = 0; g < count; g++) target[g] = source[g];
        }
    }

    /// <summary>Group factors of a whole tile as floats, a NaN code as NaN. The buffers hold whole vectors past the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeGroups(byte* groups, float* factors, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            for (int i = 0; i < count; i += Simd512.Lanes) Format512.LoadE4M3(groups + i).Store(factors + i);
        }
        else
        {
            for (int i = 0; i < count; i += Simd256.Lanes) Format256.LoadE4M3(groups + i).Store(factors + i);
        }
    }
}
