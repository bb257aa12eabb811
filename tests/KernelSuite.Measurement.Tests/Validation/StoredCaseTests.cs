using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class StoredCaseTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("ksuite-stored-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Committed_cases_pass_on_every_device(string id)
    {
        TestDevices.Shared(id);
        ValidationReport report = Check(Path.Combine(RepositoryFolder(), "tests", "golden", "attention"), OperationCatalog.All, id);
        Assert.True(report.Failed == 0, string.Join(Environment.NewLine, report.Cases.Select(c => $"{c.Case}: {c.Reason}")));
        Assert.True(report.Passed >= 5, $"Only {report.Passed} stored cases were checked.");
    }

    [Fact]
    public void A_right_case_passes_and_files_may_be_abbreviated()
    {
        Store("twice/good", "{}", reference: 2);
        Assert.Equal(1, Check(root, [new FakeOperation()]).Passed);
    }

    [Fact]
    public void A_stored_reference_that_is_wrong_fails_although_the_device_agrees_with_ours()
    {
        Store("twice/bad", "{}", reference: 3);
        ValidationReport report = Check(root, [new FakeOperation()]);
        Assert.Equal(1, report.Failed);
        Assert.Contains("stored y", report.Cases[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_device_result_fails()
    {
        Store("twice/good", "{}", reference: 2);
        Assert.Equal(1, Check(root, [new FakeOperation(Fault.Zeros)]).Failed);
    }

    [Fact]
    public void The_operation_may_be_named_in_the_settings()
    {
        Store("elsewhere", """{ "operation": "twice", "quietly": true, "factor": 2 }""", reference: 2);
        Assert.Equal(1, Check(root, [new FakeOperation()]).Passed);
    }

    [Theory]
    [InlineData("elsewhere", "{}", "no operation is named")]
    [InlineData("elsewhere", """{ "operation": "thrice" }""", "no operation 'thrice'")]
    [InlineData("elsewhere", """{ "operation": 3 }""", "no operation '3'")]
    [InlineData("twice/a", "[]", "one JSON object")]
    [InlineData("twice/a", "{", "case.json")]
    [InlineData("twice/a", """{ "colour": 1 }""", "'colour' is no option")]
    [InlineData("twice/a", """{ "factor": "two" }""", "'factor' is \"two\"")]
    [InlineData("twice/a", """{ "quietly": 1 }""", "'quietly' is 1")]
    [InlineData("twice/a", """{ "factor": 3 }""", "--factor is 3")]
    public void Malformed_settings_are_named(string folder, string settings, string expected)
    {
        Store(folder, settings, reference: 2);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Check(root, [new FakeOperation()]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(root, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_no_operand_is_named()
    {
        Store("twice/a", "{}", reference: 2);
        File.Copy(Path.Combine(root, "twice/a/x.npy"), Path.Combine(root, "twice/a/zz.npy"));
        Assert.Contains("zz.npy", Assert.Throws<ArgumentException>(() => Check(root, [new FakeOperation()])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_of_another_shape_is_named()
    {
        Store("twice/a", "{}", reference: 2);
        using HostArray wrong = HostArray.FromSpan<double>(new double[8], 1, 8);
        NpyFile.Write(Path.Combine(root, "twice/a/y.npy"), wrong);
        Assert.Contains("'y' has shape", Assert.Throws<ArgumentException>(() => Check(root, [new FakeOperation()])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named() =>
        Assert.Contains("no folder", Assert.Throws<ArgumentException>(() => Check(Path.Combine(root, "nowhere"), [new FakeOperation()])).Message, StringComparison.Ordinal);

    private static ValidationReport Check(string folder, IReadOnlyList<Operation> operations, string device = "cpu") =>
        ValidationRunner.RunStored(new SuiteRequest { Operations = operations, Devices = [DeviceCatalog.Default.Find(device)] }, folder);

    private static string RepositoryFolder()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "KernelSuite.sln"))) return folder;
        throw new InvalidOperationException("KernelSuite.sln is in no folder above the tests.");
    }

    private void Store(string folder, string settings, double reference)
    {
        string path = Path.Combine(root, folder);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "case.json"), settings);
        float[] values = [.. Enumerable.Range(1, 16).Select(i => i / 3f)];
        using HostArray x = HostArray.FromSpan<float>(values, 2, 8);
        using HostArray y = HostArray.FromSpan<double>([.. values.Select(v => v * reference)], 2, 8);
        NpyFile.Write(Path.Combine(path, "x.npy"), x);
        NpyFile.Write(Path.Combine(path, "y.npy"), y);
    }
}
