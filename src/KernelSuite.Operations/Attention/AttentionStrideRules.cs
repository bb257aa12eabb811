namespace KernelSuite.Operations.Attention;

/// <summary>Bounds on strides that come from outside.</summary>
internal static class AttentionStrideRules
{
    private const long MaxSpan = 1L << 46;

    /// <summary>Checks that strides are not negative, stay in range, and that elements of an output do not overlap.</summary>
    /// <exception cref="ArgumentException">Names the operand and the rule.</exception>
    public static void Check(IReadOnlyList<OperandSpec?> operands)
    {
        foreach (OperandSpec? spec in operands)
        {
            if (spec is null) continue;
            double span = 0;
            for (int i = 0; i < spec.Shape.Length; i++)
            {
                if (spec.Strides[i] < 0)
                    throw new ArgumentException($"Stride {i} of '{spec.Name}' is {spec.Strides[i]}. Expected 0 or more elements.", spec.Name);
                span += (double)Math.Max(0, spec.Shape[i] - 1) * spec.Strides[i];
            }

            if (span > MaxSpan)
                throw new ArgumentException($"'{spec.Name}' with strides [{string.Join(", ", spec.Strides)}] spans {span:E2} elements. Expected at most 2^46.", spec.Name);
            if (spec.IsOutput && spec.ElementCount > 0) CheckDisjoint(spec);
        }
    }

    private static void CheckDisjoint(OperandSpec spec)
    {
        long covered = 1;
        foreach ((long extent, long stride) in spec.Shape.Zip(spec.Strides).Where(d => d.First > 1).OrderBy(d => d.Second))
        {
            if (stride < covered)
                throw new ArgumentException($"Output '{spec.Name}' of shape [{string.Join(", ", spec.Shape)}] overlaps itself with strides [{string.Join(", ", spec.Strides)}].", spec.Name);
            covered += stride * (extent - 1);
        }
    }
}
