using KernelSuite.Cli;

return Entry.Run(args);
