using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Seeded inputs. Pages are dealt out in shuffled order; slots past a length, pages that nobody owns and gaps are left as they are, which in a
/// check is NaN; table entries past a length hold absurd ids.
/// </summary>
internal static class DecodeInputs
{
    public const string Normal = "normal(0,1)";
    public const string ExtremeLogits = "logits to +-100";
    public const string Ties = "equal keys";
    public const string Ragged = "normal(0,1), ragged lengths";
    public const string NoQuantised = "normal(0,1), no quantised slots";
    public const string NoOriginal = "normal(0,1), no original slots";

    /// <summary>Factor on q that makes three standard deviations of the scaled logits reach 100.</summary>
    private const double ExtremeFactor = 33;

    private static readonly int[] AbsurdIds = [int.MaxValue, -1, int.MinValue, 1 << 29];

    public static void Fill(DecodeProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        FillPlaces(problem.Original, problem, seed ^ 0x4F, inputs == NoOriginal, inputs == Ragged, operands,
            DecodeProblem.PageTable, DecodeProblem.KvLengths);
        if (problem.Quantised is { } q)
            FillPlaces(q.Slots, problem, seed ^ 0x71, inputs == NoQuantised, inputs == Ragged, operands, DecodeProblem.QuantisedPageTable,
                DecodeProblem.QuantisedLengths);
        switch (problem.DType)
        {
            case DType.Float32: FillOriginal<float>(problem, inputs, seed, operands); break;
            case DType.Float16: FillOriginal<Half>(problem, inputs, seed, operands); break;
            default: FillOriginal<BFloat16>(problem, inputs, seed, operands); break;
        }

        if (problem.Quantised is null) return;
        FillQuantised(problem, DecodeProblem.KCodes, problem.Shape.HeadDim, inputs == Ties, new SeededRandom(seed ^ 0x6B), operands);
        FillQuantised(problem, DecodeProblem.VCodes, problem.Shape.ValueDim, false, new SeededRandom(seed ^ 0x76), operands);
    }

    /// <summary>
    /// Lengths that hit the corners first (half, empty, one, full, then random; full without raggedness), and a page table for them.
    /// </summary>
    private static void FillPlaces(
        DecodeSegment segment, DecodeProblem problem, ulong seed, bool none, bool ragged, HostOperands operands, int table, int lengths)
    {
        if (!segment.HasLengths) return;
        var random = new SeededRandom(seed);
        int batch = problem.Shape.Batch, most = segment.Slots;
        Span<int> length = operands.Data<int>(lengths)[..batch];
        for (int b = 0; b < batch; b++)
        {
            length[b] = none ? 0 : !ragged ? most : b switch
            {
                0 => (most + 1) / 2,
                1 => 0,
                2 => Math.Min(1, most),
                3 => most,
                _ => (int)(random.NextUniform() * (most + 1)),
            };
        }

        if (segment.Paging is not { } paging) return;
        int[] free = [.. Enumerable.Range(0, paging.Pages)];
        for (int i = free.Length - 1; i > 0; i--)
        {
            int other = (int)(random.NextUniform() * (i + 1));
            (free[i], free[other]) = (free[other], free[i]);
        }

        int next = 0;
        Span<int> ids = operands.Data<int>(table);
        for (int b = 0; b < batch; b++)
        {
            // A pool that is too small for all shares pages between sequences, as a common prefix does.
            for (int i = 0; i < paging.PagesPerSequence; i++)
                ids[(b * paging.PagesPerSequence) + i] = (long)i * paging.PageSize < length[b]
                    ? free[next++ % free.Length]
                    : AbsurdIds[(b + i) % AbsurdIds.Length];
        }
    }

