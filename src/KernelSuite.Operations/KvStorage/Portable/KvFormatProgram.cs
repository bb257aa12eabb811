using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>The programs that code and decode rows, and how rows are laid on work-items.</summary>
/// <param name="Lanes">Work-items of a row.</param>
/// <param name="Rows">Rows of a group.</param>
internal readonly record struct KvFormatProgram(int Lanes, int Rows)
{
    public const string Quantize = "kvcache/kv_quantize.cl";
    public const string Dequantize = "kvcache/kv_dequantize.cl";

    /// <summary>
    /// 32 lanes a row on a GPU, a warp's width, four rows a group. On an OpenCL device that is a CPU a work-item a row and a group: the compiler
    /// vectorises the loop over the row, and there is no barrier to run through.
    /// </summary>
    public static KvFormatProgram Choose(DeviceInfo device, bool naive) =>
        naive ? new(1, 4) : device is { Kind: DeviceKind.Cpu, Language: DeviceLanguage.OpenClC } ? new(1, 1) : new(32, 4);

    /// <summary>Build options, in the order of variants-cuda.txt.</summary>
    public string Options(DType dtype, KvFormat format) => string.Create(
        CultureInfo.InvariantCulture,
        $"-DSTORAGE={KernelArguments.StorageCode(dtype)} -DFORMAT={(format == KvFormat.Int4 ? 4 : 8)} -DLANES={Lanes} -DROWS={Rows}");

    /// <summary>Whether a device can run it.</summary>
    public Support Supports(DeviceInfo device, string name, DType dtype, KvFormat format, long pairs, long rows)
    {
        if (device.MaxWorkGroupSize < Lanes * Rows)
            return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; {Lanes * Rows} are needed. Use the cpu device.");
        if (pairs * Blocks(rows) > int.MaxValue / Lanes)
            return Support.No($"{pairs * Blocks(rows):N0} groups are more than one launch holds. Split the batch.");
        return DeviceCode.Supports(device, name, Options(dtype, format));
    }

    /// <summary>Groups for the rows of a head.</summary>
    public long Blocks(long rows) => (rows + Rows - 1) / Rows;
}
