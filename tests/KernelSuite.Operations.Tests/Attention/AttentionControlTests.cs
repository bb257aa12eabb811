using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>The check itself: what is wrong must not pass.</summary>
public sealed class AttentionControlTests
{
    private static readonly CaseExpectation Case = NamedCases.Expect("attention", "layout-gaps float32");

    [Fact]
    public void The_naive_result_passes()
    {
        using HostOperands outputs = Outputs();
        Assert.True(Case.Judge(outputs).Passed, Case.Judge(outputs).Reason);
    }

    [Fact]
    public void Unwritten_output_fails()
    {
        using HostOperands outputs = Copy();
        Assert.False(Case.Judge(outputs).Passed);
    }

    [Theory]
    [InlineData(AttentionProblem.Out)]
    [InlineData(AttentionProblem.Lse)]
    public void One_value_off_fails(int operand)
    {
        using HostOperands outputs = Outputs();
        (long offset, _) = Case.Case.Problem.UnitSegment(operand, 137);
        outputs.Data<float>(operand)[(int)offset] += 1e-4f;
        ToleranceVerdict verdict = Case.Judge(outputs);
        Assert.False(verdict.Passed);
        Assert.Contains("unit 137", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_stray_NaN_or_infinity_fails(float value)
    {
        using HostOperands outputs = Outputs();
        outputs.Data<float>(AttentionProblem.Out)[0] = value;
        Assert.False(Case.Judge(outputs).Passed);
    }

    [Fact]
    public void Writing_into_a_gap_fails()
    {
        using HostOperands outputs = Outputs();
        outputs.Data<float>(AttentionProblem.Out)[24] = 0;
        Assert.Contains("outside its elements", Case.Judge(outputs).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_a_guard_word_fails()
    {
        using HostOperands outputs = Outputs();
        outputs[AttentionProblem.Lse]!.AsSpan<float>()[outputs.Offset - 1] = 0;
        Assert.Contains("outside its elements", Case.Judge(outputs).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_an_input_fails()
    {
        using HostOperands outputs = Outputs();
        outputs.Data<float>(AttentionProblem.K)[3] = 0;
        Assert.Contains("input 'k' was written", Case.Judge(outputs).Reason, StringComparison.Ordinal);
    }

    private static HostOperands Copy()
    {
        var copy = new HostOperands(Case.Case.Problem, CaseExpectation.GuardElements);
        for (int i = 0; i < copy.Count; i++)
            if (copy[i] is { } array) Case.Operands[i]!.Bytes.CopyTo(array.Bytes);
        return copy;
    }

    private static HostOperands Outputs()
    {
        HostOperands copy = Copy();
        OperationProblem problem = Case.Case.Problem;
        double[]?[] unit = [null, null, null, null, new double[24], new double[1]];
        for (long u = 0; u < problem.UnitCount; u++)
        {
            AttentionOperation.Instance.NaiveUnit(problem, Case.Operands, u, unit);
            foreach (int operand in new[] { AttentionProblem.Out, AttentionProblem.Lse })
            {
                (long offset, int length) = problem.UnitSegment(operand, u);
                for (int d = 0; d < length; d++) copy.Data<float>(operand)[(int)offset + d] = (float)unit[operand]![d];
            }
        }

        return copy;
    }
}
