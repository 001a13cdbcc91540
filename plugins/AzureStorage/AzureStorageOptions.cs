using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>The options of the <c>azure</c> storage. None of them is a secret: credentials come from the environment variable
/// <c>AZURE_STORAGE_CONNECTION_STRING</c>, or from where the Azure SDK looks for them: the environment, the machine's identity, or who
/// is signed in.</summary>
public sealed record AzureStorageOptions : IValidatableObject
{
    /// <summary>The storage account; it is spoken to at <c>https://ACCOUNT.blob.core.windows.net</c>.</summary>
    /// <value>Default: what <see cref="Endpoint"/>, <see cref="Url"/> or the connection string says; one of them must, and no two may
    /// contradict each other.</value>
    public string? Account { get; init; }

    /// <summary>The address of the account's blob service, where it is another: in another cloud, under a domain of its own, or an
    /// emulator's, <c>http://127.0.0.1:10000/devstoreaccount1</c>.</summary>
    /// <value>Default: the account's own, or what the connection string says.</value>
    public string? Endpoint { get; init; }

    /// <summary>The container that holds the objects.</summary>
    /// <value>Required, unless <see cref="Url"/> says it.</value>
    public string? Container { get; init; }

    /// <summary>What the objects' names begin with, before a <c>/</c>: a folder in the container, such as <c>runs/first</c>.</summary>
    /// <value>Default: none, the whole container.</value>
    public string? Prefix { get; init; }

    /// <summary>Whether the service may be spoken to over plain HTTP, where everybody on the way can read along.</summary>
    /// <value>Default: false.</value>
    public bool AllowHttp { get; init; }

    /// <summary>Whether the first write may create the container.</summary>
    /// <value>Default: false; a container that does not exist is an error.</value>
    public bool Create { get; init; }

    /// <summary>All of it in one: <c>azure://account/container/prefix</c>. Behind a <c>?</c> may follow <see cref="Endpoint"/>,
    /// <see cref="AllowHttp"/> and <see cref="Create"/>, as <c>Name=value</c> with <c>&amp;</c> between them. So a command line names a
    /// place.</summary>
    /// <value>Default: none; what it says must not be said beside it.</value>
    public string? Url { get; init; }

    /// <summary>How many blocks of one object are on their way at a time. Writing from a source holds as many blocks in memory.</summary>
    /// <value>Default: 8. Range: 1 to 64.</value>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 8;

    /// <summary>For how long a request may stand still, no byte moving in either direction, before it counts as failed.</summary>
    /// <value>Default: 00:01:00. Range: 00:00:01 to 01:00:00.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        AzurePlace.Read(this, AzureConnection.StringOfEnvironment, out var problems);
        return problems;
    }
}
