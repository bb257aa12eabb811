using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

/// <summary>The check that every cone goes through refuses rows that are wrong, and rows that are true but no facets.</summary>
public class RowVerificationTests
{
    private static readonly CounterSet Names = new(["a", "b"]);
    private static readonly SignatureSet Signatures = new(Names, [[1, 0], [1, 1]]);

    [Theory]
    [InlineData(-1, 1, false, null)]
    [InlineData(1, -1, false, "breaks the row a <= b")]
    [InlineData(-2, 1, false, "tight on 0 independent")]
    [InlineData(1, -1, true, "breaks the row a == b")]
    public void It_refuses(int a, int b, bool isEquality, string? part)
    {
        var row = new ConeRow(Names, [(BigInteger)a, (BigInteger)b], isEquality);
        ConeRow[] equalities = isEquality ? [row] : [], facets = isEquality ? [] : [row];
        Exception? thrown = Record.Exception(() => RowVerification.Check(Signatures, 2, equalities, facets, CancellationToken.None));
        if (part is null) Assert.Null(thrown);
        else Assert.Contains(part, Assert.IsType<ConeVerificationException>(thrown).Message, StringComparison.Ordinal);
    }
}
