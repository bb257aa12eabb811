using KernelSuite.Operations.KvStorage;

namespace KernelSuite.KvCache.Tests;

public class KvFormatTests
{
    [Theory]
    [InlineData(KvFormat.E4M3, 128, 132)]
    [InlineData(KvFormat.Int4, 128, 72)]
    [InlineData(KvFormat.Int4, 64, 38)]
    public void A_row_has_the_documented_bytes(KvFormat format, int dim, int bytes) => Assert.Equal(bytes, format.RowBytes(dim));

    [Fact]
    public void Int4_refuses_a_dimension_that_has_no_whole_groups()
    {
        Assert.Null(KvFormat.Int4.Refuses(96));
        Assert.Contains("multiple of 32", KvFormat.Int4.Refuses(80), StringComparison.Ordinal);
        Assert.Null(KvFormat.E4M3.Refuses(7));
    }
}
