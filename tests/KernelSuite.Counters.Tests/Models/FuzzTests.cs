using System.Text.RegularExpressions;
using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>Damaged models end with an error that has a place, or with findings: never with another exception, and never without end.</summary>
public partial class FuzzTests
{
    private const int Mutations = 22_000;

    private static readonly PathLimits Small = new() { MostPaths = 100, MostSteps = 4_000, MostSignatureEntries = 4_000 };

    private static readonly string[] Models =
    [
        "ACTIONS { probe; walk; }\nCOUNTER_GROUPS { all: hits, misses; }\nFLOW {\n do probe; incr all; switch Tlb { Hit => incr hits; done; Miss "
            + "=> incr misses; }; do walk; # go on\n incr walks; done;\n}\n",
        "feature f, g;\nFLOW { l0: incr a; switch p { A => next l1; B if f & !g => incr b; C if !f => next l2; };\n if g { incr c; } else { "
            + "switch q { Yes => pass; No => done; } }\n l1: incr d; l2: switch p { A => incr a; B => pass; C => done; } done; }",
        "FLOW { switch d { 4 => next p4; 3 => next p3; 2 => next p2; 1 => next p1; 0 => done; }\n p4: incr x; p3: incr x; p2: incr \"y::z\"; p1: "
            + "incr x; done; }",
        "FLOW { top: switch r { Load => incr loads; switch s { A => pass; B => next top2; } Store => incr stores; }\n switch t { A => next top2; "
            + "B => done; }\n top2: incr t; switch u { X => pass; Y => incr u; } done; }",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", ";", ":", "=>", "=", ",", "!", "&", "\"", "#", "\n", "\r", "\uFEFF", "\0", " ", "do ", "incr ", "switch ", "next ", "pass;",
        "done;", "if ", "else ", "feature ", "FLOW ", "ACTIONS {", "COUNTER_GROUPS {",
        "switch p {", "A => ", "l0:", "next l0;", "next top;", "next p4;", "if f {", "f", "p", "é", "\uD800", "#line 7\n", "switch p { A => ",
        "if f { if f { if f { ",
    ];

    private static readonly string[] Statements =
    [
        "", "next l0;", "next top;", "next p3;", "switch p { A => next l0; }", "switch t { A => done; B => pass; }", "if f { next l0; }",
            "if !g { done; }", "do z;", "incr z;",
    ];

    [Fact]
    public void Mutations_of_models_are_errors_with_a_place_or_models()
    {
        var random = new Random(20260311);
        int parsed = 0, enumerated = 0;
        for (int i = 0; i < Mutations; i++)
        {
            string text = Models[i % Models.Length];
            // Half of the models lose their shape, half keep most of it and lose their meaning.
            for (int edits = random.Next(1, 5); edits > 0; edits--) text = i / Models.Length % 2 == 0 ? Mutate(text, random) : Exchange(text, random);
            try
            {
                FlowModel model = FlowModel.Parse(text);
                parsed++;
                FlowLintReport report = FlowLintReport.Of(model, [.. model.Features.Where(_ => random.Next(2) == 0)], Small);
                if (report.Errors == 0) enumerated++;
                FlowDiagnostic? lost = report.Diagnostics.FirstOrDefault(d => !IsPlace(text, d.Line, d.Column));
                if (lost is not null) Assert.Fail($"{lost} in {text}");
                if (i % 3 == 0) Assert.StartsWith("digraph", FlowDrawing.Dot(model), StringComparison.Ordinal);
            }
            catch (FlowSyntaxException error)
            {
                if (!IsPlace(text, error.Line, error.Column)) Assert.Fail($"{error.Message} in {text}");
            }
        }

        // Both outcomes are common, or the mutations would test one of them only.
        Assert.InRange(parsed, Mutations / 10, Mutations * 9 / 10);
        Assert.InRange(enumerated, Mutations / 20, Mutations);
    }

    [Fact]
    public void Mutations_of_a_sidecar_are_errors_with_a_place_or_sidecars()
    {
        var random = new Random(5);
        byte[] sound = [.. "{\"name\": \"m0\", \"other\": [1, {\"a\": null}],\n \"features\": [\"a\", \"b\\u00e9\"]}"u8];
        for (int i = 0; i < 4000; i++)
        {
            byte[] text = [.. sound];
            for (int edits = random.Next(1, 4); edits > 0; edits--) text[random.Next(text.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) text = text[..random.Next(text.Length)];
            try
            {
                Assert.NotNull(FlowSidecar.Parse(text, "m.json").Features);
            }
            catch (FlowSyntaxException error)
            {
                Assert.True(error.Line is >= 1 and <= 4 && error.Column >= 1, error.Message);
            }
        }
    }

    private static string Mutate(string text, Random random)
    {
        int at = random.Next(text.Length + 1), length = Math.Min(random.Next(1, 12), text.Length - at);
        string piece = Pieces[random.Next(Pieces.Length)];
        return random.Next(6) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, piece),
            2 => text.Remove(at, Math.Min(1, length)).Insert(at, piece),
            3 => text.Insert(at, text.Substring(random.Next(at / 2 + 1), Math.Min(30, at / 2))),
            4 => text[..at],
            _ => text.Remove(at, Math.Min(1, length)).Insert(at, ((char)random.Next(1, 0x250)).ToString()),
        };
    }

    /// <summary>Puts another name or statement in the place of one.</summary>
    private static string Exchange(string text, Random random)
    {
        MatchCollection places = random.Next(2) == 0 ? Statement().Matches(text) : Name().Matches(text);
        if (places.Count == 0) return text;
        Match place = places[random.Next(places.Count)], other = places[random.Next(places.Count)];
        string piece = place.Value.EndsWith(';') && random.Next(2) == 0 ? Statements[random.Next(Statements.Length)] : other.Value;
        return text.Remove(place.Index, place.Length).Insert(place.Index, piece);
    }

    [GeneratedRegex("(do|incr|next) [^;]+;|pass;|done;")]
    private static partial Regex Statement();

    [GeneratedRegex("\\b(?!do|incr|next|pass|done|switch|if|else|feature|FLOW|ACTIONS)\\w+\\b(?!;)")]
    private static partial Regex Name();

    private static bool IsPlace(string text, int line, int column) =>
        line >= 1 && column >= 1 && line <= text.AsSpan().Count('\n') + text.AsSpan().Count('\r') + 1 && column <= text.Length + 1;
}
