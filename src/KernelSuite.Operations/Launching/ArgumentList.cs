using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>Sets the arguments of a kernel one after the other, in the order of its parameter list.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="next">First argument to set.</param>
internal ref struct ArgumentList(DeviceKernel kernel, int next = 0)
{
    private int next = next;

    public void Buffer(DeviceMemory? memory) => kernel.SetBuffer(next++, memory);

    public void Value(int value) => kernel.SetValue(next++, value);

    public void Value(long value) => kernel.SetValue(next++, value);

    /// <summary>An offset and three strides, divided by <paramref name="unit"/> elements.</summary>
    public void Place(long offset, TensorStrides strides, long unit = 1)
    {
        Value(offset / unit);
        Value(strides.Batch / unit);
        Value(strides.Head / unit);
        Value(strides.Row / unit);
    }

    /// <summary>Page size (0 without paging), columns of the table, pages of the pool.</summary>
    public void Paging(KvPaging? paging)
    {
        Value(paging?.PageSize ?? 0);
        Value(paging?.PagesPerSequence ?? 0);
        Value(paging?.Pages ?? 0);
    }
}
