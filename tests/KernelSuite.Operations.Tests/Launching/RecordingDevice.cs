using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Launching;

/// <summary>A device that computes nothing and writes down what is made and what is released; the n-th thing cannot be made.</summary>
internal sealed class RecordingDevice(int failing = int.MaxValue) : Device
{
    public List<string> Made { get; } = [];

    public List<string> Released { get; } = [];

    public override DeviceInfo Info { get; } =
        new() { Id = DeviceId.Parse("opencl:0"), Kind = DeviceKind.Gpu, Language = DeviceLanguage.OpenClC, Name = "recording" };

    public override HostBuffer<T> AllocateHost<T>(long length) => throw new NotSupportedException();

    public override DeviceStream CreateStream() => throw new NotSupportedException();

    public override DeviceEvent CreateEvent() => new Event(this);

    public override DeviceProgram BuildProgram(ProgramSource source) => new Program(this, source.Name);

    public override DeviceMemoryInfo QueryMemory() => throw new NotSupportedException();

    protected override DeviceMemory AllocateBytes(long bytes) => new Memory(this, bytes);

    protected override void Dispose(bool disposing)
    {
    }

    private string Make(string what)
    {
        if (Made.Count + 1 >= failing) throw new DeviceException($"no {what}", what, "recording", 1);
        Made.Add(what);
        return what;
    }

    private sealed class Event(RecordingDevice device) : DeviceEvent
    {
        private readonly string name = device.Make("event");

        public override bool IsComplete => true;

        public override long StartNanoseconds => 0;

        public override long EndNanoseconds => 0;

        public override void StartFrom(DeviceEvent first)
        {
        }

        public override void Synchronize()
        {
        }

        protected override void Dispose(bool disposing) => device.Released.Add(name);
    }

    private sealed class Program(RecordingDevice device, string source) : DeviceProgram
    {
        private readonly string name = device.Make(source);

        public override bool FromCache => false;

        public override string BuildLog => string.Empty;

        public override DeviceKernel CreateKernel(string name) => new Kernel(device, name);

        protected override void Dispose(bool disposing) => device.Released.Add(name);
    }

    private sealed class Kernel(RecordingDevice device, string entry) : DeviceKernel
    {
        public override string Name { get; } = device.Make(entry);

        public override int ArgumentCount => 0;

        public override void SetBuffer(int index, DeviceMemory? memory)
        {
        }

        public override void SetValue<T>(int index, T value)
        {
        }

        public override void SetLocal(int index, int bytes)
        {
        }

        protected override void Dispose(bool disposing) => device.Released.Add(Name);
    }

    private sealed class Memory(RecordingDevice device, long bytes) : DeviceMemory
    {
        private readonly string name = device.Make($"{bytes} bytes");

        public override Device Device => device;

        public override long ByteLength => bytes;

        public override bool IsDisposed => device.Released.Contains(name);

        protected override void Dispose(bool disposing) => device.Released.Add(name);
    }
}
