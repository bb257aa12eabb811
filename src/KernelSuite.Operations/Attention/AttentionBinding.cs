using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>From arrays and option texts to a problem.</summary>
internal static class AttentionBinding
{
    public static AttentionProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray q = Tensor(inputs, "q", "[B, Hq, Nq, D]");
        HostArray k = Tensor(inputs, "k", "[B, Hk, Nk, D]");
        HostArray v = Tensor(inputs, "v", "[B, Hk, Nk, Dv]");
        Same(q.DType, k.DType, "k");
        Same(q.DType, v.DType, "v");
        Same("k", 0, k.Shape[0], q.Shape[0], "B, as in q");
        Same("v", 0, v.Shape[0], q.Shape[0], "B, as in q");
        Same("k", 3, k.Shape[3], q.Shape[3], "D, as in q");
        Same("v", 1, v.Shape[1], k.Shape[1], "Hk, as in k");
        Same("v", 2, v.Shape[2], k.Shape[2], "Nk, as in k");
        if (inputs.TryGetValue("kv_lengths", out HostArray? lengths)) CheckLengths(lengths, q.Shape[0], k.Shape[2]);

        (int left, int right) = options.IntegerPair("window") ?? (-1, -1);
        var settings = new AttentionOptions
        {
            Causal = options.Flag("causal"),
            WindowLeft = left,
            WindowRight = right,
            SoftCap = (float)(options.Real("softcap") ?? 0),
            Scale = (float?)options.Real("scale"),
        };
        var shape = new AttentionShape(
            (int)q.Shape[0], (int)q.Shape[1], (int)k.Shape[1], (int)q.Shape[2], (int)k.Shape[2], Dim(q.Shape[3], "q", "D"), Dim(v.Shape[3], "v", "Dv"));
        return new AttentionProblem(shape, q.DType, settings, hasKvLengths: lengths is not null);
    }

    private static HostArray Tensor(IReadOnlyDictionary<string, HostArray> inputs, string name, string form)
    {
        if (!inputs.TryGetValue(name, out HostArray? array))
            throw new ArgumentException($"'{name}' is missing. Expected an array of shape {form}.", name);
        if (array.Shape.Length != 4)
            throw new ArgumentException($"'{name}' has shape [{string.Join(", ", array.Shape)}]. Expected four dimensions {form}.", name);
        return array;
    }

    private static int Dim(long extent, string name, string symbol) => extent is >= 1 and <= AttentionShape.MaxHeadDim
        ? (int)extent
        : throw new ArgumentException($"Dimension 3 of '{name}' ({symbol}) is {extent}. Expected 1 to {AttentionShape.MaxHeadDim}.", name);

    private static void Same(DType expected, DType actual, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"'{name}' is {actual.Name()} but q is {expected.Name()}. Expected one dtype for q, k and v.", name);
    }

    private static void Same(string name, int dimension, long actual, long expected, string symbol)
    {
        if (actual != expected)
            throw new ArgumentException($"Dimension {dimension} of '{name}' is {actual}. Expected {expected} ({symbol}).", name);
    }

    private static void CheckLengths(HostArray lengths, long batch, long most)
    {
        if (lengths.DType != DType.Int32 || lengths.Shape.Length != 1 || lengths.Shape[0] != batch)
            throw new ArgumentException($"'kv_lengths' is {lengths.DType.Name()} of shape [{string.Join(", ", lengths.Shape)}]. Expected int32 of shape [{batch}].", "kv_lengths");
        foreach (int length in lengths.AsSpan<int>())
        {
            if (length < 0 || length > most)
                throw new ArgumentException($"'kv_lengths' holds {length}. Expected 0 to Nk = {most}.", "kv_lengths");
        }
    }
}
