using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Moments.Cpu;

/// <summary>Squares of deviations with a column of ones beside them, four samples at a time; and the baseline.</summary>
internal sealed unsafe class CpuCounterMomentsKernel : ICpuKernel, IDisposable
{
    private const int Block = 4;

    private readonly CounterMomentsProblem problem;
    private readonly HostBuffer<double> squares;
    private readonly HostBuffer<double> blocks;
    private readonly bool naive;
    private readonly int stride;

    public double* Samples;
    public int* Offsets;
    public double* Means;
    public double* Covariances;

    /// <summary>Whether the tasks of the present run add up the squares of an observation's splits.</summary>
    public bool AddUp;

    public CpuCounterMomentsKernel(CounterMomentsProblem problem, int splits, int threads, bool naive)
    {
        (this.problem, this.naive, Splits) = (problem, naive, splits);
        stride = Rows.Padded(problem.Counters + 1);
        squares = new HostBuffer<double>((long)Size * (splits > 1 ? (long)problem.Observations * splits : threads));
        blocks = new HostBuffer<double>((long)threads * Block * stride);
    }

    public int Splits { get; }

    public long Bytes => sizeof(double) * (squares.Length + blocks.Length);

    private int Size => problem.Counters * stride;

    public void Execute(long task, int worker)
    {
        if (naive)
        {
            Naive((int)task);
            return;
        }

        (long observation, long split) = AddUp ? (task, 0) : Math.DivRem(task, Splits);
        (int from, int to) = problem.Segment(new ReadOnlySpan<int>(Offsets, problem.Observations + 1), (int)observation);
        double* square = squares.Pointer + ((Splits > 1 ? (observation * Splits) + split : worker) * Size);
        if (AddUp)
        {
            for (int other = 1; other < Splits; other++)
                for (int e = 0; e < Size; e++) square[e] += square[((long)other * Size) + e];
            Finish(square, (int)observation, from, to - from);
            return;
        }

        long length = to - from;
        new Span<double>(square, Size).Clear();
        Square(square, Samples + (from * problem.SampleStride),
            (int)(from + (length * split / Splits)), (int)(from + (length * (split + 1) / Splits)), worker);
        if (Splits == 1) Finish(square, (int)observation, from, (int)length);
    }

    public void Dispose()
    {
        squares.Dispose();
        blocks.Dispose();
    }

    private void Square(double* square, double* shift, int start, int end, int worker)
    {
        int p = problem.Counters;
        double* block = blocks.Pointer + ((long)worker * Block * stride);
        for (int t = start; t < end; t += Block)
        {
            new Span<double>(block, Block * stride).Clear();
            for (int k = 0; k < Math.Min(Block, end - t); k++)
            {
                double* row = block + (k * stride), sample = Samples + ((t + k) * problem.SampleStride);
                for (int i = 0; i < p; i++) row[i] = sample[i] - shift[i];
                row[p] = 1;
            }

            Rows.AddSquares(square, stride, block, block + stride, block + (2 * stride), block + (3 * stride), p);
        }
    }

    private void Finish(double* square, int observation, int from, int count)
    {
        int p = problem.Counters;
        double* shift = Samples + (from * problem.SampleStride), mean = Means + ((long)observation * p),
            covariance = Covariances + ((long)observation * p * p);
        for (int i = 0; i < p; i++)
        {
            // What is not finite stays so in every product it is part of, whatever sums do to signs of infinity.
            double first = square[(i * stride) + p], stain = first - first;
            mean[i] = count == 0 ? double.NaN : shift[i] + (first / count) + stain;
            for (int j = i; j < p; j++)
            {
                double second = square[(j * stride) + p];
                double products = square[(i * stride) + j] - (first * (second / count));
                covariance[(i * p) + j] = covariance[(j * p) + i] = count < 2 ? double.NaN : (products / (count - 1)) + stain + (second - second);
            }
        }
    }

    private void Naive(int observation)
    {
        int p = problem.Counters;
        (int from, int to) = problem.Segment(new ReadOnlySpan<int>(Offsets, problem.Observations + 1), observation);
        double* shift = Samples + (from * problem.SampleStride);
        for (int i = 0; i < p; i++)
        {
            double mean = Offset(i, from, to);
            Means[((long)observation * p) + i] = from == to ? double.NaN : shift[i] + mean;
            for (int j = 0; j < p; j++)
            {
                double other = Offset(j, from, to), sum = 0;
                for (int t = from; t < to; t++)
                {
                    double* sample = Samples + (t * problem.SampleStride);
                    sum += (sample[i] - shift[i] - mean) * (sample[j] - shift[j] - other);
                }

                Covariances[(((long)observation * p) + i) * p + j] = to - from < 2 ? double.NaN : sum / (to - from - 1);
            }
        }
    }

    /// <summary>A mean less the first sample; NaN where a value is not finite. The mean itself would be rounded to the size of the offset.</summary>
    private double Offset(int counter, int from, int to)
    {
        double sum = 0;
        for (int t = from; t < to; t++) sum += Samples[(t * problem.SampleStride) + counter] - Samples[(from * problem.SampleStride) + counter];
        return (sum / (to - from)) + (sum - sum);
    }
}
