namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>The order of scores as unsigned integers: larger scores have larger keys, NaN is 0, -0 is +0.</summary>
internal static class ScoreKey
{
    public static uint Of(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score);
        if ((bits & 0x7FFFFFFF) > 0x7F800000) return 0;
        if (bits == 0x80000000) return 0x80000000;
        return (int)bits < 0 ? ~bits : bits | 0x80000000;
    }

    /// <summary>The score of a key; the nearest infinity for keys that only NaN would have.</summary>
    public static float ScoreOf(uint key)
    {
        if (key < 0x007FFFFF) return float.NegativeInfinity;
        if (key > 0xFF800000) return float.PositiveInfinity;
        return BitConverter.UInt32BitsToSingle((int)key < 0 ? key ^ 0x80000000 : ~key);
    }
}

/// <summary>
/// Where a row's selection stands. Keys are looked at from the top, <see cref="DigitBits"/> at a time: 11, 11 and 10 bits. The k-th largest key
/// starts with
/// <see cref="Prefix"/>; of the keys that do, <see cref="Remaining"/> are wanted. After the last digit Prefix is that key itself.
/// </summary>
internal struct TopKState
{
    /// <summary>Bits of the first two digits: 2048 counters fit into half of a first-level cache, and three passes do.</summary>
    public const int DigitBits = 11;

    /// <summary>Bins of a digit; the last digit uses half of them.</summary>
    public const int Bins = 1 << DigitBits;

    /// <summary>Digits of a key.</summary>
    public const int Digits = 3;

    public uint Prefix;
    public int Remaining;
    public int Length;
    public int Count;

    /// <summary>Lowest bit of a digit.</summary>
    public static int Shift(int digit) => digit switch { 0 => 21, 1 => 10, _ => 0 };

    /// <summary>Bins of a digit in use.</summary>
    public static int BinsOf(int digit) => digit == 2 ? Bins / 2 : Bins;
}
