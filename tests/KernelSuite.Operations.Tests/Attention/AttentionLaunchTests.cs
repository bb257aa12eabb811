using System.Numerics.Tensors;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>The public API: one-call forward, plans, errors, allocation, cancellation.</summary>
public sealed class AttentionLaunchTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Forward_on_spans_gives_the_weighted_mean(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] output = new float[2], lse = new float[1];
        FusedAttention.Forward<float>(device, new AttentionShape(1, 1, 1, 1, 2, 2), [1, 0], [0, 5, 0, 7], [1, 2, 3, 6], output, lse);
        Assert.Equal([2f, 4f], output);
        Assert.Equal(MathF.Log(2), lse[0], 6);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Forward_on_tensor_views_uses_their_strides(string id)
    {
        Device device = TestDevices.Shared(id);
        const int B = 2, H = 3, N = 19, D = 8;
        var random = new SeededRandom(5);
        float[] packed = [.. Enumerable.Range(0, B * N * 3 * H * D).Select(_ => (float)random.NextNormal())];

        // One [B, N, 3, H, D] array as a model's fused projection leaves it; q, k and v are views of it.
        nint[] lengths = [B, H, N, D], strides = [N * 3 * H * D, D, 3 * H * D, 1];
        ReadOnlyTensorSpan<float> View(int part) => new(packed.AsSpan(part * H * D), lengths, strides);
        float[] output = new float[B * H * N * D], expected = new float[output.Length];
        FusedAttention.Forward<float>(device, View(0), View(1), View(2), new TensorSpan<float>(output, lengths), options: new() { Causal = true });

        float[][] copies = [.. Enumerable.Range(0, 3).Select(part =>
        {
            var copy = new float[output.Length];
            View(part).FlattenTo(copy);
            return copy;
        })];
        FusedAttention.Forward<float>(device, new AttentionShape(B, H, H, N, N, D), copies[0], copies[1], copies[2], expected, options: new() { Causal = true });
        Assert.Equal(expected, output);
        Assert.Contains(output, x => x != 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void NaN_in_an_input_reaches_the_rows_that_see_it(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] q = [.. Enumerable.Repeat(0.5f, 70 * 4)], k = [.. q], v = [.. q], output = new float[70 * 4], lse = new float[70];
        q[4 * 33] = float.NaN;
        FusedAttention.Forward<float>(device, new AttentionShape(1, 1, 1, 70, 70, 4), q, k, v, output, lse);
        for (int row = 0; row < 70; row++)
        {
            Assert.Equal(row == 33, float.IsNaN(output[row * 4]));
            Assert.Equal(row == 33, float.IsNaN(lse[row]));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Gaps_of_the_output_keep_their_contents(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] q = new float[6], v = [1, 1, 1, 1, 1, 1], output = [9, 9, 9, 9, 9, 9, 9, 9];
        var problem = new AttentionProblem(new(1, 1, 1, 3, 3, 2), DType.Float32, layout: new() { Out = new(9, 9, 3) }, hasLse: false);
        FusedAttention.Forward<float>(device, problem, q, q, v, output);
        Assert.Equal([1f, 1f, 9f, 1f, 1f, 9f, 1f, 1f], output);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Wrong_sizes_and_foreign_buffers_are_named(string id)
    {
        Device device = TestDevices.Shared(id);
        var shape = new AttentionShape(1, 1, 1, 4, 4, 4);
        float[] ok = new float[16], small = new float[15];
        Assert.Contains("'v' holds 15", Assert.Throws<ArgumentException>(() => FusedAttention.Forward<float>(device, shape, ok, ok, small, ok)).Message, StringComparison.Ordinal);
        Assert.Contains("'output' holds 15", Assert.Throws<ArgumentException>(() => FusedAttention.Forward<float>(device, shape, ok, ok, ok, small)).Message, StringComparison.Ordinal);

        var problem = new AttentionProblem(shape, DType.Float32, hasLse: false);
        using AttentionPlan plan = AttentionPlan.Create(device, problem);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> buffer = device.Allocate<float>(16), tooSmall = device.Allocate<float>(12);
        using Device other = Device.Open("cpu");
        using DeviceBuffer<float> foreign = other.Allocate<float>(16);
        using DeviceStream foreignStream = other.CreateStream();
        Assert.Contains("'k' is too small", Assert.Throws<ArgumentException>(() => plan.Launch(stream, buffer, tooSmall, buffer, buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("'q' is absent", Assert.Throws<ArgumentException>(() => plan.Launch(stream, default, buffer, buffer, buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("another device", Assert.Throws<ArgumentException>(() => plan.Launch(stream, foreign, buffer, buffer, buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("stream", Assert.Throws<ArgumentException>(() => plan.Launch(foreignStream, buffer, buffer, buffer, buffer)).Message, StringComparison.Ordinal);
        Assert.Contains("without", Assert.Throws<ArgumentException>(() => plan.Launch(stream, buffer, buffer, buffer, buffer, lse: buffer)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => AttentionPlan.Create(device, problem, "fastest"));
        plan.Dispose();
        Assert.Throws<ObjectDisposedException>(() => plan.Launch(stream, buffer, buffer, buffer, buffer));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_launch_allocates_nothing(string id)
    {
        Device device = TestDevices.Shared(id);
        using AttentionPlan plan = AttentionPlan.Create(device, new AttentionProblem(new(1, 2, 2, 32, 32, 16), DType.Float32));
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent timing = device.CreateEvent();
        using DeviceBuffer<float> q = device.Allocate<float>(1024), k = device.Allocate<float>(1024), v = device.Allocate<float>(1024);
        using DeviceBuffer<float> output = device.Allocate<float>(1024), lse = device.Allocate<float>(64);
        foreach (DeviceBuffer<float> buffer in new[] { q, k, v }) stream.Write<float>(new float[1024], buffer);
        for (int i = 0; i < 50; i++) Launch();
        Assert.Equal(0, Allocations.Least(100, Launch));

        void Launch()
        {
            plan.Launch(stream, q, k, v, output, lse, timing: timing);
            stream.Synchronize();
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Workspace_does_not_grow_with_the_sequence(string id)
    {
        Device device = TestDevices.Shared(id);
        using AttentionPlan plan = AttentionPlan.Create(device, new AttentionProblem(new(1, 1, 1, 32768, 32768, 64), DType.Float32));
        Assert.InRange(plan.WorkspaceBytes, 0, 16 << 20);
    }

    [Fact]
    public void Cancellation_stops_between_tiles()
    {
        using Device device = Device.Open("cpu");
        using AttentionPlan plan = AttentionPlan.Create(device, new AttentionProblem(new(1, 64, 64, 512, 512, 64), DType.Float32, hasLse: false));
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> q = device.Allocate<float>(64 * 512 * 64), output = device.Allocate<float>(64 * 512 * 64);
        stream.Write<float>(new float[64 * 512 * 64], q);
        stream.Write<float>(Enumerable.Repeat(-1f, 64 * 512 * 64).ToArray(), output);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => plan.Launch(stream, q, q, q, output, cancellation: source.Token));
        float[] untouched = new float[16];
        stream.Read(output, untouched);
        Assert.All(untouched, x => Assert.Equal(-1f, x));

        using var timed = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        Assert.ThrowsAny<OperationCanceledException>(LaunchUntilCancelled);

        // The device is as good as before.
        plan.Launch(stream, q, q, q, output);
        stream.Read(output, untouched);
        Assert.All(untouched, x => Assert.Equal(0f, x));

        void LaunchUntilCancelled()
        {
            while (true) plan.Launch(stream, q, q, q, output, cancellation: timed.Token);
        }
    }
}