    private static void FillOriginal<T>(DecodeProblem problem, string inputs, ulong seed, HostOperands operands)
        where T : unmanaged
    {
        DecodeShape s = problem.Shape;
        double factor = inputs == ExtremeLogits ? ExtremeFactor : 1;
        var random = new SeededRandom(seed ^ 0x51);
        TensorStrides strides = problem.Strides(DecodeProblem.Q);
        for (long unit = 0; unit < problem.UnitCount; unit++)
        {
            (int b, int h, int i) = problem.Locate(unit);
            FillRow(operands.Data<T>(DecodeProblem.Q).Slice((int)((b * strides.Batch) + (h * strides.Head) + (i * strides.Row)), s.HeadDim),
                random, factor);
        }

        FillCache<T>(problem, DecodeProblem.K, s.HeadDim, inputs == Ties, new SeededRandom(seed ^ 0x4B), operands);
        FillCache<T>(problem, DecodeProblem.V, s.ValueDim, false, new SeededRandom(seed ^ 0x56), operands);
    }

    private static void FillCache<T>(DecodeProblem problem, int operand, int width, bool sameRows, SeededRandom random, HostOperands operands)
        where T : unmanaged
    {
        var rows = new CacheRows(problem, operands);
        var row = new T[width];
        for (int b = 0; b < problem.Shape.Batch; b++)
        {
            for (int h = 0; h < problem.Shape.KvHeads; h++)
            {
                for (int slot = 0; slot < rows.OriginalLength(b); slot++)
                {
                    if (slot == 0 || !sameRows) FillRow<T>(row, random, 1);
                    row.CopyTo(operands.Data<T>(operand)[(int)rows.Offset(operand, b, h, slot)..]);
                }
            }
        }
    }

    private static void FillRow<T>(Span<T> row, SeededRandom random, double factor)
        where T : unmanaged
    {
        for (int d = 0; d < row.Length; d++) row[d] = Storage.FromDouble<T>(factor * random.NextNormal());
    }

    private static void FillQuantised(DecodeProblem problem, int operand, int width, bool sameRows, SeededRandom random, HostOperands operands)
    {
        var rows = new CacheRows(problem, operands);
        KvFormat format = problem.Quantised!.Format;
        var codes = new byte[format.CodeBytes(width)];
        var groups = new byte[format.GroupCount(width)];
        float scale = 0;
        for (int b = 0; b < problem.Shape.Batch; b++)
        {
            for (int h = 0; h < problem.Shape.KvHeads; h++)
            {
                for (int slot = 0; slot < rows.QuantisedLength(b); slot++)
                {
                    if (slot == 0 || !sameRows) scale = format == KvFormat.Int4 ? RandomInt4(random, codes, groups) : RandomE4M3(random, slot, codes);
                    codes.CopyTo(operands.Data<byte>(operand)[(int)rows.Offset(operand, b, h, slot)..]);
                    if (groups.Length > 0) groups.CopyTo(operands.Data<byte>(operand + 1)[(int)rows.Offset(operand + 1, b, h, slot)..]);
                    operands.Data<float>(operand + 2)[(int)rows.Offset(operand + 2, b, h, slot)] = scale;
                }
            }
        }
    }

    /// <summary>A row as quantising a normal one gives it; now and then one with an outlier, which makes most other codes subnormal or 0.</summary>
    private static float RandomE4M3(SeededRandom random, int slot, byte[] codes)
    {
        bool outlier = slot % 13 == 5;
        float unit = outlier ? 0.01f : 120f;
        for (int d = 0; d < codes.Length; d++) codes[d] = Float8E4M3.Encode((float)random.NextNormal() * unit);
        if (outlier) codes[^1] = Float8E4M3.Encode(-Float8E4M3.MaxValue);
        return RandomScale(random, outlier ? 0.01f : 1 / unit);
    }

    /// <summary>Any codes, factors of either sign and of many sizes, now and then 0.</summary>
    private static float RandomInt4(SeededRandom random, byte[] codes, byte[] groups)
    {
        for (int i = 0; i < codes.Length; i++) codes[i] = (byte)random.NextBits();
        for (int g = 0; g < groups.Length; g++)
            groups[g] = random.NextUniform() < 0.02 ? (byte)0 : Float8E4M3.Encode((float)(random.NextNormal() * 150));
        return RandomScale(random, 1 / 690f);
    }

    /// <summary>No two rows have one scale: a kernel that takes another row's, head's or operand's is found out.</summary>
    private static float RandomScale(SeededRandom random, float typical) => typical * (float)(0.75 + (0.5 * random.NextUniform()));
}
