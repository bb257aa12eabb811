using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>From the record that the library fills to an exception.</summary>
internal static unsafe class FaultReader
{
    public static KernelFaultException Read(CudaHostNative.FaultRecord* fault, string device)
    {
        string file = Text(fault->File);
        return new KernelFaultException($"{device}: {Text(fault->Message)}", device, fault->Kind)
        {
            Kernel = Text(fault->Kernel),
            Block = Index(fault->Block),
            Thread = Index(fault->Thread),
            OtherThread = fault->HasOther != 0 ? Index(fault->Other) : null,
            Address = fault->Address,
            Bytes = (long)fault->Bytes,
            Target = Text(fault->Object),
            Location = file.Length > 0 ? $"{file}:{fault->Line}" : string.Empty,
        };
    }

    private static (int X, int Y, int Z) Index(uint* index) => ((int)index[0], (int)index[1], (int)index[2]);

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;
}
