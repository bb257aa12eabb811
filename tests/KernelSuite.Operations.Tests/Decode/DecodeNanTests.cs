using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>
/// NaN in what a row sees, in every kind of storage. In a key it makes the slot's logit NaN, and so the row and its LSE; in a value it makes its
/// own columns NaN (of int4, those of the group whose factor it is) and leaves the others as they were.
/// </summary>
public sealed class DecodeNanTests
{
    private const int Slots = 330, BadSlot = 131, BadColumn = 45, Dim = 64, BadHead = 1;

    public static TheoryData<string, string> DeviceStorages
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string device in TestDevices.Ids)
                foreach (string storage in new[] { "float32", "float16", "bfloat16", "e4m3", "int4" }) data.Add(device, storage);
            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceStorages))]
    public void NaN_in_a_key_reaches_its_logit_and_the_rows_that_see_it(string id, string storage)
    {
        foreach ((DecodeProblem problem, OperandRun clean, OperandRun bad) in Runs(id, storage, DecodeProblem.K, DecodeProblem.KCodes))
        {
            float[] output = Output(problem, bad), expected = Output(problem, clean);
            float[] lse = bad.Read<float>(DecodeProblem.Lse), logits = bad.Read<float>(DecodeProblem.Logits);
            for (int row = 0; row < 4; row++)
            {
                bool seen = row / 2 == BadHead;
                Assert.Equal(seen, float.IsNaN(lse[row]));
                for (int slot = 0; slot < Slots; slot++) Assert.Equal(seen && slot == BadSlot, float.IsNaN(logits[(row * Slots) + slot]));
                for (int d = 0; d < Dim; d++)
                {
                    if (seen) Assert.True(float.IsNaN(output[(row * Dim) + d]), $"Row {row}, column {d}: {output[(row * Dim) + d]}");
                    else Assert.Equal(expected[(row * Dim) + d], output[(row * Dim) + d], 1e-5f);
                }
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceStorages))]
    public void NaN_in_a_value_reaches_its_own_columns(string id, string storage)
    {
        foreach ((DecodeProblem problem, OperandRun clean, OperandRun bad) in Runs(id, storage, DecodeProblem.V, DecodeProblem.VCodes))
        {
            float[] output = Output(problem, bad), expected = Output(problem, clean), lse = bad.Read<float>(DecodeProblem.Lse);
            Assert.DoesNotContain(expected, float.IsNaN);
            Assert.DoesNotContain(lse, float.IsNaN);
            for (int row = 0; row < 4; row++)
            {
                for (int d = 0; d < Dim; d++)
                {
                    bool poisoned = row / 2 == BadHead
                        && (storage == "int4" ? d / KvFormats.GroupSize == BadColumn / KvFormats.GroupSize : d == BadColumn);
                    float x = output[(row * Dim) + d];
                    if (poisoned) Assert.True(float.IsNaN(x), $"Row {row}, column {d}: {x}");
                    else Assert.Equal(expected[(row * Dim) + d], x, 1e-5f);
                }
            }
        }
    }

    /// <summary>By every implementation: a run as it should be, and one with a NaN in one row of one KV head.</summary>
    private static IEnumerable<(DecodeProblem Problem, OperandRun Clean, OperandRun Bad)> Runs(string id, string storage, int original, int codes)
    {
        Device device = DecodeBitsTests.Supported(id);
        DecodeProblem problem = Problem(storage);
        DecodeOperation operation = problem.Quantised is null ? DecodeOperation.Instance : DecodeOperation.Mixed;
        using var host = new HostOperands(problem);
        using var badHost = new HostOperands(problem);
        foreach (HostOperands operands in new[] { host, badHost })
            operation.FillInputs(new OperationCase("nan", problem, DecodeInputs.Normal, CaseSuite.Validate), Validator.DefaultSeed, operands);
        Poison(problem, badHost, original, codes);
        foreach (Implementation implementation in operation.Implementations(device.Info))
        {
            using OperandRun clean = Run(device, operation, implementation.Name, host), bad = Run(device, operation, implementation.Name, badHost);
            yield return (problem, clean, bad);
        }
    }

    private static DecodeProblem Problem(string storage)
    {
        var shape = new DecodeShape(1, 4, 2, 1, Dim);
        DecodeSegment slots = DecodeSegment.Contiguous(Slots), none = DecodeSegment.Contiguous(0);
        return storage switch
        {
            "e4m3" => new(shape, none, DType.Float32, quantised: new(KvFormat.E4M3, slots), hasLogits: true),
            "int4" => new(shape, none, DType.Float32, quantised: new(KvFormat.Int4, slots), hasLogits: true),
            _ => new(shape, slots, Enum.Parse<DType>(storage, ignoreCase: true), hasLogits: true),
        };
    }

    private static void Poison(DecodeProblem problem, HostOperands host, int original, int codes)
    {
        var rows = new CacheRows(problem, host);
        switch (problem.Quantised?.Format)
        {
            case KvFormat.E4M3: host.Data<byte>(codes)[(int)rows.Offset(codes, 0, BadHead, BadSlot) + BadColumn] = 0xFF; break;
            case KvFormat.Int4:
                host.Data<byte>(codes + 1)[(int)rows.Offset(codes + 1, 0, BadHead, BadSlot) + (BadColumn / KvFormats.GroupSize)] = 0x7F;
                break;
            default:
                int at = (int)rows.Offset(original, 0, BadHead, BadSlot) + BadColumn;
                if (problem.DType == DType.Float32) host.Data<float>(original)[at] = float.NaN;
                else if (problem.DType == DType.Float16) host.Data<Half>(original)[at] = Half.NaN;
                else host.Data<BFloat16>(original)[at] = (BFloat16)float.NaN;
                break;
        }
    }

    private static OperandRun Run(Device device, DecodeOperation operation, string implementation, HostOperands host)
    {
        var run = new OperandRun(device, host.Problem);
        for (int i = 0; i < host.Count; i++)
            if (host[i] is { Length: > 0 } array && !host.Problem.Operands[i]!.IsOutput) run.Write<byte>(i, array.Bytes);
        run.Launch(operation, implementation);
        return run;
    }

    private static float[] Output(DecodeProblem problem, OperandRun run) => problem.DType switch
    {
        DType.Float32 => run.Read<float>(DecodeProblem.Out),
        DType.Float16 => [.. run.Read<Half>(DecodeProblem.Out).Select(x => (float)x)],
        _ => [.. run.Read<BFloat16>(DecodeProblem.Out).Select(x => (float)x)],
    };
}
