using System.Web;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>A place in one word: <c>azure://account/container/prefix?Endpoint=…</c>.</summary>
internal static class AzureUrl
{
    private const string Scheme = "azure://";
    private const string Example = "azure://account/container/prefix";

    /// <summary>The options that a URL stands for. Of a wrong one nothing is echoed: a secret could stand in it.</summary>
    /// <param name="options">Options with a URL.</param>
    /// <param name="add">Told of each problem.</param>
    public static AzureStorageOptions Spread(AzureStorageOptions options, Action<string> add)
    {
        foreach (var (name, said) in new[]
        {
            (nameof(options.Account), options.Account), (nameof(options.Container), options.Container), (nameof(options.Prefix), options.Prefix),
        })
        {
            if (said is not null)
                add($"the URL says the place as a whole; leave {name} out, or say it without a URL");
        }

        // Not a Uri: that would fold "..", and read a prefix's % as an escape.
        var url = options.Url!;
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var path = (question < 0 ? url : url[..question]).Split('/', 5);
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || path.Length < 4 || path[3].Length == 0)
        {
            add($"it must be like {Example}");
            return options;
        }

        if (path[2].Contains('@', StringComparison.Ordinal))
        {
            add("no user or password belongs in it; credentials come from the environment");
            return options;
        }

        var result = options with { Account = path[2], Container = path[3], Prefix = path.Length == 5 ? path[4] : null };
        var query = HttpUtility.ParseQueryString(question < 0 ? "" : url[(question + 1)..]);
        foreach (var name in query.AllKeys)
        {
            if (query.GetValues(name) is [{ Length: > 0 } value])
                result = With(options, result, name?.ToLowerInvariant(), value, add);
            else
                add(Allowed);
        }

        return result;
    }

    private const string Allowed =
        $"behind its '?' may stand {nameof(AzureStorageOptions.Endpoint)}, {nameof(AzureStorageOptions.AllowHttp)} and {nameof(AzureStorageOptions.Create)}, each once as Name=value, and nothing else";

    private static AzureStorageOptions With(AzureStorageOptions beside, AzureStorageOptions result, string? name, string value, Action<string> add)
    {
        switch (name)
        {
            case "endpoint":
                if (beside.Endpoint is not null)
                    add(Twice(nameof(beside.Endpoint)));
                return result with { Endpoint = value };
            case "allowhttp":
                return result with { AllowHttp = YesOrNo(nameof(beside.AllowHttp), beside.AllowHttp) };
            case "create":
                return result with { Create = YesOrNo(nameof(beside.Create), beside.Create) };
            default:
                add(Allowed);
                return result;
        }

        bool YesOrNo(string option, bool said)
        {
            if (said)
                add(Twice(option));
            if (!bool.TryParse(value, out var yes))
                add($"{option} must be true or false");
            return yes;
        }

        static string Twice(string option) => $"{option} is said in the URL and beside it; say it once";
    }
}
