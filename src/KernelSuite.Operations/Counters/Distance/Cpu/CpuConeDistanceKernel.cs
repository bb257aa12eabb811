using System.Numerics;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Distance.Cpu;

/// <summary>What a launch sets, for every dtype.</summary>
internal abstract unsafe class CpuConeDistanceKernel : ICpuKernel, IDisposable
{
    /// <summary>First elements of the operands; null where absent.</summary>
    public byte*[] Addresses { get; } = new byte*[ConeDistanceProblem.Directions + 1];

    /// <summary>Bytes held.</summary>
    public abstract long Bytes { get; }

    /// <summary>Before a launch: whatever was kept of the operands' contents is out of date.</summary>
    public abstract void Begin();

    public abstract void Execute(long task, int worker);

    public abstract void Dispose();
}

/// <summary>
/// A task is a pair, model by model, so that a thread turns the signatures of a model into rows of counters once and then meets observation after
/// observation.
/// </summary>
internal sealed unsafe class CpuConeDistanceKernel<T>(ConeDistanceProblem problem, int threads, Func<IPairSolver> solver) : CpuConeDistanceKernel
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Worker[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Worker(problem, solver()))];

    public override long Bytes => workers.Sum(w => sizeof(double) * w.Memory.Length);

    public override void Begin()
    {
        foreach (Worker worker in workers) worker.Model = -1;
    }

    public override void Execute(long task, int worker)
    {
        (long model, long observation) = Math.DivRem(task, problem.Observations);
        Worker own = workers[worker];
        if (own.Model != model) Pack(own, (int)model);
        int p = problem.Counters;
        T* factor = (T*)Addresses[ConeDistanceProblem.Factors] + (observation * p * p),
            mean = (T*)Addresses[ConeDistanceProblem.Means] + (observation * p);
        for (int i = 0; i < p * p; i++) own.Factor[i] = double.CreateTruncating(factor[i]);
        for (int i = 0; i < p; i++) own.Mean[i] = double.CreateTruncating(mean[i]);
        bool finite = Whiten(own), solved = finite && own.Solver.Solve(own.Count);
        Write(own, (observation * problem.Models) + model, finite, solved);
    }

    public override void Dispose()
    {
        foreach (Worker worker in workers) worker.Memory.Dispose();
    }

    private void Pack(Worker own, int model)
    {
        int p = problem.Counters, n = problem.MostSignatures, stride = own.Solver.ColumnStride;
        int* counts = (int*)Addresses[ConeDistanceProblem.Counts];
        own.Model = model;
        own.Count = counts == null ? n : Math.Clamp(counts[model], 0, n);
        T* signature = (T*)Addresses[ConeDistanceProblem.Signatures] + ((long)model * n * p);
        for (int j = 0; j < stride; j++)
            for (int i = 0; i < p; i++) own.Packed[(i * stride) + j] = j < own.Count ? double.CreateTruncating(signature[(j * p) + i]) : 0;
    }

    /// <summary>Whitens the mean and the signatures and scales these to unit length; false where a number is not finite.</summary>
    private bool Whiten(Worker own)
    {
        int p = problem.Counters, stride = own.Solver.ColumnStride;
        double* rows = own.Solver.ByRow, target = own.Solver.Target;
        new Span<double>(rows, p * stride).Clear();
        new Span<double>(own.Lengths, stride).Clear();
        bool finite = true;
        for (int i = 0; i < p; i++, rows += stride)
        {
            double* factor = own.Factor + (i * p);
            double value = 0;
            for (int k = 0; k < p; k++) value += factor[k] * own.Mean[k];
            target[i] = value;
            finite &= double.IsFinite(value);
            Rows.AddCombination(rows, factor, own.Packed, p, stride);
            for (int j = 0; j < stride; j++) own.Lengths[j] += rows[j] * rows[j];
        }

        for (int j = 0; j < stride; j++)
        {
            double length = Math.Sqrt(own.Lengths[j]);
            finite &= double.IsFinite(length);
            own.Lengths[j] = length > 0 ? length : 1;
            own.Inverses[j] = 1 / own.Lengths[j];
        }

        rows = own.Solver.ByRow;
        for (int i = 0; i < p; i++, rows += stride)
            for (int j = 0; j < stride; j++) rows[j] *= own.Inverses[j];
        return finite;
    }

    private void Write(Worker own, long pair, bool finite, bool solved)
    {
        int p = problem.Counters, n = problem.MostSignatures;
        IPairSolver solver = own.Solver;
        double squared = 0;
        for (int i = 0; i < p; i++) squared += solver.Residual[i] * solver.Residual[i];
        ((T*)Addresses[ConeDistanceProblem.Distances])[pair] = T.CreateTruncating(finite ? squared : double.NaN);
        ((int*)Addresses[ConeDistanceProblem.Status])[pair] = !finite ? -1 : solved ? 1 : 0;
        if (Addresses[ConeDistanceProblem.Ranks] != null) ((int*)Addresses[ConeDistanceProblem.Ranks])[pair] = finite ? solver.Active.Length : 0;
        if (Addresses[ConeDistanceProblem.Weights] != null)
        {
            T* weights = (T*)Addresses[ConeDistanceProblem.Weights] + (pair * n);
            new Span<T>(weights, n).Fill(finite ? T.Zero : T.NaN);
            if (finite)
                for (int k = 0; k < solver.Active.Length; k++)
                    weights[solver.Active[k]] = T.CreateTruncating(solver.Weight(k) / own.Lengths[solver.Active[k]]);
        }

        if (Addresses[ConeDistanceProblem.Directions] == null) return;
        T* direction = (T*)Addresses[ConeDistanceProblem.Directions] + (pair * p);
        for (int i = 0; i < p; i++)
        {
            double value = 0;
            for (int k = 0; k < p; k++) value += own.Factor[(k * p) + i] * solver.Residual[k];
            direction[i] = T.CreateTruncating(finite ? value : double.NaN);
        }
    }

    /// <summary>Memory of a thread.</summary>
    private sealed class Worker
    {
        public Worker(ConeDistanceProblem problem, IPairSolver solver)
        {
            Solver = solver;
            int p = problem.Counters, stride = solver.ColumnStride;
            Memory = new HostBuffer<double>((p * stride) + (2 * stride) + (p * p) + p);
            Packed = Memory.Pointer;
            Lengths = Packed + (p * stride);
            Inverses = Lengths + stride;
            Factor = Inverses + stride;
            Mean = Factor + (p * p);
        }

        public IPairSolver Solver { get; }

        public HostBuffer<double> Memory { get; }

        public double* Packed { get; }

        public double* Lengths { get; }

        public double* Inverses { get; }

        public double* Factor { get; }

        public double* Mean { get; }

        /// <summary>Whose signatures are packed; -1 for none.</summary>
        public long Model { get; set; } = -1;

        public int Count { get; set; }
    }
}
