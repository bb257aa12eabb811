using System.Globalization;
using System.Text;

namespace KernelSuite.Operations;

/// <summary>
/// Bounds on the shape of an array. Element counts stay within an int so that every array is one span, and the product of the
/// non-zero dimensions stays within an int too, so that strides computed from an empty array's shape cannot overflow either.
/// </summary>
internal static class ArrayShape
{
    public const int MaxRank = 8;

    /// <summary>Counts the elements of <paramref name="shape"/>, or says in <paramref name="problem"/> why it is refused.</summary>
    public static bool TryCount(ReadOnlySpan<long> shape, out int count, out string problem)
    {
        count = 0;
        problem = string.Empty;
        if (shape.Length > MaxRank)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"rank {shape.Length}, above the limit of {MaxRank}");
            return false;
        }

        long product = 1;
        bool empty = false;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            long extent = shape[axis];
            if (extent < 0)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"a negative extent ({extent}) on axis {axis}");
                return false;
            }

            if (extent == 0)
            {
                empty = true;
                continue;
            }

            // product is at most 2^31 - 1 here, so the check itself cannot overflow.
            if (extent > int.MaxValue / product)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"shape {Text(shape)} with more than {int.MaxValue:N0} elements");
                return false;
            }

            product *= extent;
        }

        count = empty ? 0 : (int)product;
        return true;
    }

    /// <summary>The shape as Python prints a tuple: (), (3,), (2, 3).</summary>
    public static string Text(ReadOnlySpan<long> shape)
    {
        var text = new StringBuilder("(");
        for (int axis = 0; axis < shape.Length; axis++)
            text.Append(CultureInfo.InvariantCulture, $"{(axis > 0 ? ", " : string.Empty)}{shape[axis]}");
        return text.Append(shape.Length == 1 ? ",)" : ")").ToString();
    }
}
