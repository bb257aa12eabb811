using System.Runtime.ExceptionServices;

namespace KernelSuite.Runtime.Cpu;

/// <summary>
/// A fixed team of threads that runs the tasks of one kernel at a time: the caller and <see cref="Threads"/> - 1 helpers.
/// Starting a launch allocates nothing. Launches from several threads queue up behind each other.
/// </summary>
public sealed class CpuTeam : IDisposable
{
    private readonly Crew crew;

    /// <summary>Starts a team.</summary>
    /// <param name="threads">Threads, the caller's included.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above <see cref="CpuDeviceOptions.MaxThreads"/>.</exception>
    public CpuTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, CpuDeviceOptions.MaxThreads);
        Threads = threads;
        crew = new Crew(threads - 1);
    }

    /// <summary>Ends the helpers of a team that was not disposed.</summary>
    ~CpuTeam() => crew?.Stop();

    /// <summary>Threads that work on a launch, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Whether the team was disposed.</summary>
    public bool IsDisposed => crew.IsStopped;

    /// <summary>Runs tasks 0 to <paramref name="tasks"/> - 1 and returns when all are done.</summary>
    /// <param name="kernel">The kernel; the first exception of any task stops the rest and is thrown here.</param>
    /// <param name="tasks">Number of tasks; 0 does nothing.</param>
    /// <param name="cancellation">Checked before each task.</param>
    /// <exception cref="OperationCanceledException">Cancelled between tasks; outputs are partly written.</exception>
    /// <exception cref="InvalidOperationException">Called from inside a task of this team, on any of its threads.</exception>
    public void Run(ICpuKernel kernel, long tasks, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentOutOfRangeException.ThrowIfNegative(tasks);
        crew.Run(kernel, tasks, cancellation);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    /// <remarks>A launch that is under way on another thread finishes; later ones are refused.</remarks>
    public void Dispose()
    {
        crew.Stop();
        GC.SuppressFinalize(this);
    }

    /// <summary>The shared state. Helpers hold this and not the team, so that a forgotten team can be finalised.</summary>
    /// <remarks>
    /// A launch is published by raising <see cref="generation"/> under <see cref="signal"/>, after its fields are written; a helper reads
    /// it under the same lock, so it sees them. Every helper takes part in every published launch exactly once and counts down
    /// <see cref="busyHelpers"/> when it is through, and the launch returns only at zero: no helper can be late from an earlier launch,
    /// and the fields are never rewritten under one. <see cref="stopped"/> changes under the same lock, so that a helper never leaves
    /// between the publication of a launch and its own part in it.
    /// </remarks>
    private sealed class Crew
    {
        /// <summary>Spins before a thread parks, so that back-to-back launches do not pay a wake-up; most of them yield the processor.</summary>
        private const int SpinsBeforePark = 200;

        /// <summary>The crew that the current thread helps, if it is a helper.</summary>
        [ThreadStatic]
        private static Crew? helping;

        private readonly Lock launchGate = new();
        private readonly object signal = new();
        private readonly int helpers;
        private ICpuKernel? kernel;
        private CancellationToken cancellation;
        private volatile ExceptionDispatchInfo? failure;
        private long taskCount;
        private long nextTask;
        private int busyHelpers;
        private int generation;
        private volatile bool stopped;

        public Crew(int helpers)
        {
            this.helpers = helpers;
            try
            {
                for (int i = 1; i <= helpers; i++)
                {
                    int worker = i;
                    new Thread(() => Help(worker)) { IsBackground = true, Name = $"ksuite cpu {worker}" }.Start();
                }
            }
            catch
            {
                // The system refuses more threads: those that run must not wait for ever.
                Stop();
                throw;
            }
        }

        public bool IsStopped => stopped;

        public void Run(ICpuKernel work, long tasks, CancellationToken cancel)
        {
            // Waiting for the gate from inside a task would wait for the task itself.
            if (launchGate.IsHeldByCurrentThread || ReferenceEquals(helping, this))
                throw new InvalidOperationException("A task launched on its own team; split the work into one launch, or use a second device.");
            lock (launchGate)
            {
                ObjectDisposedException.ThrowIf(stopped, typeof(CpuTeam));
                cancel.ThrowIfCancellationRequested();
                if (tasks == 0) return;
                kernel = work;
                cancellation = cancel;
                failure = null;
                taskCount = tasks;
                nextTask = 0;
                bool shared = helpers > 0 && tasks > 1;
                if (shared) Publish();
                TakeTasks(0);
                if (shared) AwaitHelpers();
                ExceptionDispatchInfo? thrown = failure;
                kernel = null;
                cancellation = default;
                failure = null;
                thrown?.Throw();
                // A request that came after the last task was taken has interrupted nothing.
                if (nextTask < tasks) cancel.ThrowIfCancellationRequested();
            }
        }

        public void Stop()
        {
            lock (signal)
            {
                stopped = true;
                Monitor.PulseAll(signal);
            }
        }

        private void Publish()
        {
            lock (signal)
            {
                // Seen under the lock, helpers that have left or are about to can be told from helpers that will come.
                ObjectDisposedException.ThrowIf(stopped, typeof(CpuTeam));
                busyHelpers = helpers;
                generation++;
                Monitor.PulseAll(signal);
            }
        }

        /// <summary>Waits for every helper, whatever happens: they work on the caller's memory.</summary>
        private void AwaitHelpers()
        {
            bool interrupted = false;
            var spinner = default(SpinWait);
            while (Volatile.Read(ref busyHelpers) > 0)
            {
                try
                {
                    if (spinner.Count < SpinsBeforePark)
                    {
                        spinner.SpinOnce(sleep1Threshold: -1);
                        continue;
                    }

                    lock (signal)
                    {
                        if (busyHelpers > 0) Monitor.Wait(signal);
                    }
                }
                catch (ThreadInterruptedException)
                {
                    interrupted = true;
                }
            }

            if (interrupted) Thread.CurrentThread.Interrupt();
        }

        private void Help(int worker)
        {
            helping = this;
            int seen = 0;
            while (true)
            {
                var spinner = default(SpinWait);
                while (Volatile.Read(ref generation) == seen && !stopped && spinner.Count < SpinsBeforePark)
                    spinner.SpinOnce(sleep1Threshold: -1);
                lock (signal)
                {
                    while (generation == seen && !stopped) Monitor.Wait(signal);
                    if (generation == seen) return;
                    seen = generation;
                }

                TakeTasks(worker);
                if (Interlocked.Decrement(ref busyHelpers) == 0)
                {
                    lock (signal) Monitor.PulseAll(signal);
                }
            }
        }

        private void TakeTasks(int worker)
        {
            ICpuKernel work = kernel!;
            try
            {
                while (failure is null && !cancellation.IsCancellationRequested)
                {
                    long task = Interlocked.Increment(ref nextTask) - 1;
                    if (task >= taskCount) return;
                    work.Execute(task, worker);
                }
            }
#pragma warning disable CA1031 // Whatever a task throws is carried to the launching thread, not swallowed.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
            }
        }
    }
}
