using System.Globalization;

namespace KernelSuite.Runtime.Cuda;

/// <summary>The number that cuDriverGetVersion gives: 1000 * major + 10 * minor of the newest CUDA that the driver serves.</summary>
internal static class DriverVersion
{
    /// <summary>The oldest driver whose entry points this backend knows: 11.4, in driver packages numbered 470 and up.</summary>
    public const int Oldest = 11040;

    /// <summary>For example <c>12.4</c> for 12040.</summary>
    public static string Format(int version) => string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}");

    /// <summary>
    /// The newest PTX that a driver of this version compiles, from the release history in the PTX ISA manual; null for drivers newer than
    /// that list, which take all that is on it.
    /// </summary>
    public static Version? NewestPtx(int driver) => (driver / 10) switch
    {
        < 1100 => new Version(6, 5),
        < 1200 => new Version(7, Math.Min(driver % 1000 / 10, 8)),
        <= 1205 => new Version(8, driver % 1000 / 10),
        1206 => new Version(8, 5),
        1207 => new Version(8, 6),
        1208 => new Version(8, 7),
        < 1300 => new Version(8, 8),
        1300 => new Version(9, 0),
        _ => null,
    };
}
