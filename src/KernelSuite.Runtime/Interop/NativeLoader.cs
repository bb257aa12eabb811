using System.Reflection;
using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Interop;

/// <summary>
/// The one import resolver of this assembly. Driver libraries are not linked: a backend binds its import name to the first of
/// its candidates that loads, when it is first asked for devices, and every attempt goes on record.
/// </summary>
internal static class NativeLoader
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, (string Path, nint Handle)> Bound = [];

    static NativeLoader() => NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);

    /// <summary>
    /// Binds <paramref name="importName"/> to the first candidate that loads. A binding lasts for the life of the process, since
    /// entry points are resolved once; a later call must reach the same library or is refused.
    /// </summary>
    /// <param name="importName">The name in the LibraryImport attributes.</param>
    /// <param name="candidates">Library names or paths, best first.</param>
    /// <param name="attempts">Receives one line for each candidate tried.</param>
    /// <returns>Whether the entry points may be called.</returns>
    public static bool TryBind(string importName, IReadOnlyList<string> candidates, List<LoadAttempt> attempts)
    {
        lock (Gate)
        {
            foreach (string candidate in candidates)
            {
                nint handle;
                try
                {
                    handle = NativeLibrary.Load(candidate);
                }
                catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or ArgumentException)
                {
                    attempts.Add(new LoadAttempt(candidate, false, LoaderWords(error.Message)));
                    continue;
                }

                if (Bound.TryGetValue(importName, out (string Path, nint Handle) bound) && bound.Handle != handle)
                {
                    NativeLibrary.Free(handle);
                    attempts.Add(new LoadAttempt(
                        candidate, false, $"loads, but this process is bound to '{bound.Path}' already; set the name before the first use."));
                    continue;
                }

                Bound.TryAdd(importName, (candidate, handle));
                attempts.Add(new LoadAttempt(candidate, true, "loaded"));
                return true;
            }

            return false;
        }
    }

    /// <summary>The runtime puts general advice in front of what dlopen said; only the latter helps in a list of attempts.</summary>
    private static string LoaderWords(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length <= 1 ? message.Trim() : string.Join("; ", lines.Skip(1).Distinct());
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath)
    {
        lock (Gate) return Bound.TryGetValue(libraryName, out (string Path, nint Handle) bound) ? bound.Handle : 0;
    }
}
