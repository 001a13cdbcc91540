using CoreSrl.Configuration;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Configuration;

public sealed class MultiModelConfigTests
{
    private const string Minimal = """{ "Environment": { "Use": "game" }, "Models": [ { "Id": "a", "Use": "m" } ] }""";

    [Fact]
    public void The_built_in_configuration_is_three_local_models_in_one_game()
    {
        var config = MultiModelConfig.Default();
        Assert.Equal("coop-compete", config.Environment.Use);
        Assert.Equal(["model_0_qwen3", "model_1_qwen3", "model_2_qwen3"], config.Models.Select(model => model.Id));
        Assert.All(config.Models, model => Assert.Equal("torch-lora", model.Backend.Use));
        Assert.Equal("local", config.Storage.Use);
        Assert.Equal((200, 7UL, 10), (config.Training.MaxEpisodes, config.Training.Seed, config.Checkpoints.MaxCheckpoints));
    }

    [Fact]
    public void What_is_not_said_has_its_default()
    {
        var config = MultiModelConfig.Parse(Minimal);
        Assert.Equal("local", config.Storage.Use);
        Assert.Equal("Checkpoints:Storage", config.Storage.Path);
        Assert.Empty(config.Policies);
        Assert.Empty(config.Metadata);
        Assert.Empty(config.Plugins.Directories);
        Assert.Equal(new TrainingOptions(), config.Training);
        Assert.Equal(new CheckpointOptions(), config.Checkpoints);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("elsewhere")]
    public void Another_place_wins_over_all_that_is_said_about_the_storage(string use)
    {
        var config = MultiModelConfig.Parse(
            """{ "Environment": { "Use": "game" }, "Models": [ { "Id": "a", "Use": "m" } ], "Checkpoints": { "SaveInterval": 3, "Directory": "here", "Storage": { "Use": "USE", "Bucket": "b" } } }"""
                .Replace("USE", use, StringComparison.Ordinal));

        var folder = config.At("there");
        Assert.Equal(("there", "local"), (folder.Checkpoints.Directory, folder.Storage.Use));
        Assert.Empty(folder.Storage.Section.GetChildren());

        var url = config.At("far://away/there");
        Assert.Equal(("here", "far", 3), (url.Checkpoints.Directory, url.Storage.Use, url.Checkpoints.SaveInterval));
        Assert.Equal([("Url", "far://away/there"), ("Use", "far")], url.Storage.Section.GetChildren().Select(option => (option.Key, option.Value)));
    }

    [Fact]
    public void A_storage_may_have_a_fast_tier()
    {
        var config = Tiered("""{ "Use": "Tiered", "Keep": 5, "Fast": { "Use": "local", "Directory": "fast" }, "Durable": { "Use": "s3", "Bucket": "b" } }""");
        Assert.Equal(("s3", "Checkpoints:Storage:Durable", "b"), (config.Storage.Use, config.Storage.Path, config.Storage.Section["Bucket"]));
        Assert.Equal(("local", "Checkpoints:Storage:Fast", 5), (config.FastTier!.Storage.Use, config.FastTier.Storage.Path, config.FastTier.Options.Keep));
        Assert.Null(config.At("elsewhere").FastTier);
        Assert.Equal(2, Tiered("""{ "Use": "tiered", "Fast": { "Use": "local" }, "Durable": { "Use": "s3" } }""").FastTier!.Options.Keep);
    }

