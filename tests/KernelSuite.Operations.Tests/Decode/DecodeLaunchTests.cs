using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>The public API: one call on spans, plans, splits, pages that do not exist, allocation.</summary>
public sealed class DecodeLaunchTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Forward_gives_the_weighted_mean(string id)
    {
        Device device = DecodeBitsTests.Supported(id);
        float[] output = new float[2], lse = new float[1];
        DecodeAttention.Forward<float>(device, new DecodeShape(1, 1, 1, 1, 2), 2, [1, 0], [0, 5, 0, 7], [1, 2, 3, 6], output, lse);
        Assert.Equal([2f, 4f], output);
        Assert.Equal(MathF.Log(2), lse[0], 6);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Any_number_of_splits_is_within_the_tolerance(string id)
    {
        Device device = DecodeBitsTests.Supported(id);
        DecodeOperation plain = DecodeOperation.Instance, mixed = DecodeOperation.Mixed;
        (DecodeOperation, string)[] cases = [(plain, "long"), (mixed, "int4-long"), (mixed, "e4m3-long")];
        foreach ((DecodeOperation operation, string name) in cases)
        {
            CaseExpectation expectation = NamedCases.Expect(operation.Name, $"{name} float32");
            var p = (DecodeProblem)expectation.Case.Problem;
            foreach (int splits in new[] { 1, 2, 3, 7, 16, 100, 4096 })
            {
                var problem = new DecodeProblem(p.Shape, p.Original, p.DType, new() { Splits = splits }, null, p.Quantised, hasLogits: true);
                CaseResult result = Validator.Validate(device, expectation, "split", d => DecodePlan.Create(d, problem));
                Assert.True(result.Status == CaseStatus.Pass, $"{name}, {splits} splits: {result.Reason}");
            }
        }
    }

    /// <summary>
    /// Sequence b has logit 150 at slot b and -150 elsewhere: its output is that slot's value whichever work-item, tile or part holds it. Any
    /// other maximum overflows.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_largest_logit_is_found_wherever_it_lies(string id)
    {
        Device device = DecodeBitsTests.Supported(id);
        const int N = 256;
        float[] q = [.. Enumerable.Repeat(1f, N)], k = new float[N * N], v = [.. Enumerable.Range(0, N * N).Select(i => (float)(i % N))];
        k.AsSpan().Fill(-150);
        for (int b = 0; b < N; b++) k[(b * N) + b] = 150;
        foreach (int splits in new[] { 1, 4 })
        {
            var problem = new DecodeProblem(new(N, 1, 1, 1, 1), DecodeSegment.Contiguous(N), DType.Float32, new() { Scale = 1, Splits = splits });
            (float[] output, float[] lse) = DecodeBitsTests.Run(device, problem, q, k, v);
            Assert.Equal(Enumerable.Range(0, N).Select(b => (float)b), output);
            Assert.All(lse, x => Assert.Equal(150f, x));
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_page_that_is_not_in_the_pool_is_an_error_on_cpu(int page)
    {
        var problem = new DecodeProblem(new(1, 1, 1, 1, 4), DecodeSegment.Paged(new(3, 2, 4)), DType.Float32);
        float[] cache = new float[3 * 2 * 4], output = new float[4];
        ArgumentException error = Assert.Throws<ArgumentException>(() => DecodeAttention.Forward(
            TestDevices.Shared("cpu"), problem,
            new DecodeSpans<float> { Q = new float[4], K = cache, V = cache, PageTable = [0, page, 1, 2], KvLengths = [3], Out = output }));
        Assert.Contains($"'page_table'[0, 1] is page {page}", error.Message, StringComparison.Ordinal);

        // Past the length the same id is nobody's business.
        DecodeAttention.Forward(
            TestDevices.Shared("cpu"), problem,
            new DecodeSpans<float> { Q = new float[4], K = cache, V = cache, PageTable = [0, page, page, page], KvLengths = [2], Out = output });
    }

    [Fact]
    public void Wrong_sizes_are_named()
    {
        Device device = TestDevices.Shared("cpu");
        float[] ok = new float[16], small = new float[15];
        var shape = new DecodeShape(1, 1, 1, 4, 4);
        Assert.Contains("'v' holds 15", Assert.Throws<ArgumentException>(() =>
            DecodeAttention.Forward<float>(device, shape, 4, ok, ok, small, ok)).Message, StringComparison.Ordinal);
        Assert.Contains("'out' holds 15", Assert.Throws<ArgumentException>(() =>
            DecodeAttention.Forward<float>(device, shape, 4, ok, ok, ok, small)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DecodePlan.Create(device, new(shape, DecodeSegment.Contiguous(4), DType.Float32), "fastest"));
        Assert.Throws<ArgumentException>(() =>
            DecodeOperation.Mixed.Plan(device, new DecodeProblem(shape, DecodeSegment.Contiguous(4), DType.Float32)));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_launch_allocates_nothing_and_needs_no_lse_or_logits(string id)
    {
        Device device = DecodeBitsTests.Supported(id);
        using DecodePlan plan = DecodePlan.Create(device, new(new(1, 4, 2, 1, 64), DecodeSegment.Contiguous(700), DType.Float32, hasLogits: true));
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> q = device.Allocate<float>(256), k = device.Allocate<float>(2 * 700 * 64), output = device.Allocate<float>(256);
        stream.Write<float>(new float[256], q);
        stream.Write<float>(new float[2 * 700 * 64], k);
        var operands = new DeviceSlice[DecodeProblem.OperandCount];
        operands[DecodeProblem.Q] = q;
        operands[DecodeProblem.K] = operands[DecodeProblem.V] = k;
        operands[DecodeProblem.Out] = output;
        for (int i = 0; i < 50; i++) Launch();
        Assert.Equal(0, Allocations.Least(100, Launch));

        void Launch()
        {
            plan.Launch(stream, operands);
            stream.Synchronize();
        }
    }
}
