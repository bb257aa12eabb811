namespace KernelSuite.Measurement;

/// <summary>Shell-like patterns over names: <c>*</c> is any text, <c>?</c> any one character, and letters match without regard to case.</summary>
public static class Glob
{
    /// <summary>Whether all of <paramref name="name"/> matches. Linear space, no recursion, at worst the product of the lengths in time.</summary>
    public static bool IsMatch(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(name);
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToLowerInvariant(pattern[p]) == char.ToLowerInvariant(name[n])))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>Whether a pattern has no wildcard, that is, names one thing.</summary>
    public static bool IsLiteral(string pattern) => pattern.AsSpan().IndexOfAny('*', '?') < 0;
}
