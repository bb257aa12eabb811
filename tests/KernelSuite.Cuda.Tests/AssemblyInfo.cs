// The fake driver is one for the process: scripts and counts of two tests must not mix.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
