using System.Reflection;

namespace CoreSrl.Packages.Tests;

/// <summary>Where the sources are that are packed.</summary>
internal static class Repository
{
    public static string Path => Metadata("RepositoryPath");

    public static string Configuration => Metadata("BuildConfiguration");

    private static string Metadata(string key) => Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
