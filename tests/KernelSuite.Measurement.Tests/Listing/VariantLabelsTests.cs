using KernelSuite.Measurement;

namespace KernelSuite.Tests;

public sealed class VariantLabelsTests
{
    [Fact]
    public void Options_that_follow_from_others_go_unnamed()
    {
        (IReadOnlyDictionary<string, string> labels, string shared) = VariantLabels.Of(
            ["-DS=32 -DK=1 -DD=64 -DM=8", "-DS=16 -DK=1 -DD=64 -DM=8", "-DS=32 -DK=1 -DD=128 -DM=4", "-DS=16 -DK=1 -DD=128 -DM=4"]);
        Assert.Equal("K=1", shared);
        Assert.Equal("S=16 D=128", labels["-DS=16 -DK=1 -DD=128 -DM=4"]);
        Assert.Equal(4, labels.Values.Distinct().Count());
    }

    [Fact]
    public void An_option_that_only_some_have_tells_them_apart()
    {
        (IReadOnlyDictionary<string, string> labels, _) = VariantLabels.Of(["-DFAST", ""]);
        Assert.Equal("FAST", labels["-DFAST"]);
        Assert.Equal(string.Empty, labels[""]);
    }

    [Fact]
    public void A_single_variant_shares_all_with_itself() => Assert.Equal(("", "A=1 -O2"), (VariantLabels.Of(["-DA=1 -O2"]).Labels["-DA=1 -O2"], VariantLabels.Of(["-DA=1 -O2"]).Shared));
}
