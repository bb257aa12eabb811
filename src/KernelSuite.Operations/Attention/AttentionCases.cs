using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>The named cases: ugly sizes, every mask, every layout; and the shapes that are timed.</summary>
internal static class AttentionCases
{
    public static IReadOnlyList<OperationCase> All { get; } = [.. AttentionOperation.StorageTypes.SelectMany(Make)];

    private static IEnumerable<OperationCase> Make(DType dtype)
    {
        AttentionOptions causal = new() { Causal = true };
        OperationCase Validate(string name, AttentionShape shape, AttentionOptions? options = null, string inputs = AttentionInputs.Normal, AttentionLayout? layout = null) =>
            new(name, new AttentionProblem(shape, dtype, options, layout, inputs == AttentionInputs.Ragged), inputs, CaseSuite.Validate);
        OperationCase Bench(string name, AttentionShape shape, AttentionOptions? options = null) =>
            new(name, new AttentionProblem(shape, dtype, options), AttentionInputs.Normal, CaseSuite.Bench);

        // One key, one query, one dimension; then primes and sizes around the tile edges of the kernels.
        yield return Validate("one", new(1, 1, 1, 1, 1, 1));
        yield return Validate("one-row-d64", new(1, 2, 2, 1, 77, 64));
        yield return Validate("one-key-d64", new(1, 2, 2, 77, 1, 64));
        yield return Validate("primes-d7-dv5", new(2, 3, 3, 17, 19, 7, 5));
        yield return Validate("primes-d127-dv131", new(1, 2, 2, 113, 211, 127, 131));
        yield return Validate("tile-minus-1-d64", new(1, 2, 2, 63, 127, 64));
        yield return Validate("tile-d64", new(1, 2, 2, 64, 128, 64));
        yield return Validate("tile-plus-1-d64", new(1, 2, 2, 65, 129, 64));
        yield return Validate("block-minus-1-d128", new(1, 1, 1, 255, 191, 128));
        yield return Validate("block-plus-1-d128", new(1, 1, 1, 257, 193, 128));
        yield return Validate("d256", new(1, 2, 2, 67, 131, 256));
        yield return Validate("d1", new(1, 2, 2, 33, 65, 1));
        yield return Validate("d64-dv128", new(1, 2, 2, 40, 90, 64, 128));
        yield return Validate("d192-dv128", new(1, 2, 1, 40, 90, 192, 128));
        yield return Validate("no-query", new(2, 2, 2, 0, 33, 64));
        yield return Validate("no-key", new(2, 2, 2, 5, 0, 64));
        yield return Validate("no-batch", new(0, 2, 2, 5, 7, 64));

        // Heads shared by several query heads.
        yield return Validate("gqa-8-2", new(2, 8, 2, 37, 71, 64));
        yield return Validate("mqa-4-1", new(2, 4, 1, 37, 71, 64));
        yield return Validate("decode-gqa", new(3, 8, 2, 1, 301, 128), causal);

        // Masks: square, more keys than queries, more queries than keys (top rows see nothing), windows that miss everything.
        yield return Validate("causal-square", new(1, 2, 2, 97, 97, 64), causal);
        yield return Validate("causal-short-q", new(1, 2, 2, 33, 129, 64), causal);
        yield return Validate("causal-long-q-masked-rows", new(1, 2, 2, 129, 33, 64), causal);
        yield return Validate("causal-blocks", new(1, 1, 1, 389, 389, 64), causal);
        yield return Validate("window-16-0", new(1, 2, 2, 150, 150, 64), new() { WindowLeft = 16, WindowRight = 0 });
        yield return Validate("window-8-8", new(1, 2, 2, 150, 170, 64), new() { WindowLeft = 8, WindowRight = 8 });
        yield return Validate("window-left-only", new(1, 2, 2, 90, 90, 32), new() { WindowLeft = 5 });
        yield return Validate("window-right-only", new(1, 2, 2, 90, 70, 32), new() { WindowRight = 4 });
        yield return Validate("window-0-0", new(1, 2, 2, 70, 40, 32), new() { WindowLeft = 0, WindowRight = 0 });
        yield return Validate("window-causal-blocks", new(1, 1, 1, 400, 600, 64), new() { Causal = true, WindowLeft = 130 });
        yield return Validate("softcap-30", new(1, 2, 2, 61, 83, 64), new() { SoftCap = 30 });
        yield return Validate("softcap-5-causal", new(1, 2, 2, 83, 83, 64), new() { SoftCap = 5, Causal = true });
        yield return Validate("softcap-50-extreme", new(1, 2, 2, 61, 83, 64), new() { SoftCap = 50 }, AttentionInputs.ExtremeLogits);
        yield return Validate("scale-0.3", new(1, 2, 2, 61, 83, 64), new() { Scale = 0.3f });
        yield return Validate("scale-0", new(1, 2, 2, 31, 43, 64), new() { Scale = 0 });
        yield return Validate("scale-negative", new(1, 2, 2, 31, 43, 64), new() { Scale = -0.125f });

        // Inputs that break an unsafe softmax or a careless tail.
        yield return Validate("logits-100", new(1, 2, 2, 75, 203, 64), null, AttentionInputs.ExtremeLogits);
        yield return Validate("logits-100-causal", new(1, 2, 2, 203, 203, 128), causal, AttentionInputs.ExtremeLogits);
        yield return Validate("ties", new(1, 2, 2, 35, 203, 64), null, AttentionInputs.Ties);
        yield return Validate("padding", new(6, 2, 2, 35, 203, 64), null, AttentionInputs.Ragged);
        yield return Validate("padding-causal-gqa", new(6, 4, 2, 95, 130, 64), causal, AttentionInputs.Ragged);
        yield return Validate("padding-window-softcap", new(5, 2, 2, 95, 130, 32), new() { WindowLeft = 20, WindowRight = 10, SoftCap = 20 }, AttentionInputs.Ragged);

        // Strides: a [B,N,H,D] tensor, rows with gaps, one key/value batch entry shared by all.
        yield return Validate("layout-bnhd", new(2, 4, 2, 50, 61, 64), causal, layout: new()
        {
            Q = TensorStrides.TokenMajor(4, 50, 64),
            K = TensorStrides.TokenMajor(2, 61, 64),
            V = TensorStrides.TokenMajor(2, 61, 64),
            Out = TensorStrides.TokenMajor(4, 50, 64),
        });
        yield return Validate("layout-gaps", new(2, 2, 2, 50, 61, 40, 24), layout: new()
        {
            Q = new(2 * 50 * 47 + 9, 50 * 47, 47),
            K = new(2 * 61 * 53 + 5, 61 * 53, 53),
            V = new(2 * 61 * 29 + 3, 61 * 29, 29),
            Out = new(2 * 50 * 31 + 7, 50 * 31, 31),
        });
        yield return Validate("layout-shared-kv", new(3, 2, 2, 20, 61, 64), layout: new()
        {
            K = new(0, 61 * 64, 64),
            V = new(0, 61 * 64, 64),
        });

        // Timed shapes.
        yield return Bench("b1h8n2048d128", new(1, 8, 8, 2048, 2048, 128));
        yield return Bench("b1h8n2048d128-causal", new(1, 8, 8, 2048, 2048, 128), causal);
        yield return Bench("b1h8n2048d64", new(1, 8, 8, 2048, 2048, 64));
        yield return Bench("b1h8n2048d64-causal", new(1, 8, 8, 2048, 2048, 64), causal);
        yield return Bench("b4h16n256d64", new(4, 16, 16, 256, 256, 64));
        yield return Bench("b1h32-8n1024d128-causal", new(1, 32, 8, 1024, 1024, 128), causal);
        yield return Bench("b1h1n32768d64", new(1, 1, 1, 32768, 32768, 64)) with { Suite = CaseSuite.Long };
    }
}
