using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Checks on arrays that a user handed in, shared by the bindings of operations.</summary>
internal static class BoundArrays
{
    /// <summary>A required array of some number of dimensions.</summary>
    /// <exception cref="ArgumentException">It is missing or of another rank.</exception>
    public static HostArray Need(this IReadOnlyDictionary<string, HostArray> inputs, string name, int rank, string form) => inputs.Take(name, rank, form)
        ?? throw new ArgumentException($"'{name}' is missing. Expected an array of shape {form}.", name);

    /// <summary>An optional array of some number of dimensions; null where it is absent.</summary>
    /// <exception cref="ArgumentException">It is of another rank.</exception>
    public static HostArray? Take(this IReadOnlyDictionary<string, HostArray> inputs, string name, int rank, string form)
    {
        if (!inputs.TryGetValue(name, out HostArray? array)) return null;
        if (array.Rank != rank) throw new ArgumentException($"'{name}' has shape [{string.Join(", ", array.Shape)}]. Expected {rank} dimensions: {form}.", name);
        foreach (long extent in array.Shape)
            if (extent > int.MaxValue) throw new ArgumentException($"'{name}' has an extent of {extent}. Expected at most {int.MaxValue}.", name);
        return array;
    }

    /// <summary>Checks dtype and shape of an array that others determine; null is let through.</summary>
    /// <exception cref="ArgumentException">Names the array, what was found and what was expected.</exception>
    public static void MustBe(this HostArray? array, string name, DType dtype, params ReadOnlySpan<long> shape)
    {
        if (array is null || (array.DType == dtype && array.Shape.AsSpan().SequenceEqual(shape))) return;
        string expected = string.Join(", ", shape.ToArray());
        throw new ArgumentException($"'{name}' is {array.DType.Name()} of shape [{string.Join(", ", array.Shape)}]. Expected {dtype.Name()} of shape [{expected}].", name);
    }
}
