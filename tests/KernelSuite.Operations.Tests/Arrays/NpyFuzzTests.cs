using System.Text;

namespace KernelSuite.Operations.Tests.Arrays;

/// <summary>Damaged headers by the thousand: each is read as what it says or refused as <see cref="NpyFormatException"/>, nothing else.</summary>
public sealed class NpyFuzzTests
{
    private const int Seed = 20240229;
    private const int Rounds = 20_000;

    private static readonly string[] Tokens =
    [
        "{", "}", "(", ")", "[", "]", ",", ":", "'", "\"", "\\", "\0", "\n", " ", "True", "False", "None", "'descr'", "'fortran_order'",
        "'shape'", "'<f2'", "'<f4'", "'<f8'", "'<i4'", "'>f4'", "'|O'", "(2, 3)", "(2,)", "()", "-1", "0", "1e9", "0x10", "4294967296",
        "9223372036854775808", "99999999999999999999", "u'shape'", "\u00e9", "(((((((((", "{{{{{{{{{",
    ];

    [Fact]
    public void Mutated_headers_are_read_or_refused()
    {
        var random = new Random(Seed);
        byte[][] seeds = [.. Directory.GetFiles(Golden.Path("npy"), "*.npy").Order(StringComparer.Ordinal).Select(File.ReadAllBytes), NpyBytes.Make()];
        int accepted = 0;
        int refused = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            // Raw damage mostly dies on the lengths; damage to the dictionary alone, with the length field put right, reaches the parser.
            bool dictionaryOnly = round % 2 == 1;
            byte[] file = dictionaryOnly ? Encoding.Latin1.GetBytes(NpyBytes.Header) : seeds[random.Next(seeds.Length)];
            for (int edits = random.Next(1, 4); edits > 0; edits--) file = Mutate(file, random);
            if (dictionaryOnly) file = NpyBytes.Make(Encoding.Latin1.GetString(file), version: random.Next(1, 4));
            try
            {
                using HostArray array = NpyBytes.Read(file);
                Assert.InRange(array.ByteLength, 0, file.Length);
                accepted++;
            }
            catch (NpyFormatException error)
            {
                Assert.InRange(error.Message.Length, 20, 1000);
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"Round {round}: {error.GetType().Name}: {error.Message} for {Convert.ToHexString(file)}");
            }
        }

        // Both outcomes have to occur, or the mutations test nothing. The managed bytes are mostly the mutated files and exceptions.
        Assert.InRange(accepted, Rounds / 100, Rounds / 2);
        Assert.InRange(refused, Rounds / 2, Rounds);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Rounds, 0, 64 * 1024);
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        // Damage falls on magic, lengths and dictionary; the elements behind them may hold anything anyway.
        int at = random.Next(Math.Min(file.Length, 140) + 1);
        switch (random.Next(9))
        {
            case 0:
                return file[..random.Next(file.Length + 1)];
            case 1:
                return Replace(file, at, 1, [(byte)random.Next(256)]);
            case 2:
                return Replace(file, at, 1, [(byte)((at < file.Length ? file[at] : 0) ^ (1 << random.Next(8)))]);
            case 3:
                return Replace(file, at, random.Next(1, 9), []);
            case 4:
                return Replace(file, at, 0, Encoding.Latin1.GetBytes(Tokens[random.Next(Tokens.Length)]));
            case 5:
                // Over the same number of bytes, so that the header length still fits.
                byte[] token = Encoding.Latin1.GetBytes(Tokens[random.Next(Tokens.Length)]);
                return Replace(file, at, token.Length, token);
            case 6:
                byte[] lengths = new byte[random.Next(1, 5)];
                random.NextBytes(lengths);
                return Replace(file, 8, lengths.Length, lengths);
            case 7:
                // Space after a comma or colon changes nothing inside a dictionary: these stay readable if nothing else is damaged.
                int gap = file.AsSpan(at).IndexOfAny((byte)',', (byte)':');
                return gap < 0 ? file : Replace(file, at + gap + 1, 0, Encoding.ASCII.GetBytes(new string(' ', random.Next(1, 64))));
            default:
                int from = random.Next(file.Length + 1);
                return Replace(file, at, random.Next(4), file.AsSpan(from, Math.Min(file.Length - from, random.Next(64))));
        }
    }

    private static byte[] Replace(byte[] file, int at, int count, ReadOnlySpan<byte> with)
    {
        at = Math.Min(at, file.Length);
        return [.. file.AsSpan(0, at), .. with, .. file.AsSpan(Math.Min(file.Length, at + count))];
    }
}
