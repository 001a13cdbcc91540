using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using System.Web;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Where the objects lie, and how to get there: what the options say, wherever they say it.</summary>
internal sealed partial record S3Place
{
    /// <summary>What a URL may say behind its question mark.</summary>
    private static readonly string[] InQuery =
    [
        nameof(S3StorageOptions.Region), nameof(S3StorageOptions.Endpoint), nameof(S3StorageOptions.Profile),
        nameof(S3StorageOptions.AllowHttp), nameof(S3StorageOptions.Create),
    ];

    public required string Bucket { get; init; }

    /// <summary>Empty, or ending in <c>/</c>.</summary>
    public required string Prefix { get; init; }

    public string? Region { get; init; }

    public Uri? Endpoint { get; init; }

    public string? Profile { get; init; }

    public bool AllowHttp { get; init; }

    public bool Create { get; init; }

    /// <summary>Its name in messages.</summary>
    public string Location => $"s3://{Bucket}/{Prefix}".TrimEnd('/');

    /// <summary>Reads options; of a problem, nothing is echoed that could hold a secret.</summary>
    /// <param name="options">The options.</param>
    /// <param name="problems">What is wrong with them.</param>
    public static S3Place Read(S3StorageOptions options, out IReadOnlyList<ValidationResult> problems)
    {
        var found = new List<ValidationResult>();
        problems = found;
        if (options.Url is { } url)
            options = Spread(options, url, found);
        else if (options.Bucket is null)
            Add(nameof(options.Bucket), "the name of a bucket is required");

        var prefix = options.Prefix?.TrimEnd('/') ?? "";
        var place = new S3Place
        {
            Bucket = options.Bucket ?? "",
            Prefix = prefix.Length == 0 ? "" : prefix + "/",
            Region = options.Region,
            Endpoint = ReadEndpoint(options.Endpoint),
            Profile = options.Profile,
            AllowHttp = options.AllowHttp,
            Create = options.Create,
        };
        if (options.Bucket is { } bucket && !BucketName().IsMatch(bucket))
            Add(nameof(options.Bucket), "no bucket can have this name: it has at least 3 letters, digits, dots, hyphens or underscores, and begins and ends with a letter or digit");
        if (place.Bucket.EndsWith("--x-s3", StringComparison.Ordinal))
            Add(nameof(options.Bucket), "a directory bucket lists its objects in no order and cannot hold checkpoints; use a general purpose bucket");
        if (options.Region is { } region && !IsRegion(region))
            Add(nameof(options.Region), "no region has this name; one is called like eu-central-1");
        try
        {
            ObjectKey.CheckPrefix(place.Prefix);
        }
        catch (StorageException e)
        {
            Add(nameof(options.Prefix), e.Message);
        }

        return place;

        void Add(string member, string problem) => found.Add(new(problem, [options.Url is null ? member : nameof(options.Url)]));

        Uri? ReadEndpoint(string? text)
        {
            if (text is null)
                return null;
            if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || EndpointProblem(endpoint) is not null)
                endpoint = null;
            if (endpoint is null)
                Add(nameof(options.Endpoint), "it must be an address such as https://storage.example:9000, without user, password or query");
            else if (endpoint.Scheme == Uri.UriSchemeHttp && !options.AllowHttp)
                Add(nameof(options.Endpoint), PlainHttp(inUrl: options.Url is not null));
            return endpoint;
        }
    }

    /// <summary>Whether a region can have that name.</summary>
    public static bool IsRegion(string name) => RegionName().IsMatch(name);

    /// <summary>Why an endpoint is refused, as the end of a sentence without its full stop; null when it is none.</summary>
    public static string? EndpointProblem(Uri endpoint) =>
        endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp ? "it is no http or https address"
        : endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0 ? "it has a user, password or query"
        : null;

    /// <summary>Why an endpoint without encryption is refused.</summary>
    public static string PlainHttp(bool inUrl = false) =>
        $"it is a plain http:// address, where everybody on the way can read along; use https://, or say {(inUrl ? "AllowHttp=true behind a '?' in the URL" : "\"AllowHttp\": true")}";

    /// <summary>The options that a URL stands for.</summary>
    private static S3StorageOptions Spread(S3StorageOptions options, string url, List<ValidationResult> problems)
    {
        var beside = new (string Name, bool Said)[]
        {
            (nameof(options.Bucket), options.Bucket is not null), (nameof(options.Prefix), options.Prefix is not null),
        };
        foreach (var (name, said) in beside)
        {
            if (said)
                Add($"the URL says the place as a whole; leave {name} out, or say it without a URL");
        }

        // Not a Uri: that would fold "..", change the case of the bucket, and read a prefix's % as an escape.
        const string scheme = "s3://";
        if (!url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            Add("it must begin with s3://, as in s3://bucket/prefix");
            return options;
        }

        var question = url.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? url[scheme.Length..] : url[scheme.Length..question];
        if (path.Contains('@', StringComparison.Ordinal) && !path[..path.IndexOf('@', StringComparison.Ordinal)].Contains('/', StringComparison.Ordinal))
        {
            Add("no user or password belongs in it; credentials come from the environment or a profile");
            return options;
        }

        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash == 0 || path.Length == 0)
        {
            Add("it names no bucket; it must be like s3://bucket/prefix");
            return options;
        }

        var result = options with
        {
            Bucket = slash < 0 ? path : path[..slash],
            Prefix = slash < 0 ? null : path[(slash + 1)..],
        };
        var query = HttpUtility.ParseQueryString(question < 0 ? "" : url[(question + 1)..]);
        foreach (var name in query.AllKeys)
        {
            var values = query.GetValues(name);
            var known = InQuery.FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
            if (known is null || values is not [{ Length: > 0 } value])
            {
                Add($"behind its '?' may stand {string.Join(", ", InQuery)}, each once as Name=value, and nothing else");
                continue;
            }

            var said = known switch
            {
                nameof(Region) => options.Region is not null,
                nameof(Endpoint) => options.Endpoint is not null,
                nameof(Profile) => options.Profile is not null,
                nameof(AllowHttp) => options.AllowHttp,
                _ => options.Create,
            };
            if (said)
                Add($"{known} is said in the URL and beside it; say it once");
            bool yes = false;
            if (known is nameof(AllowHttp) or nameof(Create) && !bool.TryParse(value, out yes))
                Add($"{known} must be true or false");
            result = known switch
            {
                nameof(Region) => result with { Region = value },
                nameof(Endpoint) => result with { Endpoint = value },
                nameof(Profile) => result with { Profile = value },
                nameof(AllowHttp) => result with { AllowHttp = yes },
                _ => result with { Create = yes },
            };
        }

        return result;

        void Add(string problem) => problems.Add(new(problem, [nameof(options.Url)]));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\z")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex RegionName();
}
