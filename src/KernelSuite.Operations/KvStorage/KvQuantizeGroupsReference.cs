using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>
/// Group quantisation from the definition in <see cref="KvQuantizeGroupsProblem"/>, group by group; shares nothing with the kernels. The format is defined in float32, so
/// differences and quotients are computed in double and rounded to float, which gives the correctly rounded ones.
/// </summary>
internal static class KvQuantizeGroupsReference
{
    /// <summary>One token; with <paramref name="blind"/> the last quarter of every group is not looked at for its limits, which is how a faulty kernel errs.</summary>
    public static void Compute(KvQuantizeGroupsProblem problem, HostOperands operands, long unit, double[]?[] outputs, bool blind = false)
    {
        (long pair, long slot) = Math.DivRem(unit, problem.Shape.Slots);
        int group = problem.Options.Group;
        for (int column = 0; column < problem.Columns; column++)
        {
            bool tokens = problem.Options.Axis == KvGroupAxis.Tokens;
            long first = tokens ? slot / group * group : (long)column * group;
            int length = (int)Math.Min(group, (tokens ? problem.Shape.Slots : problem.Shape.HeadDim) - first);
            float[] members = [.. Enumerable.Range(0, length).Select(i => tokens ? At(problem, operands, pair, first + i, column) : At(problem, operands, pair, slot, first + i))];
            float[] seen = [.. members.Take(blind ? length - ((length + 3) / 4) : length).Where(x => Math.Abs((double)x) < Math.Pow(2, 126))];
            float minimum = seen.DefaultIfEmpty(0).Min(), range;
            if (Math.Abs(minimum) < Math.Pow(2, -90)) minimum = 0;
            range = (float)((double)seen.DefaultIfEmpty(0).Max() - minimum);
            bool constant = range < Math.Pow(2, -90);
            float scale = constant ? 1 : (float)((double)range / problem.Options.Levels);
            outputs[KvQuantizeGroupsProblem.Minimum]![column] = minimum;
            outputs[KvQuantizeGroupsProblem.Scale]![column] = scale;
            foreach (long d in tokens ? [column] : Enumerable.Range(0, length).Select(i => first + i))
            {
                float x = At(problem, operands, pair, slot, d);
                double above = constant || float.IsNaN(x) ? 0 : Math.Clamp((float)((double)x - minimum), 0, range);
                outputs[KvQuantizeGroupsProblem.Codes]![d] = Math.Round((float)(above / scale), MidpointRounding.ToEven);
            }
        }
    }

    private static float At(KvQuantizeGroupsProblem problem, HostOperands operands, long pair, long slot, long d)
    {
        (long batch, long head) = Math.DivRem(pair, problem.Shape.KvHeads);
        return (float)Storage.Read(operands[KvQuantizeGroupsProblem.X]!, operands.Offset + KvOperands.Offset(problem.XStrides, batch, (int)head, (int)slot) + d);
    }
}
