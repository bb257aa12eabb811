namespace KernelSuite.Counters.Inputs;

/// <summary>The character between the whole and the fraction of a number; the other one of '.' and ',' groups thousands.</summary>
public enum DecimalMark
{
    /// <summary>
    /// A point. A comma counts as grouping or as a decimal mark where that is certain, and is an error where it can be both, as in 1,234.
    /// </summary>
    Auto,

    /// <summary>A point; commas group thousands.</summary>
    Point,

    /// <summary>A comma; points group thousands.</summary>
    Comma,
}
