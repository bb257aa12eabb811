using KernelSuite.Counters.Cones;
using Xunit;

namespace KernelSuite.Counters.Tests.Cones;

public class SignatureSetTests
{
    private static readonly CounterSet Three = new(["a", "b", "c"]);

    [Fact]
    public void Zero_vectors_multiples_and_repetitions_are_one_signature_or_none()
    {
        var set = new SignatureSet(Three, [[0, 0, 0], [2, 4, 0], [1, 2, 0], [0, 0, 7]]);
        Assert.Equal(2, set.Count);
        Assert.Equal([1L, 2L, 0L], set[0].ToArray());
        Assert.Equal([0L, 0L, 1L], set[1].ToArray());
    }

    [Fact]
    public void Projection_deletes_columns_and_reduces_again()
    {
        SignatureSet projected = new SignatureSet(Three, [[1, 2, 0], [2, 0, 3], [0, 5, 0]]).Project(new CounterSet(["c", "x", "a"]));
        Assert.Equal(["a", "c"], projected.Counters);
        Assert.Equal(2, projected.Count);
        Assert.Equal([1L, 0L], projected[0].ToArray());
        Assert.Equal([2L, 3L], projected[1].ToArray());
    }

    [Fact]
    public void Bad_vectors_are_named()
    {
        Assert.Contains("Expected 3", Assert.Throws<ArgumentException>(() => new SignatureSet(Three, [[1, 2]])).Message, StringComparison.Ordinal);
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => new SignatureSet(Three, [[1, 2, -1]])).Message, StringComparison.Ordinal);
        Assert.Contains("'a' comes twice", Assert.Throws<ArgumentException>(() => new CounterSet(["a", "a"])).Message, StringComparison.Ordinal);
    }
}
