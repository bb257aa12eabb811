using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Oracles;
using KernelSuite.Counters.Verdicts;
using Xunit;
using Xunit.Abstractions;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// Verdicts of the solvers, of GLPK's linear programs over signatures, and of the facets of the cone, on random cases away from ties. One row alone
/// refutes a point; a box may break no row as a whole and yet miss the cone, so its facet verdict is a program over all rows at once. Every
/// certificate is checked in integers.
/// </summary>
public class OracleTests(ITestOutputHelper output)
{
    private const int Cases = 10_000;

    /// <summary>
    /// Points of whole numbers, judged exactly and as narrow regions: with half a count of noise, and with means that no two of these tests could
    /// take for different ones, a region is refuted where its middle is.
    /// </summary>
    [SkippableFact]
    public void Points_are_refuted_by_solver_linear_program_and_facets_alike()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(41);
        int judged = 0, refuted = 0, ties = 0;
        for (int trial = 0; judged < Cases; trial++)
        {
            if (RandomPoint.Make(random, trial) is not { } point) continue;
            if (point.IsTie)
            {
                ties++;
                continue;
            }

            Opinions opinions = point.Judge();
            Assert.True(opinions.Dispute is null, opinions.Dispute);
            judged++;
            if (!opinions.Refuted) continue;
            refuted++;
            string? fault = point.Fault();
            Assert.True(fault is null, $"trial {trial}: {fault}");
        }

        output.WriteLine($"{judged} points, {refuted} refuted, every certificate holds; {ties} ties left out");
        Assert.InRange(refuted, 3000, 7000);
        Assert.InRange(ties, 0, Cases / 10);
    }

    [SkippableFact]
    public void Boxes_are_refuted_by_solver_linear_program_and_facets_alike()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(42);
        int judged = 0, refuted = 0, ties = 0, jointly = 0, sharper = 0;
        for (int trial = 0; judged < Cases; trial++)
        {
            if (RandomBox.Make(random, trial) is not { } box) continue;
            string? dispute = box.RadiusDispute();
            Assert.True(dispute is null, dispute);
            if (box.IsTie)
            {
                ties++;
                continue;
            }

            Opinions opinions = box.Judge();
            Assert.True(opinions.Dispute is null, opinions.Dispute);
            string? fault = box.Fault() ?? box.DistanceFault();
            Assert.True(fault is null, $"trial {trial}: {fault}");
            judged++;
            if (box.IsRefutedByDistance) sharper++;
            if (!opinions.Refuted) continue;
            refuted++;
            if (!box.BreaksOneRow()) jointly++;
        }

        output.WriteLine($"{judged} boxes, {refuted} refuted, {jointly} by no row alone; {sharper} by the distance; every certificate holds; " +
            $"{ties} ties left out");
        Assert.InRange(refuted, 1500, 7000);
        Assert.True(sharper > refuted);
        Assert.InRange(ties, 0, Cases / 10);
        Assert.True(jointly > 0, "some box should meet every half-space and miss the cone");
    }

    [SkippableFact]
    public void A_verdict_that_is_turned_round_is_noticed()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(43);
        for (int trial = 0; trial < 300; trial++)
        {
            Opinions?[] both = [RandomPoint.Make(random, trial) is { IsTie: false } point ? point.Judge() : null,
                RandomBox.Make(random, trial) is { IsTie: false } box ? box.Judge() : null];
            foreach (Opinions opinions in both.OfType<Opinions>())
                for (int k = 0; k < opinions.All.Length; k++) Assert.NotNull(opinions.Flipped(k).Dispute);
        }
    }

    [SkippableFact]
    public void A_facet_or_a_signature_too_few_is_noticed()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(44);
        int facets = 0, signatures = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            if (RandomPoint.Make(random, trial) is not { IsTie: false } point) continue;
            if (point.Judge(facetsLeftOut: 1).Dispute is not null) facets++;
            if (point.Judge(signaturesLeftOut: 1).Dispute is not null) signatures++;
        }

        Assert.True(facets > 10 && signatures > 10, $"{facets} and {signatures} noticed");
    }

    /// <summary>
    /// One coefficient is changed by as little as makes the certificate wrong: too much for a signature, or too little for the region. A step less is
    /// still a proof, so the check neither sleeps nor exaggerates.
    /// </summary>
    [SkippableFact]
    public void A_certificate_with_one_coefficient_changed_is_noticed()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(45);
        int raised = 0, lowered = 0, missed = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            if (RandomBox.Make(random, trial) is not { IsTie: false } box || !box.Judge().Refuted) continue;
            Assert.Null(box.Fault());
            for (int i = 0; i < box.Counters; i++)
            {
                Count(box.NoticesRaised(i), ref raised);
                Count(box.NoticesLowered(i), ref lowered);
            }
        }

        output.WriteLine($"{raised} raised and {lowered} lowered coefficients noticed");
        Assert.Equal(0, missed);
        Assert.True(raised > 1000 && lowered > 500);

        void Count(bool? noticed, ref int count)
        {
            if (noticed is true) count++;
            else if (noticed is false) missed++;
        }
    }
}
