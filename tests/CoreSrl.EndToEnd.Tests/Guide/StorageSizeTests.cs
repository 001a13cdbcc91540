namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>The guide's section Storage Management: what the checkpoints take on disk, and what could go.</summary>
[Collection(AFinishedRun.Name)]
public sealed class StorageSizeTests(FinishedRun run)
{
    [Fact]
    public async Task The_total_is_what_the_guide_counts_file_by_file()
    {
        var size = await run.ReadAsync("size", "--dir", "checkpoints", "--json");

        Assert.Equal(OnDisk(run.Directory), (long)size["total_bytes"]!);
        Assert.Equal(OnDisk(Path.Combine(run.Directory, "base_weights")), (long)size["base_weight_bytes"]!);
        Assert.Equal(
            run.Checkpoints.Reverse().Select(checkpoint => (Path.GetFileName(checkpoint), OnDisk(checkpoint))),
            size["checkpoints"]!.AsArray().Select(entry => ((string)entry!["id"]!, (long)entry["size_bytes"]!)));
    }

    [Fact]
    public async Task What_could_go_is_what_no_policy_of_the_configuration_keeps()
    {
        var size = await run.ReadAsync("size", "run.json", "--set", "Checkpoints:MaxCheckpoints=3", "--json");

        // The three newest stay, the final one, and what the milestone policy tagged.
        var gone = run.Checkpoints.Where(checkpoint => Episode(checkpoint) is <= 20 and not 12).ToList();
        Assert.Equal(
            gone.Select(Path.GetFileName).Order(),
            size["checkpoints"]!.AsArray().Where(entry => (bool)entry!["prunable"]!).Select(entry => (string)entry!["id"]!).Order());
        Assert.Equal(gone.Sum(OnDisk), (long)size["prunable_bytes"]!);
        Assert.Equal(24, run.Checkpoints.Count); // Asking removes nothing.
    }

    [Fact]
    public async Task The_sums_are_shown_to_people()
    {
        var said = await run.SayAsync("size", "run.json", "--set", "Checkpoints:MaxCheckpoints=21");

        Assert.Equal(2, said.Split('\n').Count(line => line.EndsWith("   can go", StringComparison.Ordinal)));
        var bases = Directory.GetFiles(Path.Combine(run.Directory, "base_weights")).Length;
        Assert.Matches($@"(?m)^base weights +\d+\.\d [KM]iB   {bases}, shared by the checkpoints$", said);
        Assert.Matches(@"(?m)^in all +\d+\.\d MiB$", said);
        Assert.Matches(@"(?m)^pruning frees +\d+\.\d KiB   2 that no policy keeps$", said);
    }

    private static long Episode(string checkpoint) => Training.RunDirectory.Episode(checkpoint);

    private static long OnDisk(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
