using System.CommandLine;
using CoreSrl.Benchmarks.Checkpoint;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>A command that measures a storage beside its server: what it and others take to bring the same bytes up and down.</summary>
internal static class StorageCommand
{
    private const long MostBytes = 1 << 30;

    /// <summary>Creates it.</summary>
    /// <param name="name">Its name, and that of the server in tests/servers.</param>
    /// <param name="description">What it measures.</param>
    /// <param name="measureAsync">Measures, given the server's address, how many bytes, and how often.</param>
    public static Command Create(string name, string description, Func<string, int, int, Task<StorageContest>> measureAsync)
    {
        var command = new Command(name, description);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var runs = new Option<int>("--runs") { Description = "How many rounds count, after one that warms up.", DefaultValueFactory = _ => 5 };
        var size = new Option<int>("--size")
        {
            Description = $"How many bytes, such as 256MiB; at most {ByteSize.Format(MostBytes)}.",
            HelpName = "SIZE",
            DefaultValueFactory = _ => 256 << 20,
            CustomParser = result =>
            {
                if (ByteSize.Parse(result.Tokens.Single().Value) is { } bytes and <= MostBytes)
                    return (int)bytes;
                result.AddError($"--size '{result.Tokens.Single().Value}' is no size from 1MiB up to 1GiB; write it as 256MiB or 1GiB.");
                return 0;
            },
        };
        runs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--runs must be at least 1.");
        });
        foreach (var option in new Option[] { size, runs, json })
            command.Options.Add(option);
        command.SetAction(async parsed =>
        {
            try
            {
                await using var server = await ServerProcess.StartAsync(name);
                var contest = await measureAsync(server.Address, parsed.GetValue(size), parsed.GetValue(runs));
                contest.Write(parsed.GetValue(json));
                return 0;
            }
            catch (InvalidOperationException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    /// <summary>It takes minutes; whoever watches sees how far it is.</summary>
    public static void Tell(string progress) => Console.Error.WriteLine(progress);
}
