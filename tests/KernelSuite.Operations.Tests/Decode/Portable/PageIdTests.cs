using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode.Portable;

/// <summary>
/// Devices with programs do not report a page id that names no page, but it must not lead out of the pool: they read the last page instead. Two
/// pages' worth of NaN lie on both sides of every operand, so a stray row shows and harms nothing.
/// </summary>
public sealed class PageIdTests
{
    private const int Pages = 3, PageSize = 16, Dim = 64, PageElements = 2 * PageSize * Dim;

    private static readonly DecodeSegment Paged = DecodeSegment.Paged(new KvPaging(Pages, PageSize, 3));

    private static readonly DecodeProblem Problem =
        new(new(1, 4, 2, 1, Dim), Paged, DType.Float32, quantised: new(KvFormat.E4M3, Paged));

    public static TheoryData<string> Devices => [.. TestDevices.Ids.Where(id => id != "cpu")];

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void An_id_that_names_no_page_is_taken_for_the_last_one(string id)
    {
        Device device = TestDevices.Shared(id);
        foreach (Implementation implementation in DecodeOperation.Mixed.Implementations(device.Info))
        {
            using DecodePlan plan = DecodePlan.Create(device, Problem, implementation.Name);
            foreach (int operand in new[] { DecodeProblem.PageTable, DecodeProblem.QuantisedPageTable })
            {
                float[] last = Run(plan, operand, Pages - 1);
                Assert.DoesNotContain(last, float.IsNaN);
                Assert.NotEqual(last, Run(plan, operand, Pages - 2));
                foreach (int none in new[] { Pages, Pages + 1, -1 }) Assert.Equal(last, Run(plan, operand, none));
            }
        }
    }

    /// <summary>The output, where the second page of a segment's table is the one given.</summary>
    private static float[] Run(DecodePlan plan, int table, int page)
    {
        using var host = new HostOperands(Problem, 2 * PageElements);
        for (int i = 0; i < host.Count; i++) host[i]?.Bytes.Fill(0xFF);
        var random = new SeededRandom(3);
        foreach (int operand in new[] { DecodeProblem.Q, DecodeProblem.K, DecodeProblem.V, DecodeProblem.KScales, DecodeProblem.VScales })
        {
            Span<float> values = host.Data<float>(operand)[..(int)Problem.Operands[operand]!.StorageLength];
            foreach (ref float value in values) value = (float)random.NextNormal();
        }

        foreach (int operand in new[] { DecodeProblem.KCodes, DecodeProblem.VCodes })
        {
            Span<byte> codes = host.Data<byte>(operand)[..(int)Problem.Operands[operand]!.StorageLength];
            foreach (ref byte code in codes) code = Float8E4M3.Encode((float)random.NextNormal());
        }

        foreach (int operand in new[] { DecodeProblem.PageTable, DecodeProblem.QuantisedPageTable })
            new[] { 0, operand == table ? page : 1, 0 }.CopyTo(host.Data<int>(operand));
        host.Data<int>(DecodeProblem.KvLengths)[0] = host.Data<int>(DecodeProblem.QuantisedLengths)[0] = (2 * PageSize) + 5;

        using DeviceStream stream = plan.Device.CreateStream();
        var memory = new DeviceMemory?[host.Count];
        var slices = new DeviceSlice[host.Count];
        try
        {
            for (int i = 0; i < host.Count; i++)
            {
                if (host[i] is not { } array) continue;
                memory[i] = plan.Device.Allocate(array.DType, array.Length);
                slices[i] = new DeviceSlice(memory[i], host.Offset);
                stream.WriteBytes(array.Bytes, memory[i]!, 0);
            }

            plan.Launch(stream, slices);
            stream.Synchronize();
            stream.ReadBytes(memory[DecodeProblem.Out]!, 0, host[DecodeProblem.Out]!.Bytes);
            return host.Data<float>(DecodeProblem.Out)[..(int)Problem.Operands[DecodeProblem.Out]!.StorageLength].ToArray();
        }
        finally
        {
            foreach (DeviceMemory? m in memory) m?.Dispose();
        }
    }
}
