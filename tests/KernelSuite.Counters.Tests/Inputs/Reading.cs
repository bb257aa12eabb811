using System.Text;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Tests.Inputs;

/// <summary>Reads texts as files of samples.</summary>
internal static class Reading
{
    public static ObservationSet Text(string text, SampleReadOptions? options = null) => Bytes(Encoding.UTF8.GetBytes(text), options);

    public static ObservationSet Bytes(byte[] bytes, SampleReadOptions? options = null)
    {
        using var stream = new MemoryStream(bytes);
        return CounterSamples.Read(stream, "test.csv", options);
    }

    public static CounterFormatException Fails(string text, SampleReadOptions? options = null) =>
        Assert.Throws<CounterFormatException>(() => Text(text, options));

    public static double Mean(this ObservationSet set, string counter, string? id = null)
    {
        Observation one = id is null ? Assert.Single(set.Observations) : Assert.Single(set.Observations, o => o.Id == id);
        int place = one.Counters.IndexOf(counter);
        Assert.True(place >= 0, $"'{counter}' is not among {string.Join(", ", one.Counters)}");
        return one.Moments.Mean[place];
    }

    public static SampleFormat Format(this ObservationSet set) => Assert.Single(set.Report.Files).Format;
}
