namespace KernelSuite.Counters.Models;

/// <summary>Lays DOT text out with Graphviz.</summary>
public static class Graphviz
{
    private const int MostSvgCharacters = 1 << 26;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly ExternalTool Tool = new("dot",
        "Pictures need Graphviz: install the package graphviz (apt-get install graphviz, dnf install graphviz or brew install graphviz), or write "
            + "DOT text with -o file.dot.");

    /// <summary>An SVG picture of DOT text.</summary>
    /// <exception cref="ExternalToolException">Graphviz is missing, failed, or took longer than a minute.</exception>
    public static string Svg(string dot, CancellationToken cancellation = default) =>
        Tool.Run(["-Tsvg"], dot, null, Timeout, MostSvgCharacters, cancellation);
}
