using System.Globalization;

namespace KernelSuite.Measurement;

/// <summary>A validation as tables.</summary>
public static class ValidationText
{
    /// <summary>One row for every operation, device, implementation and dtype.</summary>
    public static TextTable Summary(ValidationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("operation"), new TextColumn("device"), new TextColumn("impl"), new TextColumn("dtype"), new TextColumn("pass", true), new TextColumn("fail", true),
            new TextColumn("unsupported", true), new TextColumn("error/allowed", true), new TextColumn("worst case"));
        foreach (var group in report.Cases.GroupBy(c => (c.Operation, c.Device, c.Implementation, c.Dtype)))
        {
            ValidationRecord worst = group.MaxBy(Share)!;
            bool ran = group.Any(c => double.IsFinite(Share(c)) && Share(c) >= 0);
            table.Add(
                group.Key.Operation, group.Key.Device, group.Key.Implementation, group.Key.Dtype,
                Count(group, StatusNames.Pass), Count(group, StatusNames.Fail), Count(group, StatusNames.Unsupported),
                ran ? Share(worst).ToString("F2", CultureInfo.InvariantCulture) : Quantity.None, ran ? worst.Case : Quantity.None);
        }

        return table;
    }

    /// <summary>One row a case.</summary>
    /// <param name="report">The report.</param>
    /// <param name="all">Whether passing cases are listed too.</param>
    public static TextTable Cases(ValidationReport report, bool all)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("case"), new TextColumn("dtype"), new TextColumn("device"), new TextColumn("impl"), new TextColumn("status"), new TextColumn("error", true),
            new TextColumn("allowed", true), new TextColumn("reason"));
        foreach (ValidationRecord c in report.Cases.Where(c => all || c.Status != StatusNames.Pass))
            table.Add(c.Case, c.Dtype, c.Device, c.Implementation, c.Status, Quantity.Error(c.WorstError), Quantity.Error(c.Allowed), c.Reason);
        return table;
    }

    private static double Share(ValidationRecord c) => double.IsNaN(c.WorstError) ? -1 : c.Allowed > 0 ? c.WorstError / c.Allowed : c.WorstError > 0 ? double.PositiveInfinity : 0;

    private static string Count(IEnumerable<ValidationRecord> cases, string status) =>
        cases.Count(c => c.Status == status).ToString(CultureInfo.InvariantCulture);
}
