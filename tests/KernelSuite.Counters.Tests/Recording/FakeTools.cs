namespace KernelSuite.Counters.Tests.Recording;

/// <summary>A folder of scripts that stand for perf and valgrind, to be searched instead of PATH.</summary>
internal sealed class FakeTools : IDisposable
{
    public FakeTools()
    {
        Skip.If(OperatingSystem.IsWindows(), "The scripts that stand for tools are shell scripts.");
        Folder = Directory.CreateTempSubdirectory("ksuite-tools-").FullName;
    }

    public string Folder { get; }

    public string Table => Path.Combine(Folder, "out.csv");

    /// <summary>Every run of a tool appends its arguments here, a line each.</summary>
    public string Log => Path.Combine(Folder, "log");

    /// <summary>Adds a tool. Its body finds the value of perf's -o in $out, of -e in $events, of cachegrind's file in $cg.</summary>
    public FakeTools Add(string name, string body)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, $$"""
            #!/bin/sh
            echo "{{name}} $*" >> '{{Log}}'
            p=''; out=''; events=''; cg=''
            for a in "$@"; do
              case "$p" in -o) out="$a";; -e) events="$a";; esac
              case "$a" in --cachegrind-out-file=*) cg="${a#*=}";; esac
              p="$a"
            done
            {{body}}
            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return this;
    }

    /// <summary>A perf that counts as many of each event as its name is long.</summary>
    public FakeTools AddPerf() => Add("perf", """
        for e in $(echo "$events" | tr ',' ' '); do echo "${#e};;$e;1000;100.00;;" >> "$out"; done
        """);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
