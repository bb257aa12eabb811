using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>One verdict in the making.</summary>
internal sealed partial class Judgement(
    ConeTest test, SignatureSet signatures, MeanRegion region, NearestPoint nearest, VerdictResult start, List<Warning> warnings,
    Func<double[], double>? inflation)
{
    // Doubles that were read from decimal text are not the numbers of that text; integers below 2^53 are.
    private const double DecimalTolerance = 1e-12;

    // A certificate of small integers is worth a little less significance than the best one.
    private const double WorthReading = .9;

    private readonly VerdictOptions options = test.Options;
    private readonly Observation observation = start.Observation;
    private readonly int p = region.Counters.Count;
    private double[] axes = [];
    private double[] widths = [];
    private readonly int freedom = nearest.Freedom;

    public VerdictResult Decide()
    {
        double[] direction = nearest.Direction, point = nearest.Point(signatures);
        double statistic = nearest.Squared;
        bool solved = nearest.Solved, isBox = options.Method is VerdictMethod.Box or VerdictMethod.PcaBox or VerdictMethod.SidakBox;
        if (isBox && !observation.IsExact)
        {
            SetBox();
            (statistic, direction, bool boxSolved) = BoxDistance.Measure(signatures, region, axes, widths);
            solved &= boxSolved;
        }
        else if (!observation.IsExact && IsWithinSlack(point))
        {
            statistic = 0;
        }

        VerdictResult result = start with
        {
            Signatures = signatures,
            Freedom = freedom,
            Distance = isBox && !observation.IsExact ? statistic : Math.Sqrt(statistic),
            Nearest = point,
            Active = nearest.Active,
        };
        if (!solved) warnings.Add(new Warning(WarningKind.Unsolved,
            $"The solver stopped after {nearest.Rounds} rounds; the distance is an upper bound."));
        return observation.IsExact ? Exactly(result, direction, solved) : Statistically(result, statistic, direction, solved);
    }

    private VerdictResult Exactly(VerdictResult result, double[] direction, bool solved)
    {
        Certificate? certificate = null;
        double[] mean = Mean();
        double tolerance = mean.All(double.IsInteger) ? 0 : DecimalTolerance;
        foreach (System.Numerics.BigInteger[] row in ExactRows.Near(signatures, InCounterUnits(direction), region.Scale))
        {
            if (ExactRows.Sign(row, mean) <= 0) continue;
            double value = 0, size = 0;
            for (int i = 0; i < p; i++)
            {
                value += (double)row[i] * mean[i];
                size += Math.Abs((double)row[i] * mean[i]);
            }

            if (value <= tolerance * size && tolerance > 0) continue;
            certificate = new Certificate(region.Counters, row, double.PositiveInfinity) { Mix = RowMix.Of(test.Rows, region, row) };
            break;
        }

        return result with
        {
            Verdict = certificate is not null ? Verdict.Refuted : solved ? Verdict.Consistent : Verdict.Inconclusive,
            PValue = certificate is null ? 1 : 0,
            Certificate = certificate,
        };
    }

    private VerdictResult Statistically(VerdictResult result, double statistic, double[] direction, bool solved)
    {
        long n = region.Samples;
        double level = 1 - options.Confidence;
        bool few = n < options.FewestSamples, singular = n <= p + 1;
        if (few) warnings.Add(new Warning(WarningKind.TooFewSamples, $"{n} samples. At least {options.FewestSamples} are asked for; " +
            "values without noise, such as a simulator's, are tested as exact ones (--exact, SampleReadOptions.Exact) however few they are."));
        if (singular)
        {
            warnings.Add(new Warning(WarningKind.TooFewSamples,
                $"{n} samples of {p} counters give no covariance of full rank; only rows are tested. " +
                $"Take at least {p + 2} samples, better {10 * p}."));
            if (observation.Shrinkage is { } shrinkage)
            {
                warnings.Add(new Warning(WarningKind.Shrunk,
                    FormattableString.Invariant($"Covariance shrunk to its diagonal by {shrinkage.Intensity:P0}; the distance only indicates.")));
            }

            bool violated = !few && result.Violated.Any();
            double indicated = Math.Max(options.PValue(statistic, p, freedom, long.MaxValue), double.Epsilon);
            return result with
            {
                Verdict = violated ? Verdict.Refuted : Verdict.Inconclusive,
                PValue = violated ? result.Rows[0].Adjusted : indicated,
            };
        }

        if (warnings.All(w => w.Kind != WarningKind.DegenerateCovariance) && region.FlooredDirections is > 0 and int floored)
        {
            warnings.Add(new Warning(WarningKind.DegenerateCovariance,
                $"{floored} of {p} directions have no noise of their own; " +
                $"a deviation of {MeanRegion.Floor} counts there as one standard deviation."));
        }

        double pValue = options.PValue(statistic, p, freedom, n);
        result = result with { PValue = pValue, Verdict = Verdict.Consistent };
        if (pValue >= level)
            return few || !solved ? result with { Verdict = Verdict.Inconclusive } : result;

        result = result with { Verdict = few ? Verdict.Inconclusive : Verdict.Refuted };
        if (options.Certificates || !solved)
        {
            Certificate? certificate = Certify(direction, statistic, level);
            if (certificate is null)
            {
                warnings.Add(new Warning(WarningKind.Unsolved,
                    "No constraint with integer coefficients proves the refutation at this confidence; it is too close."));
                return result with { Verdict = Verdict.Inconclusive };
            }

            result = result with { Certificate = certificate, SparseCertificate = test.Rows.Count == 0 ? Sparse() : null };
        }

        return inflation is null ? result : Deflated(result, statistic, inflation(InCounterUnitsOf(observation.Counters, direction)), level);
    }

    /// <summary>
    /// Counts autocorrelated samples as fewer independent ones, in the direction of the violated constraint: the only one that the verdict rests on.
    /// </summary>
    private VerdictResult Deflated(VerdictResult result, double statistic, double factor, double level)
    {
        if (!(factor > 1) || observation.Series is { } series && factor < series.SignificantInflation) return result;
        double samples = Math.Max(region.Samples / factor, p + 2);
        double deflated = options.Method is VerdictMethod.Conditional or VerdictMethod.Ellipsoid ? statistic / factor : statistic / Math.Sqrt(factor);
        double pValue = options.PValue(deflated, p, freedom, (long)samples);
        warnings.Add(new Warning(WarningKind.Autocorrelation, FormattableString.Invariant(
            $"Along the violated constraint {region.Samples} samples count as {region.Samples / factor:F0} independent ones. ") +
            "Take longer intervals or more of them."));
        return result with
        {
            PValue = pValue,
            EffectiveSamples = region.Samples / factor,
            Verdict = pValue < level ? result.Verdict : Verdict.Inconclusive,
        };
    }

    private Certificate? Certify(double[] direction, double statistic, double level)
    {
        foreach (System.Numerics.BigInteger[] row in ExactRows.Near(signatures, InCounterUnits(direction), region.Scale))
        {
            double[] scaled = Scaled(row);
            double proven = Proven(scaled);
            if (proven < WorthReading * statistic || options.PValue(proven, p, freedom, region.Samples) >= level || ExactRows.Sign(row, Mean()) <= 0)
                continue;
            return new Certificate(region.Counters, row, Significance(scaled)) { Mix = RowMix.Of(test.Rows, region, row) };
        }

        return null;
    }

    private Certificate? Sparse()
    {
        double[] direction = SparseDirection.Of(signatures, region);
        foreach (System.Numerics.BigInteger[] row in ExactRows.Near(signatures, InCounterUnits(direction), region.Scale))
        {
            double[] scaled = Scaled(row);
            if (Significance(scaled) >= WorthReading * Significance(direction) && ExactRows.Sign(row, Mean()) > 0)
                return new Certificate(region.Counters, row, Significance(scaled));
        }

        return null;
    }
}
