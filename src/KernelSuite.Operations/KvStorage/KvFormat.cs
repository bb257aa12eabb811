namespace KernelSuite.Operations.KvStorage;

/// <summary>How a quantised key or value row lies in memory. Every row is scaled on its own: a token of one KV head.</summary>
public enum KvFormat
{
    /// <summary>
    /// One e4m3 code an element and one float32 scale a row: x ~ scale * code, scale = max|x| / 448 (1 for a row of zeros).
    /// D + 4 bytes a row. The maximum is over finite elements; one below 2^-100 counts as 0. An infinity becomes the largest code, a NaN 0x7F.
    /// </summary>
    E4M3,

    /// <summary>
    /// Groups of 32 elements with 4-bit codes 0 to 15: x ~ scale * group * (code - 8). In group g of a row, byte i of its 16 holds element i in its low
    /// and element i + 16 in its high nibble. <c>group</c> is a signed e4m3 factor a group, <c>scale</c> one float32 a row. With m the element of
    /// largest magnitude in the group (the first such) and d = m / -8: scale = max|d| / 448 over the row's groups (1 for a row of zeros), group = e4m3(d / scale), and
    /// code = clamp(round(x / (scale * group)) + 8, 0, 15), 8 where the group is 0; all in float32, rounding to nearest even. D is a multiple of 32. D/2 + D/32 + 4 bytes a row.
    /// Maxima are over finite elements; a row's below 2^-100 counts as 0. A group factor of 0 is 0x00. An infinity becomes the farthest code of its sign, a NaN code 8.
    /// </summary>
    Int4,
}

/// <summary>Sizes of <see cref="KvFormat"/> rows.</summary>
public static class KvFormats
{
    /// <summary>Elements that share a group factor in <see cref="KvFormat.Int4"/>.</summary>
    public const int GroupSize = 32;

    /// <summary>Bytes of codes in a row of <paramref name="dim"/> elements.</summary>
    public static int CodeBytes(this KvFormat format, int dim) => format == KvFormat.Int4 ? dim / 2 : dim;

    /// <summary>Group factors of a row, one byte each; 0 where the format has none.</summary>
    public static int GroupCount(this KvFormat format, int dim) => format == KvFormat.Int4 ? dim / GroupSize : 0;

    /// <summary>Bytes of a row in all: codes, group factors and the float32 scale.</summary>
    public static int RowBytes(this KvFormat format, int dim) => format.CodeBytes(dim) + format.GroupCount(dim) + sizeof(float);

    /// <summary>Name on the command line: <c>e4m3</c> or <c>int4</c>.</summary>
    public static string Name(this KvFormat format) => format == KvFormat.Int4 ? "int4" : "e4m3";

    /// <summary>Null where rows of <paramref name="dim"/> elements can be stored, otherwise what was expected.</summary>
    public static string? Refuses(this KvFormat format, int dim) =>
        format == KvFormat.Int4 && dim % GroupSize != 0 ? $"int4 groups {GroupSize} elements: expected a head dimension that is a multiple of {GroupSize}, got {dim}; use e4m3." : null;
}
