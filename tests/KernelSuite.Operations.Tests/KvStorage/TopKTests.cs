using KernelSuite.Operations.Selection;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Scores that compare equal although their bits differ.</summary>
public sealed class TopKTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Zeros_of_both_signs_are_ties(string id)
    {
        Device device = TestDevices.Shared(id);
        var problem = new TopKProblem(2, 6, 3);
        foreach (Implementation implementation in TopKOperation.Instance.Implementations(device.Info))
        {
            using var run = new OperandRun(device, problem);
            run.Write(TopKProblem.Scores, [-0f, 0f, -1f, -0f, 0f, 1f, 0f, -0f, float.NaN, 0f, -0f, float.NegativeInfinity]);
            run.Launch(TopKOperation.Instance, implementation.Name);
            Assert.Equal([0, 1, 5, 0, 1, 3], run.Read<int>(TopKProblem.Indices));
        }
    }
}
