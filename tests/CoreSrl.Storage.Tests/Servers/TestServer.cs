namespace CoreSrl.Storage.Tests.Servers;

/// <summary>A real server that <c>tests/servers/run-with</c> started, or the reason why there is none.</summary>
public sealed class TestServer
{
    private readonly string _variable;

    private TestServer(string variable) => _variable = variable;

    /// <summary>Ceph's S3 gateway; its address is the endpoint.</summary>
    public static TestServer S3 { get; } = new("CORESRL_TEST_S3");

    /// <summary>Azurite's blob service; its address is a connection string.</summary>
    public static TestServer Azure { get; } = new("CORESRL_TEST_AZURE");

    /// <summary>Where it is.</summary>
    /// <exception cref="InvalidOperationException">There is none: what is missing.</exception>
    public string Address => Read(_variable) ?? throw new InvalidOperationException(WhyMissing);

    /// <summary>Why a test that needs it is skipped; null when it is not: the server is there, or must be.</summary>
    public string? WhySkipped =>
        Read(_variable) is null && Read("CORESRL_REQUIRE_SERVERS") != "1" ? WhyMissing : null;

    private string WhyMissing => Read(_variable + "_MISSING")
        ?? $"{_variable} is not set: run the tests by 'tests/run', or by 'tests/servers/run-with dotnet test …'.";

    private static string? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
