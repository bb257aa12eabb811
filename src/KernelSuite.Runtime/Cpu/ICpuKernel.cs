namespace KernelSuite.Runtime.Cpu;

/// <summary>A managed kernel: a number of independent tasks that the threads of a <see cref="CpuTeam"/> take in order.</summary>
public interface ICpuKernel
{
    /// <summary>Does one task. Called from several threads at once, each with its own <paramref name="worker"/>.</summary>
    /// <param name="task">0-based task number; tasks start in ascending order, so put the long ones first.</param>
    /// <param name="worker">0-based number of the calling thread, below <see cref="CpuTeam.Threads"/>; index of private scratch.</param>
    void Execute(long task, int worker);
}
