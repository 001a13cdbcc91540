using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Where the objects lie, and how to get there: what the options and the connection string say. It holds no secret.</summary>
internal sealed partial record AzurePlace
{
    /// <summary>The account's name; the host's where an address does not say it.</summary>
    public required string Account { get; init; }

    /// <summary>The address of the account's blob service, without a query.</summary>
    public required Uri Service { get; init; }

    public required string Container { get; init; }

    /// <summary>Empty, or ending in <c>/</c>.</summary>
    public required string Prefix { get; init; }

    public bool Create { get; init; }

    /// <summary>Its name in messages.</summary>
    public string Location => $"azure://{Account}/{Container}/{Prefix}".TrimEnd('/');

    /// <summary>Reads options; of a problem, nothing is echoed that could hold a secret.</summary>
    /// <param name="options">The options.</param>
    /// <param name="connectionString">The connection string of the environment, if there is one.</param>
    /// <param name="problems">What is wrong with them; if anything is, the place is none.</param>
    public static AzurePlace Read(AzureStorageOptions options, string? connectionString, out IReadOnlyList<ValidationResult> problems)
    {
        var found = new List<ValidationResult>();
        problems = found;
        if (options.Url is not null)
            options = AzureUrl.Spread(options, problem => found.Add(new(problem, [nameof(options.Url)])));
        else if (options.Container is null)
            Add(nameof(options.Container), "the name of a container is required");
        if (options.Container is { } container && !(container.Length is >= 3 and <= 63 && ContainerName().IsMatch(container)))
            Add(nameof(options.Container), "no container can have this name: it has 3 to 63 lower-case letters, digits and single hyphens, and begins and ends with a letter or digit");
        if (options.Account is { } name && !AccountName().IsMatch(name))
            Add(nameof(options.Account), "no account can have this name: it has 3 to 24 lower-case letters and digits");

        var prefix = options.Prefix?.TrimEnd('/') ?? "";
        try
        {
            BlobName.CheckPrefix("", prefix.Length == 0 ? "" : prefix + "/");
        }
        catch (StorageException e)
        {
            Add(nameof(options.Prefix), e.Message);
        }

        var said = ServiceOf(options, problem => Add(nameof(options.Endpoint), problem));
        var service = found.Count > 0 ? null : Agree(options, said, connectionString, (member, problem) => Add(member, problem));
        return new()
        {
            Account = options.Account ?? AccountOf(service) ?? service?.Host ?? "",
            Service = service ?? new("https://none.invalid"),
            Container = options.Container ?? "",
            Prefix = prefix.Length == 0 ? "" : prefix + "/",
            Create = options.Create,
        };

        void Add(string member, string problem) => found.Add(member.Length == 0 ? new(problem) : new(problem, [options.Url is null ? member : nameof(options.Url)]));
    }

    /// <summary>The address that the options say; null when they say none, or a wrong one.</summary>
    private static Uri? ServiceOf(AzureStorageOptions options, Action<string> add)
    {
        if (options.Endpoint is not { } text)
            return options.Account is { } account && AccountName().IsMatch(account) ? new($"https://{account}.blob.core.windows.net") : null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || (endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp)
            || endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
        {
            add("it must be an address such as https://account.blob.core.windows.net, without user, password or query");
            return null;
        }

        if (options.Account is { } name && AccountOf(endpoint) is { } other && other != name)
            add($"it is the address of the account '{other}', but Account is '{name}'; leave one of them out");
        return endpoint;
    }

    /// <summary>The address of the service: what the connection string says, as long as the options say nothing else.</summary>
    private static Uri? Agree(AzureStorageOptions options, Uri? said, string? connectionString, Action<string, string> add)
    {
        var member = options.Endpoint is null ? nameof(options.Account) : nameof(options.Endpoint);
        var service = said;
        if (connectionString is not null)
        {
            const string variable = AzureConnection.Variable;
            if ((service = ServiceOf(connectionString)) is null)
                add("", $"the environment variable {variable} holds no connection string of a storage account, as in AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net");
            else if (options.Account is { } account && AccountOf(service) is { } named && named != account)
                add(member, $"{variable} is about the account '{named}', not '{account}'; change one of them, or leave this out");
            else if (options.Endpoint is not null && Comparable(service) != Comparable(said!))
                add(member, $"{variable} is about {Comparable(service)}; change one of them, or leave this out");
        }
        else if (service is null)
        {
            add("", $"no storage account is known; set Account or Endpoint, or {AzureConnection.Variable} in the environment");
        }

        if (service?.Scheme != Uri.UriSchemeHttp)
            return service;
        if (!options.AllowHttp)
            add(member, $"{Comparable(service)} is a plain http:// address, where everybody on the way can read along; use https://, or say {(options.Url is null ? "\"AllowHttp\": true" : "AllowHttp=true behind a '?' in the URL")}");
        else if (connectionString is null)
            add(member, $"nobody signs in over plain http://; use https://, or for an emulator put its connection string into {AzureConnection.Variable}");
        return service;
    }

    private static Uri? ServiceOf(string connectionString)
    {
        try
        {
            // With a shared access signature in the string, its address has that in its query.
            var service = new Uri(new BlobServiceClient(connectionString).Uri.GetLeftPart(UriPartial.Path));
            return service.UserInfo.Length == 0 ? service : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Comparable(Uri service) => service.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private static string? AccountOf(Uri? service) =>
        service is not null && new BlobUriBuilder(service).AccountName is { Length: > 0 } name ? name : null;

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z")]
    private static partial Regex AccountName();

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex ContainerName();
}
