using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class ConeMembershipTests
{
    [Fact]
    public void Certificates_either_way()
    {
        var signatures = new SignatureSet(new CounterSet(["a", "b"]), [[1, 0], [1, 1]]);
        ConeMembership inside = ConeMembership.Of(signatures, [10L, 4L]);
        Assert.Equal([new SignatureWeight(0, 6, 1), new SignatureWeight(1, 4, 1)], inside.Weights);
        ConeMembership outside = ConeMembership.Of(signatures, [10L, 11L]);
        Assert.False(outside.IsMember);
        Assert.Equal("b <= a", outside.Broken!.ToString());
        Assert.Contains("Expected 2", Assert.Throws<ArgumentException>(() => ConeMembership.Of(signatures, [1L])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 6, 4)]
    [InlineData(6, 13, 2)]
    [InlineData(6, 9, 1L << 40)]
    public void It_agrees_with_the_rows_and_its_certificates_hold(int counters, int count, long most)
    {
        var random = new Random(7 * counters);
        int members = 0, others = 0;
        for (int trial = 0; trial < 30; trial++)
        {
            SignatureSet signatures = trial % 2 == 0 ? RandomCones.Sparse(random, counters, count, 0.5, most)
                : RandomCones.Flow(random, counters, 2, 2, 1, count);
            ModelCone cone = ModelCone.Of(signatures);
            foreach (BigInteger[] point in Points(random, signatures, most))
            {
                bool byRows = cone.Equalities.All(row => row.Evaluate(point).IsZero) && cone.Inequalities.All(row => row.Evaluate(point).Sign <= 0);
                ConeMembership membership = ConeMembership.Of(signatures, point);
                Assert.Equal(byRows, membership.IsMember);
                if (byRows) members++;
                else others++;
                CheckCertificate(signatures, point, membership);
            }
        }

        Assert.True(members > 30 && others > 30, $"{members} members and {others} others");
    }

    [Fact]
    public void No_signatures_generate_the_origin_alone()
    {
        var none = new SignatureSet(new CounterSet(["a", "b"]), []);
        Assert.Empty(ConeMembership.Of(none, [0L, 0L]).Weights!);
        Assert.Equal("a + b <= 0", ConeMembership.Of(none, [1L, 0L]).Broken!.ToString());
        Assert.Equal("a <= b", ConeMembership.Of(none, [0L, -1L]).Broken!.ToString());
    }

    private static IEnumerable<BigInteger[]> Points(Random random, SignatureSet signatures, long most)
    {
        int counters = signatures.Counters.Count;
        for (int i = 0; i < 4; i++)
        {
            // A combination, one moved off it by one tick, and anything.
            BigInteger[] sum = new BigInteger[counters];
            for (int s = 0; s < signatures.Count; s++)
            {
                int weight = random.Next(3) * random.Next(100);
                for (int c = 0; c < counters; c++) sum[c] += weight * (BigInteger)signatures[s][c];
            }

            yield return sum;
            BigInteger[] moved = [.. sum];
            moved[random.Next(counters)] -= random.Next(2) == 0 ? 1 : -1;
            yield return moved;
            yield return [.. RandomCones.Point(random, counters, most).Select(v => (BigInteger)(v - (random.Next(8) == 0 ? most : 0)))];
        }
    }

    private static void CheckCertificate(SignatureSet signatures, BigInteger[] point, ConeMembership membership)
    {
        if (membership.Broken is { } row)
        {
            Assert.True(row.Evaluate(point).Sign > 0);
            for (int s = 0; s < signatures.Count; s++) Assert.True(row.Evaluate(signatures[s]).Sign <= 0);
            return;
        }

        BigInteger common = membership.Weights!.Aggregate(BigInteger.One, (all, w) => all * w.Denominator);
        for (int c = 0; c < point.Length; c++)
        {
            BigInteger sum = BigInteger.Zero;
            foreach (SignatureWeight w in membership.Weights!) sum += w.Numerator * common / w.Denominator * signatures[w.Signature][c];
            Assert.Equal(common * point[c], sum);
        }
    }
}
