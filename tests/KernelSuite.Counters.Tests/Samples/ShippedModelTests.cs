using KernelSuite.Counters.Models;
using Xunit;

namespace KernelSuite.Counters.Tests.Samples;

public class ShippedModelTests
{
    public static TheoryData<string> Models => [.. CounterSamples.Models()];

    [Fact]
    public void There_are_the_models_that_the_readme_lists() => Assert.Equal(9, CounterSamples.Models().Count());

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_has_nothing_to_report(string name)
    {
        FlowModel model = CounterSamples.Model(name);
        Assert.Empty(model.Diagnostics);
        Assert.NotNull(model.Sidecar?.Name);
        Assert.Empty(model.DefaultFeatures);
        // The wrong model whose belief is that a counter stays 0 is told so.
        string[] never = name.EndsWith("wrong-write-buffer.fdl", StringComparison.Ordinal) ? ["DLmw"] : [];
        Assert.Equal(never.Length, model.Enumerate().Diagnostics.Count);
        Assert.All(never, counter => Assert.Contains(counter, model.Enumerate().Diagnostics[0].Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void No_feature_drops_a_path_and_each_is_used(string name)
    {
        FlowModel model = CounterSamples.Model(name);
        long paths = model.Enumerate().Count;
        foreach (string feature in model.Features)
        {
            PathSet on = model.Enumerate([feature]);
            Assert.Empty(on.Diagnostics);
            // A feature may move a tick and leave the number of paths alone, as EarlyPsc does.
            Assert.True(on.Count >= paths, feature);
        }

        Assert.Empty(model.Enumerate(model.Features).Diagnostics);
    }
}
