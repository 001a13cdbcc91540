namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>A run whose checkpoints lie where a plugin puts them.</summary>
public sealed class StoragePluginTests
{
    [Fact]
    public async Task What_to_type_next_finds_the_checkpoints_of_a_storage_that_no_folder_is()
    {
        using var run = new PluginRun();

        var trained = (await run.TrainAsync("Checkpoints:Storage:Use=killing")).Succeeded().Output;

        Assert.Matches("\n  [^\n]+ list --config run.json\n  [^\n]+ show final_[^ \n]+ --config run.json\n", trained);
        Assert.DoesNotContain("--dir", trained, StringComparison.Ordinal);
    }
}
