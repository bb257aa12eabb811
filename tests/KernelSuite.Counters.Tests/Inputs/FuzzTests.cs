using System.Text;
using KernelSuite.Counters.Inputs;

namespace KernelSuite.Counters.Tests.Inputs;

/// <summary>Files that were damaged at random: read, or refused with a place, and nothing else.</summary>
public sealed class FuzzTests
{
    private const int Mutations = 24_000;

    private static readonly string[] Corpus =
    [
        "workload,page,time,counter,value\nbfs,4k,0,a,10\nbfs,4k,0,b,1\nbfs,4k,1,a,20\nbfs,4k,1,b,\n\"x,\"\"y\",4k,1,b,1.5e3\n",
        "workload;a;b;c\nbfs;1;10;100\nbfs;2;20,5;200\npr;4;1.234.567;400\n",
        "# started on x\n\n     0.02,CPU0,0.48,msec,task-clock,478999,100.00,0.024,CPUs utilized\n     "
        + "0.02,CPU1,76,,cpu/event=1,umask=2/u,478999,43.00,,\n     0.04,CPU1,<not counted>,,a:u,0,0.00,,\n",
        "48,,page-faults,0.69%,410512,100.00,,\n,,,,,1.5,insn\n52,,page-faults,0.69%,410512,100.00,,\n",
        """{"interval" : 0.02, "cpu" : "0", "counter-value" : "73.000000", "unit" : "", "event" : "a:u", "pcnt-running" : 100.00}""" + "\n",
        SimulatorTests.NcuLong, SimulatorTests.NcuRaw, SimulatorTests.Gem5, SimulatorTests.Cachegrind,
    ];

    private static readonly string[] Splices =
    [
        ",", ";", "\"", "\"\"", "\n", "\r\n", "\t", "\0", "/", "#", "-", "1e308", "999999999999999999999", "<not counted>", "nan", "\u00A0",
        "\uFEFF", "{", "}", "::", "%", "100.00", "ID",
        "summary:", "events: a a", "----------", "file", " ", "1,234", "\u202F",
    ];

    [Fact]
    public void Mutations_of_every_dialect_are_read_or_refused_with_a_place()
    {
        var random = new Random(20260115);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] text = Mutate(Encoding.UTF8.GetBytes(Corpus[i % Corpus.Length]), random);
            if (random.Next(16) == 0) text = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(text))];
            SampleFormat format = random.Next(4) == 0 ? (SampleFormat)random.Next(9) : SampleFormat.Auto;
            var options = new SampleReadOptions { Format = format, GroupBy = random.Next(8) == 0 ? [] : null };
            try
            {
                ObservationSet set = Reading.Bytes(text, options);
                Assert.All(set.Observations, o => Assert.All(o.Moments.Mean.ToArray(), m => Assert.True(double.IsFinite(m))));
                Assert.True(set.Report.Samples >= set.Observations.Count);
            }
            catch (CounterFormatException error)
            {
                refused++;
                Assert.False(string.IsNullOrWhiteSpace(error.NextStep));
                Assert.StartsWith("test.csv", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(refused, Mutations / 10, Mutations * 9 / 10);
    }

    private static byte[] Mutate(byte[] text, Random random)
    {
        var bytes = new List<byte>(text);
        for (int edits = random.Next(1, 5); edits > 0 && bytes.Count > 0; edits--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 3: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Splices[random.Next(Splices.Length)])); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }

        return [.. bytes];
    }
}
