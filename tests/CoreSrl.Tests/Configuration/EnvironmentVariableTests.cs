using CoreSrl.Configuration;

namespace CoreSrl.Tests.Configuration;

/// <summary>Alone in the process: environment variables are seen by every other test.</summary>
[CollectionDefinition(nameof(EnvironmentVariableTests), DisableParallelization = true)]
[Collection(nameof(EnvironmentVariableTests))]
public sealed class EnvironmentVariableTests
{
    [Fact]
    public void An_environment_variable_wins_over_the_file_and_a_setting_over_both() => With("SRL_Training__MaxEpisodes", "12", () =>
    {
        Assert.Equal(12, MultiModelConfig.Default().Training.MaxEpisodes);
        Assert.Equal(13, MultiModelConfig.Default("Training:MaxEpisodes=13").Training.MaxEpisodes);
    });

    [Fact]
    public void A_wrong_environment_variable_is_named() => With("SRL_Training__MaxEpisodes", "soon", () =>
    {
        var error = Assert.Throws<ConfigurationException>(() => MultiModelConfig.Default());
        Assert.Equal("Training:MaxEpisodes (from environment variable SRL_Training__MaxEpisodes): 'soon' is not a whole number.", error.Message);
    });

    [Fact]
    public void Other_environment_variables_do_not_matter() =>
        With("Training__MaxEpisodes", "12", () => Assert.Equal(200, MultiModelConfig.Default().Training.MaxEpisodes));

    private static void With(string name, string value, Action test)
    {
        Environment.SetEnvironmentVariable(name, value);
        try
        {
            test();
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }
}
