using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.Cpu;

public sealed class CpuTeamTests : IDisposable
{
    private readonly CpuTeam team = new(4);

    public void Dispose() => team.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10_007)]
    public void Every_task_runs_once_on_a_known_worker(int tasks)
    {
        int[] runs = new int[tasks];
        bool[] workers = new bool[4];
        team.Run(
            new Work((task, worker) =>
            {
                Interlocked.Increment(ref runs[task]);
                workers[worker] = true;
            }),
            tasks);
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Results_of_all_tasks_are_visible_after_each_of_many_launches()
    {
        // Plain writes: a helper that arrived late from the launch before, or a launch that returned early, would leave a hole.
        int[] seen = new int[37];
        int round = 0;
        var work = new Work((task, _) => seen[task] = round);
        for (round = 1; round <= 20_000; round++)
        {
            team.Run(work, 1 + (round % seen.Length));
            for (int task = 0; task < 1 + (round % seen.Length); task++) Assert.Equal(round, seen[task]);
        }
    }

    [Fact]
    public void Launches_that_pause_between_find_parked_helpers()
    {
        for (int i = 0; i < 20; i++)
        {
            int count = 0;
            Thread.Sleep(i);
            team.Run(new Work((_, _) => Interlocked.Increment(ref count)), 100);
            Assert.Equal(100, count);
        }
    }

    [Fact]
    public void Each_worker_is_one_thread()
    {
        int[] inside = new int[4];
        bool shared = false;
        team.Run(
            new Work((_, worker) =>
            {
                if (Interlocked.Increment(ref inside[worker]) != 1) shared = true;
                Thread.SpinWait(50);
                Interlocked.Decrement(ref inside[worker]);
            }),
            5_000);
        Assert.False(shared);
    }

    [Fact]
    public void The_first_exception_stops_the_rest_and_is_thrown_with_its_stack()
    {
        int after = 0;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => team.Run(
            new Work((task, _) =>
            {
                if (task == 5) Fail();
                if (task > 5) Interlocked.Increment(ref after);
                Thread.Sleep(1);
            }),
            100_000));
        Assert.Contains(nameof(Fail), error.StackTrace, StringComparison.Ordinal);
        Assert.InRange(after, 0, 99_000);
        int count = 0;
        team.Run(new Work((_, _) => Interlocked.Increment(ref count)), 64);
        Assert.Equal(64, count);
    }

    [Fact]
    public void Cancellation_stops_between_tasks_and_leaves_the_team_usable()
    {
        using var source = new CancellationTokenSource();
        int done = 0;
        Assert.Throws<OperationCanceledException>(() => team.Run(
            new Work((task, _) =>
            {
                if (task == 3) source.Cancel();

                // Tasks are taken in order: task 3 has begun, and no other thread runs ahead to the last task while its own is kept waiting.
                else if (task > 3) source.Token.WaitHandle.WaitOne();
                Interlocked.Increment(ref done);
            }),
            1_000_000,
            source.Token));
        Assert.InRange(done, 1, 999_999);
        Assert.Throws<OperationCanceledException>(() => team.Run(new Work((_, _) => done = -1), 1, source.Token));
        Assert.NotEqual(-1, done);
        team.Run(new Work((_, _) => done = 0), 1);
        Assert.Equal(0, done);
    }

    [Fact]
    public void Cancellation_after_the_last_task_was_taken_interrupts_nothing()
    {
        using var source = new CancellationTokenSource();
        bool done = false;
        team.Run(
            new Work((_, _) =>
            {
                source.Cancel();
                done = true;
            }),
            1,
            source.Token);
        Assert.True(done);
    }

    [Fact]
    public void A_nested_launch_is_refused_on_every_thread_of_the_team()
    {
        int refused = 0;
        bool[] workers = new bool[4];
        using var all = new Barrier(4);
        team.Run(
            new Work((_, worker) =>
            {
                workers[worker] = true;
                all.SignalAndWait();
                try
                {
                    team.Run(new Work((_, _) => { }), 2);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }),
            4);
        Assert.Equal(4, refused);
        Assert.All(workers, Assert.True);
    }

    [Fact]
    public void A_task_may_launch_on_another_team()
    {
        using var other = new CpuTeam(2);
        int count = 0;
        team.Run(new Work((_, _) => other.Run(new Work((_, _) => Interlocked.Increment(ref count)), 10)), 20);
        Assert.Equal(200, count);
    }

    [Fact]
    public void Concurrent_callers_queue_up()
    {
        const int Callers = 6;
        int[] inside = new int[Callers];
        int overlaps = 0;
        long total = 0;
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            var work = new Work((task, _) =>
            {
                Interlocked.Increment(ref inside[caller]);
                for (int other = 0; other < Callers; other++)
                {
                    if (other != caller && Volatile.Read(ref inside[other]) != 0) Interlocked.Increment(ref overlaps);
                }

                Interlocked.Add(ref total, task);
                Interlocked.Decrement(ref inside[caller]);
            });
            for (int i = 0; i < 200; i++) team.Run(work, 50);
        }))];
        foreach (Thread thread in callers) thread.Start();
        foreach (Thread thread in callers) thread.Join();
        Assert.Equal(0, overlaps);
        Assert.Equal(200L * Callers * (49 * 50 / 2), total);
    }

    [Fact]
    public void A_launch_allocates_nothing()
    {
        var work = new Counting();
        int runs = 0;
        for (int i = 0; i < 200; i++) Run();
        Assert.Equal(0, Allocations.Least(1000, Run));
        Assert.Equal(runs * 16, work.Count);

        // The measure sees a call that allocates.
        Assert.True(Allocations.Least(1000, () => GC.KeepAlive(new object())) > 0);

        void Run()
        {
            runs++;
            team.Run(work, 16);
        }
    }

    [Fact]
    public void Disposing_while_launches_run_ends_them_all()
    {
        for (int i = 0; i < 200; i++)
        {
            var victim = new CpuTeam(3);
            var runner = new Thread(() =>
            {
                try
                {
                    while (true) victim.Run(new Work((_, _) => Thread.SpinWait(20)), 8);
                }
                catch (ObjectDisposedException)
                {
                    // The expected end.
                }
            });
            runner.Start();
            Thread.SpinWait(i * 50);
            victim.Dispose();
            Assert.True(runner.Join(TimeSpan.FromSeconds(60)), "A launch waited for a helper that had left.");
            Assert.True(victim.IsDisposed);
        }
    }

    [Fact]
    public void An_interrupted_caller_still_waits_for_the_helpers()
    {
        int finished = 0;
        int atReturn = -1;
        using var started = new ManualResetEventSlim();
        var caller = new Thread(() =>
        {
            try
            {
                team.Run(
                    new Work((_, worker) =>
                    {
                        started.Set();
                        // The caller's own task is short; the helpers keep it waiting.
                        if (worker != 0) Spin(TimeSpan.FromMilliseconds(300));
                        Interlocked.Increment(ref finished);
                    }),
                    4);
            }
            catch (ThreadInterruptedException)
            {
                // The pending interrupt may surface at any blocking call of the caller.
            }

            atReturn = Volatile.Read(ref finished);
        });
        caller.Start();
        started.Wait();
        caller.Interrupt();
        try
        {
            caller.Join();
        }
        catch (ThreadInterruptedException)
        {
            Assert.Fail("The interrupt reached another thread.");
        }

        Assert.Equal(4, atReturn);
    }

    [Fact]
    public void A_forgotten_team_ends_its_threads()
    {
        // The teams' own threads, not all of the process: other tests start and end some meanwhile.
        var helpers = new ConcurrentBag<Thread>();
        for (int i = 0; i < 20; i++) Forget(helpers);
        Assert.Equal(20 * 7, helpers.Count);
        for (int i = 0; i < 600 && helpers.Any(helper => helper.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }

        Assert.DoesNotContain(helpers, helper => helper.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget(ConcurrentBag<Thread> helpers)
        {
            using var all = new Barrier(8);
            new CpuTeam(8).Run(
                new Work((_, worker) =>
                {
                    if (worker != 0) helpers.Add(Thread.CurrentThread);
                    all.SignalAndWait();
                }),
                8);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Absurd_sizes_are_refused(int threads) => Assert.Throws<ArgumentOutOfRangeException>(() => new CpuTeam(threads));

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => team.Run(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => team.Run(new Counting(), -1));
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(new Counting(), 4));
    }

    private static void Fail() => throw new InvalidDataException("task 5");

    private static void Spin(TimeSpan time)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (watch.Elapsed < time) Thread.SpinWait(100);
    }

    private sealed class Work(Action<long, int> body) : ICpuKernel
    {
        public void Execute(long task, int worker) => body(task, worker);
    }

    private sealed class Counting : ICpuKernel
    {
        private long count;

        public long Count => Interlocked.Read(ref count);

        public void Execute(long task, int worker) => Interlocked.Increment(ref count);
    }
}
