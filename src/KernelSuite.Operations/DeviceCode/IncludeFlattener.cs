using System.Globalization;
using System.Text;

namespace KernelSuite.Operations;

/// <summary>
/// Turns a device source and its headers into one text, because a device compiler gets a string and has no folder to search.
/// An include is looked for beside the file that asks, then from the root of the kernels. Each header is taken once.
/// </summary>
internal static class IncludeFlattener
{
    private const int MaxDepth = 16;

    /// <summary>Flattens <paramref name="path"/>.</summary>
    /// <param name="path">The source, relative to the root.</param>
    /// <param name="read">Gives a file's text, or null where there is none.</param>
    /// <exception cref="InvalidOperationException">A missing header, too deep a nesting, or an include inside a condition.</exception>
    public static string Flatten(string path, Func<string, string?> read)
    {
        string source = read(path) ?? throw new InvalidOperationException($"There is no device source '{path}'.");
        var text = new StringBuilder();
        Append(path, source, depth: 0, new HashSet<string>(StringComparer.Ordinal) { path }, read, text);
        return text.ToString();
    }

    /// <summary>
    /// The files that a source is made of: itself and every header it includes, directly or not, in whatever brackets and under whatever
    /// condition, as far as <paramref name="read"/> has them. Others are a compiler's own.
    /// </summary>
    public static IReadOnlyList<string> Reach(string path, Func<string, string?> read)
    {
        var reached = new List<string>();
        var pending = new Stack<string>([path]);
        while (pending.TryPop(out string? file))
        {
            if (reached.Contains(file) || read(file) is not string text) continue;
            reached.Add(file);
            string folder = file.Contains('/', StringComparison.Ordinal) ? file[..(file.LastIndexOf('/') + 1)] : string.Empty;
            foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
            {
                if (Directive(line, out string operand) != "include" || operand.Length < 2) continue;
                int close = operand.IndexOf(operand[0] == '<' ? '>' : '"', 1);
                if (close < 0) continue;
                string name = operand[1..close];
                if (new[] { Normalize(folder + name), Normalize(name) }.FirstOrDefault(c => c.Length > 0 && read(c) is not null) is string header) pending.Push(header);
            }
        }

        return reached;
    }

    private static void Append(string path, string source, int depth, HashSet<string> seen, Func<string, string?> read, StringBuilder text)
    {
        string[] lines = source.ReplaceLineEndings("\n").Split('\n');
        if (lines[^1].Length == 0) lines = lines[..^1];
        int guard = GuardDepth(lines);
        int conditions = 0;
        Mark(text, 1, path);
        for (int i = 0; i < lines.Length; i++)
        {
            string directive = Directive(lines[i], out string operand);
            conditions += directive switch
            {
                "if" or "ifdef" or "ifndef" => 1,
                "endif" => -1,
                _ => 0,
            };
            // Angle brackets inside a condition are the other language's headers, and compiled out here.
            if (directive != "include" || (conditions > guard && operand.StartsWith('<')))
            {
                text.Append(lines[i]).Append('\n');
                continue;
            }

            // A header that is taken once would be lost to the rest of the text if its one place were compiled out.
            string place = string.Create(CultureInfo.InvariantCulture, $"{path}:{i + 1}");
            if (conditions > guard) throw new InvalidOperationException($"{place}: #include inside a condition. Include at the top of the file instead.");
            if (depth >= MaxDepth) throw new InvalidOperationException($"{place}: includes are nested more than {MaxDepth} deep.");
            string header = Resolve(path, operand, place, read, out string found);
            if (!seen.Add(header)) text.Append('\n');
            else
            {
                Append(header, found, depth + 1, seen, read, text);
                Mark(text, i + 2, path);
            }
        }
    }

    private static string Resolve(string path, string operand, string place, Func<string, string?> read, out string found)
    {
        int close = operand.Length > 1 && operand[0] == '"' ? operand.IndexOf('"', 1) : -1;
        if (close < 0) throw new InvalidOperationException($"{place}: expected #include \"file\" but found #include {operand}.");
        string name = operand[1..close];
        string folder = path.Contains('/', StringComparison.Ordinal) ? path[..(path.LastIndexOf('/') + 1)] : string.Empty;
        foreach (string candidate in new[] { Normalize(folder + name), Normalize(name) })
        {
            if (candidate.Length == 0 || read(candidate) is not string text) continue;
            found = text;
            return candidate;
        }

        throw new InvalidOperationException($"{place}: \"{name}\" is neither beside {path} nor below the kernels folder.");
    }

    /// <summary>Resolves "." and ".."; empty where the path climbs above the root.</summary>
    private static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count == 0) return string.Empty;
            else parts.RemoveAt(parts.Count - 1);
        }

        return string.Join('/', parts);
    }

    /// <summary>1 where the file's first directives are an include guard, whose condition wraps everything; else 0.</summary>
    private static int GuardDepth(string[] lines)
    {
        string? guard = null;
        foreach (string line in lines)
        {
            string directive = Directive(line, out string operand);
            if (directive.Length == 0) continue;
            if (guard is null && directive == "ifndef") guard = operand;
            else return guard is not null && directive == "define" && operand == guard ? 1 : 0;
        }

        return 0;
    }

    private static string Directive(string line, out string operand)
    {
        operand = string.Empty;
        ReadOnlySpan<char> text = line.AsSpan().TrimStart();
        if (text.Length == 0 || text[0] != '#') return string.Empty;
        text = text[1..].TrimStart();
        int length = 0;
        while (length < text.Length && char.IsAsciiLetter(text[length])) length++;
        operand = text[length..].Trim().ToString();
        return text[..length].ToString();
    }

    private static void Mark(StringBuilder text, int line, string path) => text.Append(CultureInfo.InvariantCulture, $"#line {line} \"{path}\"\n");
}