    [Fact]
    public void All_that_is_wrong_with_tiers_is_told_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => Tiered("""{ "Use": "tiered", "Keep": 0, "Quick": 1, "Fast": { "Use": "tiered" }, "Directory": "here" }"""));
        Assert.Equal(
            [
                "Checkpoints:Storage:Directory (from the text): no option of Checkpoints:Storage is called 'Directory'. Known: Durable, Fast, Keep, Use.",
                "Checkpoints:Storage:Quick (from the text): no option of Checkpoints:Storage is called 'Quick'. Known: Durable, Fast, Keep, Use.",
                "Checkpoints:Storage:Fast:Use (from the text): a tier cannot have tiers itself; name a storage.",
                "Checkpoints:Storage:Durable:Use: a plugin's name is required.",
            ],
            error.Problems);
        error = Assert.Throws<ConfigurationException>(() => Tiered("""{ "Use": "tiered", "Keep": 0, "Fast": { "Use": "local" }, "Durable": "s3" }"""));
        Assert.Equal(
            [
                "Checkpoints:Storage:Keep (from the text): must be at least 1, not 0.",
                "Checkpoints:Storage:Durable (from the text): 's3' stands where a section { \"Use\": … } is expected.",
            ],
            error.Problems);
    }

    private static MultiModelConfig Tiered(string storage) => MultiModelConfig.Parse(
        $$"""{ "Environment": { "Use": "game" }, "Models": [ { "Id": "a", "Use": "m" } ], "Checkpoints": { "Storage": {{storage}} } }""", "the text");

    [Fact]
    public void Models_policies_and_contributors_keep_their_order()
    {
        var config = MultiModelConfig.Parse("""
            { "Environment": { "Use": "game" },
              "Models": [ { "Id": "z", "Use": "m" }, { "Id": "a", "Use": "n" } ],
              "Checkpoints": { "Policies": [ { "Use": "p1" }, { "Use": "p0" } ], "Metadata": [ { "Use": "c" } ] } }
            """);
        Assert.Equal([("z", "m"), ("a", "n")], config.Models.Select(model => (model.Id, model.Backend.Use)));
        Assert.Equal(["p1", "p0"], config.Policies.Select(policy => policy.Use));
        Assert.Equal(["Checkpoints:Metadata:0"], config.Metadata.Select(contributor => contributor.Path));
    }

    [Fact]
    public void A_setting_wins_over_the_file() =>
        Assert.Equal(99, MultiModelConfig.Parse(Minimal, "f", "Training:MaxEpisodes=5", "training:maxepisodes=99").Training.MaxEpisodes);

    [Fact]
    public void A_setting_may_contain_an_equals_sign() =>
        Assert.Equal("a=b", MultiModelConfig.Parse(Minimal, "f", "Checkpoints:Directory=a=b").Checkpoints.Directory);

    [Theory]
    [InlineData("Training.MaxEpisodes", "--set Training.MaxEpisodes: not of the form Section:Key=value. Example: --set Training:MaxEpisodes=100")]
    [InlineData("=5", "--set =5: not of the form Section:Key=value. Example: --set Training:MaxEpisodes=100")]
    [InlineData("Trainig:Seed=1", "Trainig (from --set): no option of the configuration is called 'Trainig'. Did you mean 'Training'? Known: Checkpoints, Environment, Models, Plugins, Training.")]
    [InlineData("Training:Seeed=1", "Training:Seeed (from --set): no option of Training is called 'Seeed'. Did you mean 'Seed'?*")]
    [InlineData("Training:MaxEpisodes=0", "Training:MaxEpisodes (from --set): must be between 1 and 1000000000000, not 0.")]
    [InlineData("Training:RunName=../up", "Training:RunName (from --set): '../up': use up to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit.")]
    [InlineData("Training:RunName=final_sprint", "Training:RunName (from --set): 'final_sprint' does not go with the names '{run}_ep_{episode}_{timestamp}' of its checkpoints: only the name of a final checkpoint begins with 'final_', which is put before the others.")]
    [InlineData("Training:Mode=mixd", "Training:Mode (from --set): 'mixd' is not one of its values. Did you mean 'mixed'? Known: competitive, cooperative, hierarchical, mixed.")]
    [InlineData("Training:GroupSize=1", "Training:GroupSize (from --set): with one game there is nothing to compare it with, so nothing could be learned; use at least 2, or Training:LearningRate=0.")]
    [InlineData("Training:GamesPerEpisode=1", "Training:GamesPerEpisode (from --set): with one game*Training:LearningRate=0.")]
    [InlineData("Training:GroupSize=3", "Training:GroupSize (from --set): 3 does not divide Training:GamesPerEpisode, which is 8.")]
    [InlineData("Checkpoints:MaxCheckpoints=0", "Checkpoints:MaxCheckpoints (from --set): 0 would keep none; use -1 to keep all, or a number above 0.")]
    [InlineData("Checkpoints:Directory=s3://user:canary@bucket/run", "Checkpoints:Directory (from --set): it is a folder of this machine, and no URL; for that say \"Storage\": { \"Use\": …, \"Url\": … }.")]
    [InlineData("Checkpoints:Name={run}_{epsiode}_{timestamp}", "Checkpoints:Name (from --set): there is no placeholder {epsiode}. Did you mean 'episode'?*")]
    [InlineData("Models:1:Id=A", "Models:1:Id (from --set): 'A' is already the id of Models:0; give each model its own.")]
    [InlineData("Models:0:Id=a/b", "Models:0:Id (from --set): 'a/b' cannot be a model's id: use letters, digits, '_', '-' and '.', beginning with a letter, digit or '_'.")]
    [InlineData("Models:0:Use=", "Models:0:Use (from --set): a plugin's name is required.")]
    public void A_setting_that_cannot_be_used_is_told_with_its_remedy(string setting, string expected)
    {
        string[] settings = setting.StartsWith("Models:1", StringComparison.Ordinal) ? [setting, "Models:1:Use=m"] : [setting];
        var error = Assert.Throws<ConfigurationException>(() => MultiModelConfig.Parse(Minimal, "the file", settings));
        var parts = expected.Split('*');
        Assert.StartsWith(parts[0], error.Message, StringComparison.Ordinal);
        Assert.EndsWith(parts[^1], error.Message, StringComparison.Ordinal);
        Assert.Single(error.Problems);
    }

    [Fact]
    public void Every_problem_of_every_section_is_told_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => MultiModelConfig.Parse("""
            { "Training": { "MaxEpisodes": "all", "GamesPerEpisode": 8, "Lerning": 1 }, "Checkpoints": { "SaveInterval": -1 }, "Modles": [] }
            """, "run.json", "Plugins:Directories=here"));
        string[] places = ["Modles", "Training:MaxEpisodes", "Training:Lerning", "Checkpoints:SaveInterval", "Plugins:Directories", "Environment:Use", "Models"];
        Assert.All(places, place => Assert.Single(error.Problems, problem => problem.StartsWith(place + " (", StringComparison.Ordinal) || problem.StartsWith(place + ": ", StringComparison.Ordinal)));
        Assert.Equal(places.Length, error.Problems.Count);
        Assert.Contains(error.Problems, problem => problem.Contains(" (from run.json): ", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.Contains(" (from --set): ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"Training\": { \"Seed\": 1,, } }", "run.json, line 1, column 27: not valid JSON: ")]
    [InlineData("{\n\n  \"Training\": oops\n}", "run.json, line 3, column 15: not valid JSON: ")]
    [InlineData("[1]", "run.json: a configuration is a JSON object, { \"Training\": … }; this is Array.")]
    [InlineData("{ \"Training\": { \"Seed\": 1, \"seed\": 2 } }", "run.json: ")]
    public void Broken_JSON_is_told_with_its_place(string json, string beginning)
    {
        var error = Assert.Throws<ConfigurationException>(() => MultiModelConfig.Parse(json, "run.json"));
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed() =>
        Assert.Equal("a", MultiModelConfig.Parse("{ /* a game */ \"Environment\": { \"Use\": \"game\", }, // models\n \"Models\": [ { \"Id\": \"a\", \"Use\": \"m\" } ], }").Models[0].Id);

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ConfigurationException>(() => MultiModelConfig.Load(folder["none.json"]));
        Assert.StartsWith($"There is no configuration {folder["none.json"]} ", error.Message, StringComparison.Ordinal);
        File.WriteAllText(folder["some.json"], Minimal);
        Assert.Equal("game", MultiModelConfig.Load(folder["some.json"]).Environment.Use);
    }
}
