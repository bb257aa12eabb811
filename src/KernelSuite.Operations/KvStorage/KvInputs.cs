using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Seeded inputs that the operations on stored rows share.</summary>
internal static class KvInputs
{
    public const string Normal = "normal(0,1)";
    public const string Wild = "magnitudes from 1e-30 to 1e30, zeros of both signs, ties, infinities, NaN";

    private static readonly int[] Absurd = [-1, int.MaxValue, int.MinValue, 1 << 30];

    /// <summary>
    /// Pages in shuffled order; entries that no slot below <paramref name="slots"/> needs, or for which there is no page left, are absurd. Pages of
    /// one slot lie within the guard zones of a check, so that of these one entry in four is only one too large.
    /// </summary>
    public static void FillTable(Span<int> table, KvPaging paging, int batch, int slots, SeededRandom random)
    {
        int[] pages = [.. Enumerable.Range(0, paging.Pages)];
        for (int i = pages.Length - 1; i > 0; i--)
        {
            int other = (int)(random.NextUniform() * (i + 1));
            (pages[i], pages[other]) = (pages[other], pages[i]);
        }

        int next = 0, needed = (slots + paging.PageSize - 1) / paging.PageSize;
        for (int b = 0; b < batch; b++)
        {
            for (int m = 0; m < paging.PagesPerSequence; m++)
                table[(b * paging.PagesPerSequence) + m] = m < needed && next < pages.Length ? pages[next++]
                    : m % 4 == 3 && paging.PageSize == 1 ? paging.Pages : Absurd[m % Absurd.Length];
        }
    }

    /// <summary>Counts that hit the corners first, nonsense on both sides among them.</summary>
    public static void FillCounts(Span<int> counts, int most, SeededRandom random)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = i switch
            {
                0 => (most + 1) / 2,
                1 => most,
                2 => 0,
                3 => int.MaxValue,
                4 => -5,
                _ => (int)(random.NextUniform() * (most + 1)),
            };
        }
    }

    /// <summary>Fills every row of a tensor, whoever owns it.</summary>
    public static void FillRows(HostOperands operands, int operand, Func<int, double> next)
    {
        OperandSpec spec = operands.Problem.Operands[operand]!;
        int width = spec.Shape.Length == 4 ? (int)spec.Shape[3] : 1;
        for (long page = 0; page < spec.Shape[0]; page++)
        {
            for (long head = 0; head < spec.Shape[1]; head++)
            {
                for (long row = 0; row < spec.Shape[2]; row++)
                {
                    var offset = (int)((page * spec.Strides[0]) + (head * spec.Strides[1]) + (row * spec.Strides[2]));
                    for (int d = 0; d < width; d++) Set(operands, operand, offset + d, next(d));
                }
            }
        }
    }

    /// <summary>The next element of a row: position d of it is given, so that a whole row can share a magnitude.</summary>
    public static Func<int, double> Generator(string inputs, DType dtype, SeededRandom random)
    {
        if (inputs != Wild) return _ => random.NextNormal();
        double magnitude = 1, most = dtype == DType.Float16 ? 4 : 30;
        return d =>
        {
            if (d == 0) magnitude = Math.Pow(10, ((2 * random.NextUniform()) - 1) * most) * (random.NextUniform() < 0.1 ? 0 : 1);
            double pick = random.NextUniform();
            return pick switch
            {
                < 0.03 => 0.0,
                < 0.06 => -0.0,
                < 0.08 => magnitude,
                < 0.10 => -magnitude,
                < 0.12 => magnitude * (17.0 / 448),
                < 0.14 => magnitude * (1.5 / 512 / 448),
                < 0.145 => double.NaN,
                < 0.15 => double.PositiveInfinity,
                < 0.155 => double.NegativeInfinity,
                _ => magnitude * random.NextNormal() * 0.3,
            };
        };
    }

    private static void Set(HostOperands operands, int operand, int index, double value)
    {
        switch (operands.Problem.Operands[operand]!.DType)
        {
            case DType.Float32: operands.Data<float>(operand)[index] = (float)value; break;
            case DType.Float16: operands.Data<Half>(operand)[index] = (Half)value; break;
            case DType.BFloat16: operands.Data<BFloat16>(operand)[index] = (BFloat16)(float)value; break;
            default: operands.Data<byte>(operand)[index] = (byte)((long)Math.Abs(value * 97) & 0xFF); break;
        }
    }
}
